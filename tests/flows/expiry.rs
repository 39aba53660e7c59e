//! The end of a temporary account: announced twice, exact to the second, and nothing is left.

use brain::{
    db::expiry,
    ids::{AccountId, ChatId},
    jobs::ExpireAccounts,
};
use chrono::Duration;
use serde_json::json;

use crate::{
    accounts::{account_of, register},
    support::{
        app::{App, PATIENCE},
        people,
        updates::{FAMILY, OLENA, TARAS, group},
    },
};

/// Lets the hourly job run now, to its end, and everything that comes of it.
async fn the_hour_strikes(app: &App) {
    app.begin_job(&ExpireAccounts {}).await;
    let open = "select count(*) from apalis.jobs where job_type = 'expire_accounts' and status <> 'Done'";
    tokio::time::timeout(PATIENCE, async {
        while app.count(open).await > 0 {
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    })
    .await
    .expect("the job ends");
    app.run_pending_jobs().await;
}

/// What the bot has said about the end, in a chat.
fn reminders(app: &App, chat: i64) -> Vec<String> {
    app.seen_in(chat).into_iter().filter(|text| text.contains("account ends")).collect()
}

#[tokio::test]
async fn people_are_reminded_a_week_and_a_day_before_once_each() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    app.clock.advance(Duration::days(23) - Duration::seconds(1));
    the_hour_strikes(&app).await;
    assert!(reminders(&app, OLENA.id).is_empty(), "a second too early");
    app.clock.advance(Duration::seconds(1));
    for _ in 0..2 {
        the_hour_strikes(&app).await;
    }
    app.clock.advance(Duration::days(6));
    for _ in 0..2 {
        the_hour_strikes(&app).await;
    }
    insta::assert_snapshot!(reminders(&app, OLENA.id).join("\n"), @r"
    This chat's temporary account ends in 7 days, on 22 December 2026. Then I delete everything that I keep of this chat. /register keeps all of it, and /export gives you a copy.
    This chat's temporary account ends within a day, on 22 December 2026. Then I delete everything that I keep of this chat. /register keeps all of it, and /export gives you a copy.
    ");
}

#[tokio::test]
async fn a_reminder_that_nobody_was_there_to_give_comes_late_and_never_two_at_once() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    app.clock.advance(Duration::days(12));
    app.ask(TARAS, "hi").await;
    // Olena has 17 hours left, Taras 12 days and some.
    app.clock.advance(Duration::days(17) + Duration::hours(7));
    the_hour_strikes(&app).await;
    let seen = reminders(&app, OLENA.id);
    assert!(seen.len() == 1 && seen[0].contains("within a day"), "{seen:?}");
    // Taras has less than 5 days.
    app.clock.advance(Duration::days(8));
    the_hour_strikes(&app).await;
    let seen = reminders(&app, TARAS.id);
    assert!(seen.len() == 1 && seen[0].contains("in 5 days"), "{seen:?}");
    assert_eq!(reminders(&app, OLENA.id).len(), 1, "hers is gone");
}

#[tokio::test]
async fn who_has_registered_or_blocked_the_bot_is_not_reminded() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    app.ask(TARAS, "hi").await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    sqlx::query("update account_chats set is_active = false where telegram_chat_id = $1")
        .bind(TARAS.id)
        .execute(&app.pool)
        .await
        .unwrap();
    app.clock.advance(Duration::days(24));
    the_hour_strikes(&app).await;
    assert_eq!(app.seen_in(OLENA.id).len() + app.seen_in(TARAS.id).len(), 4, "a welcome and an answer each");
}

