//! Whose the memory of old files becomes, and whose it never does.

use brain::{
    db::forget,
    ids::{AccountId, ChatId},
};
use legacy_memory::{Order, Status};
use serde_json::{Value, json};
use sqlx::{Executor, PgPool};

use crate::{
    import::{clock, conversation, file, message, number, order, run, sample, write},
    support::database::Database,
};

#[tokio::test]
async fn a_chat_of_another_account_is_refused_and_an_ambiguous_folder_as_a_whole() {
    let pool = Database::create().await.pool();
    pool.execute(
        "insert into accounts (name) values ('A'), ('B');
         insert into account_chats (account_id, telegram_chat_id) values (1, 555001), (2, -1009988776)",
    )
    .await
    .unwrap();
    let dir = sample("accounts");
    let report = run(&pool, order(&dir)).await;
    let problem = report.folders[1].problem.clone().expect("it is refused");
    assert!(problem.contains("555001") && problem.contains("different accounts"), "{problem}");
    assert_eq!(number(&pool, "select count(*) from chat_history").await, 0);

    let report = run(&pool, Order { account: Some(AccountId(1)), ..order(&dir) }).await;
    assert!(!report.is_clean());
    let refused = &file(&report, "account_1/whole_history.json").refusals;
    assert_eq!(refused[0].reason, "its chat belongs to another account here");
    assert_eq!(
        number(&pool, "select count(distinct telegram_chat_id) from chat_history where account_id = 1").await,
        1
    );
    assert_eq!(number(&pool, "select count(*) from chat_history where account_id = 2").await, 0);
}

/// Ada's account, with a chat of hers in it.
async fn ada_has_an_account(pool: &PgPool) -> AccountId {
    pool.execute(
        "insert into accounts (name) values ('somebody else'), ('Ada');
         insert into account_chats (account_id, telegram_chat_id) values (2, 5);
         insert into account_users (account_id, email, is_admin) values (2, 'ada@example.com', true)",
    )
    .await
    .unwrap();
    AccountId(2)
}

#[tokio::test]
async fn chats_that_nobody_has_join_the_account_that_was_said_and_stay_for_good() {
    let pool = Database::create().await.pool();
    let ada = ada_has_an_account(&pool).await;
    let report = run(&pool, Order { account: Some(ada), ..order(&sample("accounts")) }).await;
    let folder = &report.folders[1];
    assert_eq!((folder.account, folder.status), (Some(ada.0), Status::Done));
    assert_eq!(number(&pool, "select count(*) from account_chats where account_id = 2").await, 3);
    assert_eq!(number(&pool, "select count(*) from chat_history where account_id <> 2").await, 0);
    // The files say when a temporary account ends: hers is none, and the import makes it none.
    assert_eq!(number(&pool, "select count(*) from temporary_accounts").await, 0);
    assert_eq!(number(&pool, "select count(*) from accounts").await, 2);
    assert_eq!(file(&report, "account_1/temporary_accounts.json").imported, 0);
    assert!(!folder.notes.iter().any(|note| note.contains("temporary")), "{:?}", folder.notes);
}

#[tokio::test]
async fn a_chat_of_somebody_else_does_not_join_the_account_that_was_said() {
    let pool = Database::create().await.pool();
    let ada = ada_has_an_account(&pool).await;
    pool.execute("insert into account_chats (account_id, telegram_chat_id) values (1, 77)").await.unwrap();
    let dir = sample("single");
    let order = Order { account: Some(ada), chat: Some(ChatId(77)), ..order(&dir) };
    let report = run(&pool, order).await;
    assert!(!report.is_clean());
    for file in &report.folders[0].files {
        assert_eq!(file.refused, file.rows, "{file:?}");
        for refusal in &file.refusals {
            assert_eq!(refusal.reason, "its chat belongs to another account here", "{}", file.file);
        }
    }
    for table in [
        "select count(*) from chat_history",
        "select count(*) from history_context",
        "select count(*) from bot_rules",
        "select count(*) from migration_mapping",
    ] {
        assert_eq!(number(&pool, table).await, 0, "{table}");
    }
}

