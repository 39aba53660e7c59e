//! The old bot's files become rows: all of them, once, in their order, or none.

use std::{
    fs,
    path::{Path, PathBuf},
};

use brain::{clock::Clock, ids::ChatId};
use legacy_memory::{FileReport, ImportError, Order, Report, Status, import};
use serde_json::{Value, json};
use sqlx::{Executor, PgPool};

use crate::support::database::Database;

pub fn sample(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/legacy").join(name)
}

pub fn order(dir: &Path) -> Order<'_> {
    Order {
        dir,
        chat: None,
        only: None,
        account: None,
        dry_run: false,
        default_model: ("gpt-6-luna", "https://api.openai.com/v1"),
        connections: 2,
    }
}

pub fn clock() -> Clock {
    Clock::standing_at("2026-11-22T12:00:00Z".parse().unwrap())
}

pub async fn run(pool: &PgPool, order: Order<'_>) -> Report {
    let report = import(pool, &clock(), order, &|_| {}).await.expect("the import comes to its end");
    for file in report.folders.iter().flat_map(|folder| &folder.files) {
        let taken = file.imported + file.already_there + file.of_other_chats + file.refused;
        assert_eq!(file.rows, taken, "the sums add up: {file:?}");
    }
    report
}

pub fn file<'a>(report: &'a Report, name: &str) -> &'a FileReport {
    let mut files = report.folders.iter().flat_map(|folder| &folder.files);
    files.find(|file| file.file.ends_with(name)).unwrap_or_else(|| panic!("no file {name}"))
}

/// Everything that an import could change, as text; ids left out, order kept.
pub async fn everything(pool: &PgPool) -> String {
    sqlx::query_scalar(
        "select jsonb_build_object(
             'messages', (select jsonb_agg(jsonb_build_array(telegram_chat_id, role, content, memory_type, timestamp)
                          order by telegram_chat_id, timestamp, id) from chat_history),
             'facts', (select jsonb_agg(jsonb_build_array(telegram_chat_id, number, content, valid_from, imported_from, scope)
                       order by account_id, number) from history_context),
             'rules', (select jsonb_agg(jsonb_build_array(category, content, priority, is_active) order by id) from bot_rules),
             'settings', (select jsonb_agg(jsonb_build_array(setting_key, setting_value) order by setting_key) from account_settings),
             'temporary', (select jsonb_agg(jsonb_build_array(telegram_chat_id, created_at, expires_at)) from temporary_accounts),
             'chats', (select jsonb_agg(telegram_chat_id order by telegram_chat_id) from account_chats),
             'accounts', (select count(*) from accounts),
             'conversations', (select jsonb_agg(jsonb_build_array(telegram_chat_id, thread_id, read_through)
                               order by telegram_chat_id) from conversations),
             'mapping', (select jsonb_agg(jsonb_build_array(old_chat_id, old_account_id, migration_status, checksums)
                         order by old_chat_id) from migration_mapping)
         )::text",
    )
    .fetch_one(pool)
    .await
    .unwrap()
}

/// The conversation of a chat, oldest first.
pub async fn conversation(pool: &PgPool, chat: i64) -> Vec<(String, String)> {
    sqlx::query_as(
        "select role, content from chat_history where telegram_chat_id = $1 order by timestamp, id",
    )
    .bind(chat)
    .fetch_all(pool)
    .await
    .unwrap()
}

pub async fn number(pool: &PgPool, query: &'static str) -> i64 {
    sqlx::query_scalar(query).fetch_one(pool).await.unwrap()
}

/// Writes `memory/<name>` under a folder.
pub fn write(dir: &Path, name: &str, content: impl AsRef<[u8]>) {
    let path = dir.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
}

pub fn message(role: &str, content: &str, seconds: f64) -> Value {
    json!({"role": role, "content": content, "timestamp": seconds})
}