#[tokio::test]
async fn at_the_end_everything_of_the_chat_is_gone_and_counts_stay() {
    let app = App::start().await;
    app.ask(OLENA, "my secret is zzolena").await;
    app.ask(TARAS, "mine is zztaras").await;
    let (account, other) = (account_of(&app, OLENA.id).await, account_of(&app, TARAS.id).await);
    fill(&app, account, OLENA.id, 1).await;
    fill(&app, other, TARAS.id, 1).await;
    // Taras stays, so that what is deleted is deleted by name.
    assert!(register(&app, TARAS, "taras@example.com").await);
    let kept = rows(&app, other, TARAS.id).await;
    for (table, count) in rows(&app, account, OLENA.id).await {
        assert!(
            count > 0,
            "nothing of hers is in {table}: what becomes of it would not be seen. Fill it in fill()"
        );
    }

    app.clock.advance(Duration::days(30) - Duration::seconds(1));
    the_hour_strikes(&app).await;
    assert_eq!(account_of(&app, OLENA.id).await, account, "a second is left");
    app.clock.advance(Duration::seconds(1));
    the_hour_strikes(&app).await;

    for (table, count) in rows(&app, account, OLENA.id).await {
        assert_eq!(count, if table == "audit_log" { 2 } else { 0 }, "left in {table}");
    }
    let texts = "select count(*) from telegram_updates where telegram_chat_id = 1001 and body <> ''";
    assert_eq!(app.count(texts).await, 0, "what is kept of an update is that it came");
    assert_eq!(rows(&app, other, TARAS.id).await, kept);
    let details: serde_json::Value =
        sqlx::query_scalar("select details from audit_log where action = 'expire'")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert_eq!(details, json!({"messages": 2, "facts": 1}));
}

