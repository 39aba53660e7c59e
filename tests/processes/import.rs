//! `pykhbrain import`, killed again and again: what comes of it in the end is what comes of it at once.

use std::{path::Path, time::Duration};

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::support::{database::Database, process::Process};

const MESSAGES: i64 = 30_000;
const ROUNDS: usize = 20;

/// Many messages, some at one moment, in two files that overlap, with facts and rules.
fn files(dir: &Path) {
    let memory = dir.join("memory");
    std::fs::create_dir_all(&memory).unwrap();
    let rows: Vec<Value> = (0..MESSAGES)
        .map(|n| {
            let role = if n % 2 == 0 { "user" } else { "assistant" };
            json!({"role": role, "content": format!("message {n} about the weather in Lviv"), "timestamp": 1_700_000_000 + n / 3})
        })
        .collect();
    std::fs::write(memory.join("whole_history.json"), json!(rows).to_string()).unwrap();
    std::fs::write(memory.join("short_term.json"), json!(rows[rows.len() - 300..]).to_string()).unwrap();
    let facts = json!([{"summary": "Olena likes blue.", "timestamp": "2025-02-14T12:30:00"}]);
    std::fs::write(memory.join("history_context.json"), facts.to_string()).unwrap();
    std::fs::write(memory.join("rules.json"), json!([{"text": "Be kind."}]).to_string()).unwrap();
}