#[tokio::test]
async fn one_chat_s_memory_comes_over_with_everything_in_it() {
    let pool = Database::create().await.pool();
    let dir = sample("single");
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(&dir) }).await;

    assert!(report.is_clean(), "{report}");
    assert_eq!(file(&report, "whole_history.json").imported, 10);
    assert_eq!(file(&report, "short_term.json").already_there, 10, "the same messages once more");
    let said = conversation(&pool, 77).await;
    assert_eq!(said.len(), 10);
    assert_eq!(said[0], ("user".into(), "My name is Olena".into()));
    assert_eq!(said[1], ("assistant".into(), "Nice to meet you, Olena!".into()));
    assert_eq!(number(&pool, "select count(*) from chat_history where memory_type = 'mid_term'").await, 10);
    let facts: Vec<(i32, String, String)> =
        sqlx::query_as("select number, content, imported_from from history_context order by number")
            .fetch_all(&pool)
            .await
            .unwrap();
    assert_eq!(facts.len(), 2);
    assert_eq!(facts[1], (2, "- Olena likes blue".into(), "memory/history_context.json".into()));
    assert_eq!(
        number(&pool, "select count(*) from bot_rules where content = 'Answer briefly.' and category = 'Tone' and priority = 3")
            .await,
        1
    );
    let notes = report.folders[0].notes.join("\n");
    assert!(notes.contains("gpt-3.5-turbo no longer exists"), "{notes}");
    let audit: Value = sqlx::query_scalar("select details from audit_log where action = 'import'")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(audit["messages"], 10);
    assert_eq!(audit["files"][0]["sha256"].as_str().unwrap().len(), 64);
    // Nobody has read them for facts: the daily analysis will.
    assert_eq!(number(&pool, "select count(*) from conversations where read_through = 0").await, 1);
}

#[tokio::test]
async fn folders_of_accounts_come_over_and_their_numbers_mean_nothing_here() {
    let pool = Database::create().await.pool();
    pool.execute("insert into accounts (name) values ('somebody else')").await.unwrap();
    let dir = sample("accounts");
    let report = run(&pool, order(&dir)).await;

    let [nothing, account] = report.folders.as_slice() else { panic!("{report}") };
    assert_eq!((nothing.status, account.status), (Status::Nothing, Status::Done));
    assert_eq!(
        file(&report, "account_0/history_context.json").refusals[0].reason,
        "no chat is named: give one with --chat-id"
    );
    assert_ne!(account.account, Some(1), "account 1 is somebody else's");
    assert_eq!(account.chats, [-1_009_988_776, 555_001]);
    let in_files = ["whole_history.json", "mid_term.json", "short_term.json"]
        .iter()
        .map(|name| file(&report, &format!("account_1/{name}")).imported)
        .sum::<u64>();
    assert_eq!(i64::try_from(in_files).unwrap(), number(&pool, "select count(*) from chat_history").await);
    // The account had expired in 2025.
    let days =
        number(&pool, "select (expires_at::date - date '2026-11-22')::bigint from temporary_accounts").await;
    assert_eq!(days, 7);
    assert_eq!(number(&pool, "select count(*) from outgoing_messages where plain like '%expired%'").await, 1);
    assert_eq!(number(&pool, "select count(*) from bot_rules where not is_active").await, 1);
    assert_eq!(report.skipped.len(), 1);
}

#[tokio::test]
async fn twice_and_at_once_is_as_once_and_a_dry_run_is_as_never() {
    let pool = Database::create().await.pool();
    let dir = sample("accounts");
    let before = everything(&pool).await;
    let dry = run(&pool, Order { dry_run: true, ..order(&dir) }).await;
    assert_eq!(everything(&pool).await, before);

    let (first, second) = tokio::join!(run(&pool, order(&dir)), run(&pool, order(&dir)));
    let once = everything(&pool).await;
    let counted: Vec<u64> = vec![dry.totals().imported, first.totals().imported + second.totals().imported];
    assert_eq!(counted[0], counted[1], "the dry run said what would come");
    let again = run(&pool, order(&dir)).await;
    assert_eq!((again.totals().imported, again.folders[1].status), (0, Status::AlreadyDone));
    assert_eq!(everything(&pool).await, once);

    // The same without the note that it was done.
    pool.execute("update migration_mapping set checksums = null").await.unwrap();
    let again = run(&pool, order(&dir)).await;
    assert_eq!((again.totals().imported, again.folders[1].status), (0, Status::Done));
    assert_eq!(everything(&pool).await, once);
}