/// How many rows each table holds of an account or its chat: every table that has a column for one of them.
pub async fn rows(app: &App, account: AccountId, chat: i64) -> Vec<(String, i64)> {
    let tables: Vec<(String, Vec<String>)> = sqlx::query_as(
        "select table_name::text, array_agg(column_name::text) from information_schema.columns
         where table_schema = 'public' and column_name in ('account_id', 'telegram_chat_id')
         group by table_name order by table_name",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let mut rows = vec![("accounts".to_owned(), count(app, "accounts", &format!("id = {account}")).await)];
    for (table, columns) in tables {
        if PASSING.contains(&table.as_str()) {
            continue;
        }
        let conditions: Vec<String> = columns
            .iter()
            .map(|column| {
                if column == "account_id" {
                    format!("{column} = {account}")
                } else {
                    format!("{column} = {chat}")
                }
            })
            .collect();
        let count = count(app, &table, &conditions.join(" or ")).await;
        rows.push((table, count));
    }
    rows
}

/// Updates keep their numbers for a week, so that one that Telegram brings again is known; people of accounts are not in
/// temporary ones.
const PASSING: [&str; 2] = ["telegram_updates", "account_users"];

async fn count(app: &App, table: &str, condition: &str) -> i64 {
    let query = format!("select count(*) from {table} where {condition}");
    sqlx::query_scalar(sqlx::AssertSqlSafe(query)).fetch_one(&app.pool).await.unwrap()
}

/// Something of the chat in every table that a talk alone leaves empty.
pub async fn fill(app: &App, account: AccountId, chat: i64, number: i32) {
    for statement in [
        "insert into account_settings values ($1, 'some', '1')",
        "insert into history_context (account_id, number, telegram_chat_id, scope, content, kind, fingerprint, valid_from)
         values ($1, $3, $2, 'chat', 'a fact', 'other', 'fact', now())",
        "insert into fact_sources select f.id, h.id from history_context f join chat_history h using (telegram_chat_id)
         where f.account_id = $1 and f.number = $3 and h.telegram_chat_id = $2",
        "insert into forgotten_facts (account_id, telegram_chat_id, words, forgotten_at) values ($1, $2, '{1}', now())",
        "insert into edited_messages select id, telegram_chat_id, 0, now() from chat_history
         where account_id = $1 and telegram_chat_id = $2",
        "insert into analysis_requests values ($2, 0, $1, 0)",
        "insert into link_codes (telegram_chat_id, account_id, code_hash, expires_at) values ($2, $1, int8send($2), now())",
        "insert into registrations (telegram_chat_id, asked_in, created_at, expires_at) select $2, $2, now(), now() + interval '90 days' where $1 > 0",
        "insert into sign_in_links (id, purpose, email, telegram_chat_id, created_at, expires_at)
         select gen_random_uuid(), 'register', 'a@example.com', $2, now(), now() + interval '90 days' where $1 > 0",
        "insert into audit_log (account_id, telegram_chat_id, action) values ($1, $2, 'something')",
        "insert into invitations (account_id, email, created_at, expires_at)
         select $1, 'i' || -$2 || '@example.com', now(), now() + interval '90 days' where $1 > 0",
        "insert into notices (kind, account_id, email, telegram_chat_id, created_at)
         values ('joined', $1, 'a@example.com', $2, now() + interval '90 days')",
        "insert into account_models (account_id, api_key, key_hint, base_url, model)
         select $1, '\\x01' || decode(repeat('00', 40), 'hex'), '', 'https://example.com', 'some' where $2 <> 0 and $3 > 0",
        "insert into reading_slots select $2, 0, now() where $1 > 0",
        "insert into model_consents (telegram_chat_id, account_id, host, asked_at) values ($2, $1, 'example.com', now())",
    ] {
        sqlx::query(statement).bind(account.0).bind(chat).bind(number).execute(&app.pool).await.unwrap();
    }
}

#[tokio::test]
async fn a_message_after_the_end_starts_anew_with_the_welcome_whether_the_job_was_there_or_not() {
    for job_first in [false, true] {
        let app = App::start().await;
        app.llm.answer_with(|_| "yes".into());
        app.ask(OLENA, "my secret is zzolena").await;
        let old = account_of(&app, OLENA.id).await;
        app.clock.advance(Duration::days(30) - Duration::seconds(1));
        assert_eq!(app.ask(OLENA, "still here?").await, ["yes"]);
        app.clock.advance(Duration::seconds(1));
        if job_first {
            the_hour_strikes(&app).await;
        }
        let seen = app.ask(OLENA, "do you know my secret?").await;
        assert!(seen.len() == 2 && seen[0].starts_with("Welcome!") && seen[1] == "yes", "{seen:?}");
        assert!(!app.last_prompt().contains("zzolena"));
        assert_ne!(account_of(&app, OLENA.id).await, old);
        assert_eq!(app.count("select count(*) from accounts").await, 1);
        assert_eq!(app.count("select count(*) from chat_history").await, 2);
    }
}

#[tokio::test]
async fn messages_that_arrive_while_the_account_is_being_deleted_are_answered_in_a_new_one() {
    let app = App::builder().workers(2).start().await;
    app.llm.answer_with(|_| "yes".into());
    app.ask(OLENA, "hi").await;
    let old = account_of(&app, OLENA.id).await;
    sqlx::query(
        "insert into chat_history (account_id, telegram_chat_id, role, content)
         select $1, $2, 'user', 'old words ' || n from generate_series(1, 3500) n",
    )
    .bind(old.0)
    .bind(OLENA.id)
    .execute(&app.pool)
    .await
    .unwrap();
    app.clock.advance(Duration::days(30));
    assert!(
        !expiry::delete_step(&app.pool, old, ChatId(OLENA.id), app.now()).await.unwrap(),
        "it takes several steps"
    );
    app.begin_job(&ExpireAccounts {}).await;
    for text in ["one", "two", "three"] {
        app.says(OLENA, text).await;
    }
    the_hour_strikes(&app).await;
    assert_eq!(app.count("select count(*) from chat_history").await, 6, "three messages and their answers");
    assert_eq!(app.seen_in(OLENA.id).len(), 2 + 4, "and one new welcome");
    let messages = "select (details ->> 'messages')::bigint from audit_log where action = 'expire'";
    assert_eq!(app.count(messages).await, 3502, "each deleted message is counted once");
}

#[tokio::test]
async fn a_group_ends_like_a_chat_and_a_pressed_key_of_before_does_nothing() {
    let app = App::start().await;
    app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot hello", &json!({})).await;
    app.run_pending_jobs().await;
    app.clock.advance(Duration::days(30));
    the_hour_strikes(&app).await;
    assert_eq!(app.count("select count(*) from accounts").await, 0);
    app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot hello again", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.count("select count(*) from accounts").await, 1);
    assert_eq!(app.seen_in(FAMILY).len(), 2);
}

#[tokio::test]
async fn registering_while_the_deletion_waits_keeps_everything() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    let account = account_of(&app, OLENA.id).await;
    let others = app.database.pool();
    let mut tx = others.begin().await.unwrap();
    let in_time = app.now();
    app.clock.advance(Duration::days(30));
    // Confirmed a moment before the end, and not committed yet when the deletion begins.
    assert!(people::make_permanent(&mut tx, account, "olena@example.com", None, in_time).await);
    let (pool, now) = (app.database.pool(), app.now());
    let deletion = tokio::spawn(async move {
        while !expiry::delete_step(&pool, account, ChatId(OLENA.id), now).await.unwrap() {}
    });
    while app.count("select count(*) from pg_stat_activity where wait_event_type = 'Lock'").await == 0 {
        tokio::task::yield_now().await;
    }
    tx.commit().await.unwrap();
    deletion.await.unwrap();
    assert_eq!(account_of(&app, OLENA.id).await, account);
    assert_eq!(app.count("select count(*) from chat_history").await, 2);
}