fn variables(database: &Database) -> [(&'static str, String); 1] {
    [("DATABASE_URL", database.url.clone())]
}

fn arguments(dir: &Path) -> [&str; 4] {
    ["import", dir.to_str().unwrap(), "--chat-id", "77"]
}

/// Everything that the import has written, but for numbers and times of day.
async fn everything(pool: &PgPool) -> String {
    sqlx::query_scalar(
        "select jsonb_build_object(
             'messages', (select md5(string_agg(concat_ws('|', role, content, memory_type, timestamp), chr(10) order by timestamp, id))
                          from chat_history),
             'count', (select count(*) from chat_history),
             'facts', (select jsonb_agg(jsonb_build_array(number, content, imported_from) order by number) from history_context),
             'rules', (select jsonb_agg(content order by id) from bot_rules),
             'chats', (select jsonb_agg(telegram_chat_id) from account_chats),
             'accounts', (select count(*) from accounts),
             'temporary', (select count(*) from temporary_accounts),
             'conversations', (select jsonb_agg(jsonb_build_array(telegram_chat_id, read_through)) from conversations),
             'audit', (select count(*) from audit_log),
             'mapping', (select jsonb_agg(jsonb_build_array(old_chat_id, migration_status)) from migration_mapping)
         )::text",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// Waits until there are more messages than before, or all of them.
async fn it_writes(pool: &sqlx::PgPool) {
    let stored = || async {
        let count: i64 =
            sqlx::query_scalar("select count(*) from chat_history").fetch_one(pool).await.unwrap();
        count
    };
    let before = stored().await;
    let written = async {
        while before < MESSAGES && stored().await <= before {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(Duration::from_mins(2), written).await.expect("it writes");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_twenty_times_an_import_comes_to_the_same_as_at_once() {
    let _alone = crate::ALONE.lock().await;
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let whole = Database::create().await;
    let mut process = Process::start(&arguments(dir.path()), &variables(&whole));
    let begun = std::time::Instant::now();
    assert_eq!(process.ended(Duration::from_mins(2)).await, Some(0));
    let one_run = begun.elapsed();

    let seed: u64 = rand::random();
    println!("seed {seed}, one run takes {one_run:?}");
    let mut rng = StdRng::seed_from_u64(seed);
    let (mut broken, mut partial) = (0_usize, 0_usize);
    let mut database = Database::create().await;
    for round in 0..ROUNDS {
        let process = Process::start(&arguments(dir.path()), &variables(&database));
        let pool = database.pool();
        if round % 2 == 0 {
            tokio::time::sleep(one_run.mul_f64(rng.random_range(0.1..1.0))).await;
        } else {
            it_writes(&pool).await;
        }
        process.kill().await;
        let status: Option<String> = sqlx::query_scalar("select migration_status from migration_mapping")
            .fetch_optional(&pool)
            .await
            .unwrap();
        let stored: i64 =
            sqlx::query_scalar("select count(*) from chat_history").fetch_one(&pool).await.unwrap();
        broken += usize::from(status.as_deref() != Some("done"));
        partial += usize::from(status.as_deref() == Some("running") && stored > 0 && stored < MESSAGES);
        // One that has come to its end is looked at, and a new one is begun.
        if status.as_deref() == Some("done") || round == ROUNDS - 1 {
            let mut process = Process::start(&arguments(dir.path()), &variables(&database));
            assert_eq!(process.ended(Duration::from_mins(2)).await, Some(0));
            assert_eq!(everything(&pool).await, everything(&whole.pool()).await);
            database = Database::create().await;
        }
    }
    println!("{broken} kills broke one off, {partial} of them between its first and its last message");
    assert!(broken > 2 && partial > 0, "the kills missed");
}

#[tokio::test(flavor = "multi_thread")]
async fn two_processes_at_once_bring_everything_once() {
    let _alone = crate::ALONE.lock().await;
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let database = Database::create().await;
    let mut processes = [(); 2].map(|()| Process::start(&arguments(dir.path()), &variables(&database)));
    for process in &mut processes {
        assert_eq!(process.ended(Duration::from_mins(2)).await, Some(0));
    }
    let pool = database.pool();
    let stored: i64 = sqlx::query_scalar("select count(*) from chat_history").fetch_one(&pool).await.unwrap();
    assert_eq!(stored, MESSAGES);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_says_whose_it_becomes() {
    let _alone = crate::ALONE.lock().await;
    let dir = tempfile::tempdir().unwrap();
    let memory = dir.path().join("memory");
    std::fs::create_dir_all(&memory).unwrap();
    let rows = json!([{"role": "user", "content": "hi", "timestamp": 1_700_000_000}]);
    std::fs::write(memory.join("whole_history.json"), rows.to_string()).unwrap();
    let database = Database::create().await;
    let pool = database.pool();
    let import = async |chat, email| {
        let more = ["--chat-id", chat, "--account", email];
        let arguments: Vec<&str> = ["import", dir.path().to_str().unwrap()].into_iter().chain(more).collect();
        Process::output(&arguments, &variables(&database)).await
    };
    sqlx::raw_sql(
        "insert into accounts (name) values ('Ada'), ('Grace'), ('both');
         insert into account_users (account_id, email) values
             (1, 'ada@example.com'), (2, 'grace@example.com'), (3, 'grace@example.com');
         insert into account_chats (account_id, telegram_chat_id) values (2, 78)",
    )
    .execute(&pool)
    .await
    .unwrap();

    let (code, words) = import("77", "nobody@example.com").await;
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("nobody with the address nobody@example.com is in an account"), "{words}");
    let (code, words) = import("77", "grace@example.com").await;
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("grace@example.com is in 2 accounts"), "{words}");
    let (code, words) = import("78", "ada@example.com").await;
    assert_eq!(code, Some(1), "{words}");
    assert!(
        words.contains("row 0: its chat belongs to another account here")
            || words.contains("1 rows: its chat belongs"),
        "{words}"
    );
    let stored = async || -> i64 {
        sqlx::query_scalar("select count(*) from chat_history where account_id = 1")
            .fetch_one(&pool)
            .await
            .unwrap()
    };
    assert_eq!(stored().await, 0);

    let (code, words) = import("77", " Ada@Example.com").await;
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains("-> account 1, chats 77"), "{words}");
    assert_eq!(stored().await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_refused_is_in_the_report_and_the_exit_code() {
    let _alone = crate::ALONE.lock().await;
    let sample = |name: &str| Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/legacy").join(name);
    let database = Database::create().await;
    let folder = tempfile::tempdir().unwrap();
    let report = folder.path().join("report.json");
    let damaged = sample("damaged");
    let [import, dir, option, chat] = arguments(&damaged);
    let more = ["--report", report.to_str().unwrap(), "--dry-run"];
    let arguments: Vec<&str> = [import, dir, option, chat].into_iter().chain(more).collect();
    let mut process = Process::start(&arguments, &variables(&database));
    assert_eq!(process.ended(Duration::from_mins(1)).await, Some(1));
    let report: Value = serde_json::from_slice(&std::fs::read(report).unwrap()).unwrap();
    let files = report["folders"][0]["files"].as_array().unwrap();
    let refused: u64 = files.iter().map(|file| file["refused"].as_u64().unwrap()).sum();
    assert_eq!((refused, &report["dry_run"]), (5, &json!(true)));
    let stored: i64 =
        sqlx::query_scalar("select count(*) from accounts").fetch_one(&database.pool()).await.unwrap();
    assert_eq!(stored, 0);
}
