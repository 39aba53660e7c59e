//! `model_consents`: which server a chat was told or asked of for the account's own model, and what its person has said to it.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::{
    db::audit,
    ids::{AccountId, ChatId},
};

/// Notes that the chat is told or asked of the server. The number of the question, which a key under it repeats; `None` where it
/// was told or asked of this server before, or has left the account.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(
    tx: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    host: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "insert into model_consents as m (telegram_chat_id, account_id, host, asked_at)
         select c.telegram_chat_id, c.account_id, $3, $4 from account_chats c
         where c.telegram_chat_id = $2 and c.account_id = $1
         on conflict (telegram_chat_id) do update
         set id = default, account_id = excluded.account_id, host = excluded.host, asked_at = excluded.asked_at, agreed = null,
             decided_at = null, told_pause = null
         where m.account_id <> excluded.account_id or m.host <> excluded.host
         returning id",
        account.0,
        chat.0,
        host,
        now,
    )
    .fetch_optional(tx)
    .await
}

/// The number of the question that the chat was asked last.
///
/// # Errors
/// When the database does not answer.
pub async fn question(
    connection: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
) -> sqlx::Result<Option<i64>> {
    sqlx::query_scalar!(
        "select id from model_consents where telegram_chat_id = $2 and account_id = $1",
        account.0,
        chat.0,
    )
    .fetch_optional(connection)
    .await
}

/// The server that the chat was asked of under this number; `None` where it has been asked anew, or is in another account.
///
/// # Errors
/// When the database does not answer.
pub async fn asked_of(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    question: i64,
) -> sqlx::Result<Option<String>> {
    sqlx::query_scalar!(
        "select host from model_consents where id = $3 and telegram_chat_id = $2 and account_id = $1",
        account.0,
        chat.0,
        question,
    )
    .fetch_optional(pool)
    .await
}

/// The chat's person `by` agrees to its words going to the server, or does not, or not any more: then nothing more of it goes
/// there, and a reading that is under way is broken off. `false`: the chat has left the account.
///
/// # Errors
/// When the database does not answer; then nothing has changed.
pub async fn decide(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    host: &str,
    agreed: bool,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    audit::acts(&mut tx, by).await?;
    ask(&mut tx, account, chat, host, now).await?;
    let decided = sqlx::query!(
        "with decided as (
             update model_consents set agreed = $4, decided_at = $5
             where telegram_chat_id = $2 and account_id = $1 and host = $3
             returning telegram_chat_id
         ), broken_off as (
             update accounts set reading_fence = reading_fence + 1, reading_until = null where id = $1 and not $4
         )
         insert into audit_log (account_id, telegram_chat_id, action, details)
         select $1, telegram_chat_id, case when $4 then 'model_agreed' else 'model_declined' end, $6 from decided",
        account.0,
        chat.0,
        host,
        agreed,
        now,
        json!({"host": host}),
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(decided.rows_affected() > 0)
}

/// Notes that the chat was told of the pause that ends then.
///
/// # Errors
/// When the database does not answer.
pub async fn note_told_pause(pool: &PgPool, chat: ChatId, until: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!("update model_consents set told_pause = $2 where telegram_chat_id = $1", chat.0, until)
        .execute(pool)
        .await?;
    Ok(())
}