/// Olena's chat is here and has old files, with a fact.
async fn olena_has_files(pool: &PgPool, messages: usize) -> tempfile::TempDir {
    pool.execute(
        "insert into accounts (name) values ('Olena');
         insert into account_chats (account_id, telegram_chat_id) values (1, 77)",
    )
    .await
    .unwrap();
    let dir = tempfile::tempdir().unwrap();
    let rows: Vec<Value> = (0..messages)
        .map(|n| json!({"role": "user", "content": format!("message {n}"), "timestamp": 1_700_000_000 + n}))
        .collect();
    write(dir.path(), "memory/whole_history.json", json!(rows).to_string());
    let facts = json!([{"summary": "Olena likes blue.", "timestamp": "2025-02-14T12:30:00"}]);
    write(dir.path(), "memory/history_context.json", facts.to_string());
    dir
}

/// Until nothing of the chat is here, and the mapping says why.
async fn everything_is_forgotten(pool: &PgPool) {
    assert_eq!(number(pool, "select count(*) from chat_history").await, 0);
    assert_eq!(number(pool, "select count(*) from history_context").await, 0);
    let mapping =
        "select count(*) from migration_mapping where migration_status = 'done' and forgotten_at is not null";
    assert_eq!(number(pool, mapping).await, 1);
}

#[tokio::test]
async fn what_is_forgotten_while_it_comes_is_taken_back() {
    let pool = Database::create().await.pool();
    let dir = olena_has_files(&pool, 6_000).await;
    // The second batch waits in its middle.
    pool.execute(
        "create function wait() returns trigger language plpgsql as $$
         begin
             if new.content = 'message 5500' then perform pg_advisory_xact_lock(99, 1); end if;
             return new;
         end $$;
         create trigger wait before insert on chat_history for each row execute function wait()",
    )
    .await
    .unwrap();
    let mut held = pool.acquire().await.unwrap();
    held.execute("select pg_advisory_lock(99, 1)").await.unwrap();
    let forget = async {
        let waiting =
            "select count(*) from pg_locks where locktype = 'advisory' and classid = 99 and not granted";
        while number(&pool, waiting).await == 0
            || number(&pool, "select count(*) from chat_history").await == 0
        {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
        let receipt = forget::everything(&pool, AccountId(1), ChatId(77), 77, clock().now()).await.unwrap();
        held.execute("select pg_advisory_unlock(99, 1)").await.unwrap();
        receipt
    };
    let order = Order { chat: Some(ChatId(77)), ..order(dir.path()) };
    let (report, receipt) = tokio::join!(run(&pool, order), forget);
    assert!(receipt.messages > 0, "some had come");
    let problem = report.folders[0].problem.as_ref().expect("it is broken off");
    assert!(problem.contains("forgotten"), "{problem}");
    everything_is_forgotten(&pool).await;
}

#[tokio::test]
async fn what_was_forgotten_does_not_come_back_with_files_that_have_grown() {
    let pool = Database::create().await.pool();
    let dir = olena_has_files(&pool, 10).await;
    let order = Order { chat: Some(ChatId(77)), ..order(dir.path()) };
    run(&pool, order).await;
    assert_eq!(number(&pool, "select count(*) from chat_history").await, 10);
    let forgotten_at = "2026-11-20T12:00:00Z".parse().unwrap();
    forget::everything(&pool, AccountId(1), ChatId(77), 77, forgotten_at).await.unwrap();
    run(&pool, order).await;
    everything_is_forgotten(&pool).await;

    #[expect(clippy::cast_precision_loss, reason = "small")]
    let later = message("user", "said later", (forgotten_at.timestamp() + 60) as f64);
    let rows = json!([message("user", "message 3", 1_700_000_003.0), later]);
    write(dir.path(), "memory/whole_history.json", rows.to_string());
    let report = run(&pool, order).await;
    assert_eq!(conversation(&pool, 77).await, [("user".into(), "said later".into())]);
    assert_eq!(number(&pool, "select count(*) from history_context").await, 0);
    let reason = &file(&report, "whole_history.json").refusals[0].reason;
    assert_eq!(reason, "its chat has forgotten it with /forget all");
}
