//! What is damaged or meant to harm: it costs itself, is named in the report, and nothing else is lost or half-done.

use std::{fs, os::unix::fs::symlink};

use brain::ids::ChatId;
use legacy_memory::{Order, Progress, Status, Step, import};
use sqlx::Executor;

use crate::{
    import::{clock, conversation, file, message, number, order, run, sample, write},
    support::database::Database,
};

#[tokio::test]
async fn damaged_files_lose_only_what_is_damaged_and_say_which() {
    let pool = Database::create().await.pool();
    let dir = sample("damaged");
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(&dir) }).await;
    assert!(!report.is_clean());
    assert_eq!(conversation(&pool, 77).await, [("user".into(), "the one good row".into())]);
    let reasons: Vec<(u64, &str)> = file(&report, "short_term.json")
        .refusals
        .iter()
        .map(|refusal| (refusal.row.unwrap(), refusal.reason.as_str()))
        .collect();
    assert_eq!(
        reasons,
        [
            (0, "its role is neither user nor assistant"),
            (1, "it has no content"),
            (2, "the row is no JSON object"),
            (3, "it has no content")
        ]
    );
    assert_eq!(file(&report, "whole_history.json").refusals[0].reason, "the file is cut off here");
}

#[tokio::test]
async fn hostile_files_do_no_harm() {
    let pool = Database::create().await.pool();
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(10 << 20);
    let mut rows = format!(
        "\u{FEFF}[{}, {{\"role\": \"user\", \"content\": \"a\\u0000b\", \"timestamp\": 2}},
          {{\"role\": \"user\", \"content\": {}{}, \"timestamp\": 3}},
          {{\"role\": \"user\", \"content\": \"far\", \"timestamp\": 884541340800}},
          {{\"role\": \"user\", \"content\": \"big\", \"timestamp\": 1e400000}},
          {{\"role\": \"user\", \"content\": \"chat\", \"timestamp\": 4, \"telegram_chat_id\": 99999999999999999999}},
          {{\"role\": \"user\", \"content\": \"bytes ",
        message("user", &long, 1.0),
        "[".repeat(200),
        "]".repeat(200),
    )
    .into_bytes();
    rows.extend_from_slice(
        b"\xFF\", \"timestamp\": 5}, {\"role\": \"user\", \"content\": \"last\", \"timestamp\": 6}]",
    );
    write(dir.path(), "whole_history.json", rows);
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    let file = file(&report, "whole_history.json");
    assert_eq!((file.rows, file.imported, file.refused), (8, 3, 5), "{report}");
    let said = conversation(&pool, 77).await;
    assert_eq!(said[0].1.len(), 10 << 20);
    assert_eq!(said[1].1, "a\u{FFFD}b");
    assert_eq!(said[2].1, "last");
}

/// What Python writes for a number that is none, and what other programs and hands have left behind.
#[tokio::test]
async fn a_field_that_cannot_be_read_costs_itself_and_not_its_row() {
    let pool = Database::create().await.pool();
    let dir = tempfile::tempdir().unwrap();
    let rows = [
        r#"{"role": "user", "content": "one", "timestamp": 1, "score": NaN}"#.as_bytes(),
        r#"{"id": NaN, "role": "user", "content": "two", "timestamp": 2, "telegram_chat_id": NaN}"#
            .as_bytes(),
        r#"{"role": "user", "content": {"content": "three", "n": -Infinity}, "timestamp": 3,}"#.as_bytes(),
        b"{\"role\": \"user\", \"content\": \"four\", \"timestamp\": 4, \"speaker\": \"\xFF\"}",
        b"{\"role\": \"user\", \"content\": \"fi\nve\", \"timestamp\": 5, \"n\": 0x1F}",
        r#"{"role": "user", "content": "when?", "timestamp": NaN}"#.as_bytes(),
        r#"{"role": "user", "content": "where?", "timestamp": 7, "telegram_chat_id": 7x}"#.as_bytes(),
        br#"{"role": "user", "content": NaN, "timestamp": 8}"#,
    ];
    write(dir.path(), "whole_history.json", [b"[", rows.join(&b", "[..]).as_slice(), b"]"].concat());
    write(dir.path(), "rules.json", r#"[{"rule": "Be brief.", "priority": NaN}]"#);
    write(dir.path(), "ai_settings.json", r#"{"model": "llama", "temperature": NaN, "max_tokens": 900}"#);
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    let said: Vec<String> = conversation(&pool, 77).await.into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["one", "two", "three", "four", "fi\nve"]);
    let refusals = &file(&report, "whole_history.json").refusals;
    let reasons: Vec<_> = refusals.iter().map(|refusal| (refusal.row, refusal.reason.as_str())).collect();
    assert_eq!(
        reasons,
        [
            (Some(5), "its time cannot be read"),
            (Some(6), "its chat id is no number of a chat"),
            (Some(7), "it has no content")
        ]
    );
    assert_eq!(file(&report, "rules.json").imported, 1);
    let settings = "select count(*) from account_settings where setting_key in ('model', 'max_tokens')";
    assert_eq!(number(&pool, settings).await, 2);
}

#[tokio::test]
async fn files_in_utf_16_or_with_a_mark_come_over_like_any_other() {
    let pool = Database::create().await.pool();
    let encodings: [fn(&str) -> Vec<u8>; 4] = [
        |text| text.as_bytes().to_vec(),
        |text| text.encode_utf16().flat_map(u16::to_le_bytes).collect(),
        |text| text.encode_utf16().flat_map(u16::to_be_bytes).collect(),
        |text| text.trim_start_matches('\u{FEFF}').encode_utf16().flat_map(u16::to_le_bytes).collect(),
    ];
    for (chat, encode) in (1..).zip(encodings) {
        let dir = tempfile::tempdir().unwrap();
        let rows =
            format!("\u{FEFF}[{}, {}]", message("user", "Привіт 💙", 1.0), message("assistant", "hi", 2.0));
        write(dir.path(), "whole_history.json", encode(&rows));
        let context = "\u{FEFF}[{\"summary\": \"Живе у Львові\", \"timestamp\": 1}]";
        write(dir.path(), "history_context.json", encode(context));
        let report = run(&pool, Order { chat: Some(ChatId(chat)), ..order(dir.path()) }).await;
        assert!(report.is_clean(), "{report}");
        let expected = [("user".into(), "Привіт 💙".into()), ("assistant".into(), "hi".into())];
        assert_eq!(conversation(&pool, chat).await, expected);
        assert_eq!(report.folders[0].facts, 1);
    }
}

/// There is no way out of the folder but a link: names come from the folder itself, and what stands in a file is never a path.
#[tokio::test]
async fn links_lead_nowhere() {
    let pool = Database::create().await.pool();
    let (dir, outside) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let rows = format!("[{}]", message("user", "not meant for this chat", 1.0));
    write(outside.path(), "memory/whole_history.json", rows);
    write(dir.path(), "account_..%2F..%2F/whole_history.json", format!("[{}]", message("user", "here", 1.0)));
    symlink(outside.path().join("memory"), dir.path().join("memory")).unwrap();
    symlink(outside.path().join("memory/whole_history.json"), dir.path().join("mid_term.json")).unwrap();
    symlink("..", dir.path().join("up")).unwrap();
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    assert_eq!(conversation(&pool, 77).await, [("user".into(), "here".into())]);
    let skipped: Vec<&str> = report.skipped.iter().map(|skipped| skipped.file.as_str()).collect();
    assert_eq!(skipped, ["memory", "mid_term.json", "up"]);
    assert!(report.skipped.iter().all(|skipped| skipped.reason.contains("link")));
}

/// One byte of one stored row is another one: the database's fault, seen by the check.
#[tokio::test]
async fn one_flipped_byte_fails_the_import_and_nothing_of_it_stays() {
    let pool = Database::create().await.pool();
    pool.execute(
        "create function flip() returns trigger language plpgsql as $$
         begin
             if new.content = 'message 100' then new.content := 'message 10O'; end if;
             return new;
         end $$;
         create trigger flip before insert on chat_history for each row execute function flip()",
    )
    .await
    .unwrap();
    let dir = sample("accounts");
    let report = run(&pool, order(&dir)).await;
    let folder = &report.folders[1];
    assert_eq!(folder.status, Status::Failed);
    assert!(folder.problem.as_ref().unwrap().contains("checksum"), "{folder:?}");
    assert_eq!(report.totals().imported, 0);
    for table in [
        "select count(*) from chat_history",
        "select count(*) from accounts",
        "select count(*) from history_context",
        "select count(*) from account_chats",
    ] {
        assert_eq!(number(&pool, table).await, 0, "{table}");
    }
    assert_eq!(
        number(&pool, "select count(*) from migration_mapping where migration_status = 'failed'").await,
        2
    );

    pool.execute("drop trigger flip on chat_history").await.unwrap();
    let report = run(&pool, order(&dir)).await;
    assert_eq!(report.folders[1].status, Status::Done);
}

/// The file is not what it was when it was read: what was read of it does not count.
#[tokio::test]
async fn a_file_that_changes_by_one_byte_meanwhile_fails_the_import() {
    let pool = Database::create().await.pool();
    let dir = tempfile::tempdir().unwrap();
    let rows = format!("[{}]", message("user", "I live in Lviv", 1.0));
    write(dir.path(), "memory/whole_history.json", &rows);
    let path = dir.path().join("memory/whole_history.json");
    let flip = |progress: Progress<'_>| {
        if progress.step == Step::Writing {
            fs::write(&path, rows.replace("Lviv", "Lwiv")).unwrap();
        }
    };
    let order = Order { chat: Some(ChatId(77)), ..order(dir.path()) };
    let report = import(&pool, &clock(), order, &flip).await.unwrap();
    let folder = &report.folders[0];
    assert_eq!(folder.status, Status::Failed);
    assert!(folder.problem.as_ref().unwrap().contains("has changed while it was read"), "{folder:?}");
    assert!(!report.is_clean());
    assert_eq!(number(&pool, "select count(*) from chat_history").await, 0);
    assert_eq!(number(&pool, "select count(*) from accounts").await, 0);
}