#[tokio::test]
async fn what_the_chat_says_already_stays_and_the_old_goes_before_it() {
    let pool = Database::create().await.pool();
    pool.execute(
        "insert into accounts (name) values ('A');
         insert into account_chats (account_id, telegram_chat_id) values (1, 77);
         insert into chat_history (account_id, telegram_chat_id, role, content, timestamp) values
             (1, 77, 'user', 'here and there', to_timestamp(200)), (1, 77, 'user', 'new', '2026-11-22 11:59:00Z')",
    )
    .await
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let rows = json!([
        message("user", "old", 100.0),
        message("user", "here and there", 200.0),
        // Said twice at one moment.
        message("user", "ok", 300.0),
        message("user", "ok", 300.0),
    ]);
    write(dir.path(), "memory/whole_history.json", rows.to_string());
    write(dir.path(), "memory/short_term.json", json!([message("user", "ok", 300.0)]).to_string());
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    assert_eq!((report.folders[0].account, report.folders[0].messages), (Some(1), 3));
    let said: Vec<String> = conversation(&pool, 77).await.into_iter().map(|(_, text)| text).collect();
    assert_eq!(said, ["old", "here and there", "ok", "ok", "new"]);
}

#[tokio::test]
async fn tiers_are_those_of_today_s_rules() {
    let pool = Database::create().await.pool();
    let dir = tempfile::tempdir().unwrap();
    let now = clock().now().timestamp();
    #[expect(clippy::cast_precision_loss, reason = "small")]
    let rows: Vec<Value> = (0..300)
        .map(|minute| message("user", &format!("{minute}"), (now - 60 * (600 - 2 * minute)) as f64))
        .collect();
    write(dir.path(), "memory/mid_term.json", json!(rows).to_string());
    run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    let tiers: Vec<(String, i64)> =
        sqlx::query_as("select memory_type, count(*) from chat_history group by 1 order by 1")
            .fetch_all(&pool)
            .await
            .unwrap();
    // 600 minutes in steps of two: the session of six hours holds what is less than 360 minutes old.
    let expected: Vec<(String, i64)> = vec![("mid_term".into(), 121), ("short_term".into(), 179)];
    assert_eq!(tiers, expected);
}

#[tokio::test]
async fn one_chat_is_never_given_to_several_folders() {
    let pool = Database::create().await.pool();
    let dir = tempfile::tempdir().unwrap();
    for name in ["a", "b"] {
        let rows = json!([message("user", name, 1.0)]);
        write(dir.path(), &format!("{name}/memory/whole_history.json"), rows.to_string());
    }
    let report = run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    assert_eq!(report.totals().refused, 2);
    assert_eq!(number(&pool, "select count(*) from chat_history").await, 0);
}

#[tokio::test]
async fn the_files_are_as_they_were() {
    let pool = Database::create().await.pool();
    let dir = tempfile::tempdir().unwrap();
    let rows = json!([message("user", "x", 1.0)]).to_string();
    write(dir.path(), "memory/whole_history.json", &rows);
    let path = dir.path().join("memory/whole_history.json");
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    run(&pool, Order { chat: Some(ChatId(77)), ..order(dir.path()) }).await;
    assert_eq!(fs::read_to_string(&path).unwrap(), rows);
    assert_eq!(fs::metadata(&path).unwrap().modified().unwrap(), before);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 1);
    let missing = dir.path().join("nowhere");
    let error = import(&pool, &clock(), order(&missing), &|_| {}).await.unwrap_err();
    assert!(matches!(error, ImportError::Io(_)));
}
