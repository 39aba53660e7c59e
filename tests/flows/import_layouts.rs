//! Any conversation, written out in each layout of the old bot, comes over as the same conversation.

use std::path::Path;

use brain::ids::ChatId;
use chrono::{DateTime, Utc};
use legacy_memory::Order;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sqlx::Executor;

use crate::{
    import::{message, order, run, write},
    support::database::Database,
};

/// A message of a made-up list: seconds since 1970 with microseconds, who, what.
type Said = (i64, bool, String);

fn any_list(rng: &mut StdRng) -> Vec<Said> {
    const PIECES: [&str; 14] =
        ["ok", "\"", "\\", "\u{0}", "💙", "привіт ", "]", "{", "\n", ", ", "x", "\u{FEFF}", "}", " "];
    let mut at = rng.random_range(0..1_700_000_000_000_000_i64);
    let mut list = Vec::new();
    for _ in 0..rng.random_range(0..40) {
        // Often at the same moment, sometimes before.
        at = match rng.random_range(0..5) {
            0 | 1 => at,
            2 => (at - rng.random_range(0..3_000_000)).max(0),
            _ => at + rng.random_range(0..90_000_000),
        };
        let text: String =
            (0..rng.random_range(0..4)).map(|_| PIECES[rng.random_range(0..PIECES.len())]).collect();
        list.push((at, rng.random_bool(0.5), format!("{text}.")));
    }
    list
}

fn rows(list: &[Said], row: impl Fn(usize, &Said, &str) -> Value) -> String {
    let role = |said: &Said| if said.1 { "user" } else { "assistant" };
    Value::from(list.iter().enumerate().map(|(n, said)| row(n, said, role(said))).collect::<Vec<_>>())
        .to_string()
}

#[expect(clippy::cast_precision_loss, reason = "exact: below 2^53")]
fn seconds(micros: i64) -> f64 {
    micros as f64 / 1e6
}

fn iso(micros: i64) -> String {
    DateTime::from_timestamp_micros(micros).unwrap().format("%Y-%m-%dT%H:%M:%S%.6f").to_string()
}

/// The list in every layout that the old bot wrote, each in a folder of its own.
fn write_layouts(dir: &Path, list: &[Said]) -> Vec<&'static str> {
    let old = |_: usize, said: &Said, role: &str| message(role, &said.2, seconds(said.0));
    write(dir, "one/memory/whole_history.json", rows(list, old));
    write(dir, "one/memory/short_term.json", rows(&list[list.len() / 2..], old));

    let nested = |_: usize, said: &Said, role: &str| json!({"role": role, "content": {"role": role, "content": said.2}, "timestamp": iso(said.0)});
    write(dir, "down/deeper/memory/whole_history.json", rows(list, nested));
    write(dir, "down/deeper/memory/mid_term.json", "[]");

    let new = |n: usize, said: &Said, role: &str| {
        json!({"id": n % 7, "account_id": 1, "telegram_chat_id": 77, "role": role, "content": said.2,
               "memory_type": "whole_history", "timestamp": iso(said.0)})
    };
    write(dir, "accounts/memory/account_1/whole_history.json", rows(list, new));
    write(dir, "accounts/memory/account_1/short_term.json", rows(&list[list.len() / 3..], new));

    // Only the row in the middle names the chat.
    let bare = |n: usize, said: &Said, role: &str| {
        if n == list.len() / 2 {
            new(n, said, role)
        } else {
            json!({"role": role, "content": said.2, "timestamp": iso(said.0)})
        }
    };
    write(dir, "bare/account_9/mid_term.json", rows(list, bare));

    // The older half in one place and the newer in the other, cut where a moment ends.
    let mut sorted = list.to_vec();
    sorted.sort_by_key(|said| said.0);
    let middle = sorted.get(sorted.len() / 2).map_or(0, |said| said.0);
    let cut = sorted.partition_point(|said| said.0 < middle);
    write(dir, "mixed/memory/whole_history.json", rows(&sorted[..cut], old));
    write(dir, "mixed/memory/account_4/whole_history.json", rows(&sorted[cut..], new));
    vec!["one", "down", "accounts", "bare", "mixed"]
}

#[tokio::test]
async fn any_list_in_any_layout_becomes_the_same_conversation() {
    let pool = Database::create().await.pool();
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let mut rng = StdRng::seed_from_u64(seed);
    for _ in 0..15 {
        let list = any_list(&mut rng);
        let mut expected: Vec<&Said> = list.iter().collect();
        expected.sort_by_key(|said| said.0);
        let expected: Vec<(DateTime<Utc>, String, String)> = expected
            .into_iter()
            .map(|said| {
                let at = DateTime::from_timestamp_micros(said.0).unwrap();
                let role = if said.1 { "user" } else { "assistant" };
                (at, role.to_owned(), said.2.replace('\0', "\u{FFFD}"))
            })
            .collect();
        let dir = tempfile::tempdir().unwrap();
        for layout in write_layouts(dir.path(), &list) {
            let root = dir.path().join(layout);
            let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(&root) }).await;
            assert!(report.is_clean(), "{layout}: {report}");
            let said: Vec<(DateTime<Utc>, String, String)> = sqlx::query_as(
                "select timestamp, role, content from chat_history where telegram_chat_id = 77 order by timestamp, id",
            )
            .fetch_all(&pool)
            .await
            .unwrap();
            assert_eq!(said, expected, "{layout}");
            pool.execute("truncate accounts, migration_mapping cascade").await.unwrap();
        }
    }
}
