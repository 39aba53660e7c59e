//! The end of temporary accounts: who is to be reminded, and the deletion, in steps that can be broken off at any point.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgPool;

use super::{chat_turns, forget, outgoing};
use crate::{
    ids::{AccountId, ChatId, Conversation, ThreadId},
    reply::Part,
};

/// Rows per step: short enough that nobody waits for its locks.
const BATCH: i64 = 1000;

/// What a reminder says, from when the account ends and the time now.
pub type Remind = fn(DateTime<Utc>, DateTime<Utc>) -> Vec<Part>;

/// Reminds one account that is due for it: 7 days before its end, and 1 day before. A reminder that nobody was there to give is
/// given late, and where both are due only the later one. `None`: nobody is due.
///
/// # Errors
/// When the database does not answer; then nobody was reminded.
pub async fn remind_next(
    pool: &PgPool,
    now: DateTime<Utc>,
    remind: Remind,
) -> sqlx::Result<Option<AccountId>> {
    let mut tx = pool.begin().await?;
    let due = sqlx::query!(
        "update temporary_accounts set reminded_days = case when expires_at <= $1 + interval '1 day' then 1 else 7 end
         where id = (
             select t.id from temporary_accounts t join account_chats c on c.telegram_chat_id = t.telegram_chat_id
             where c.is_active and t.expires_at > $1
               and (t.expires_at <= $1 + interval '7 days' and t.reminded_days is null
                    or t.expires_at <= $1 + interval '1 day' and t.reminded_days = 7)
             order by t.expires_at limit 1 for update of t skip locked
         )
         returning account_id, telegram_chat_id, expires_at",
        now,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(due) = due else { return Ok(None) };
    let at = Conversation { chat: ChatId(due.telegram_chat_id), thread: ThreadId(0) };
    for part in remind(due.expires_at, now) {
        outgoing::post(&mut tx, at, &part, None, None).await?;
    }
    chat_turns::call(&mut tx, at.chat).await?;
    tx.commit().await?;
    Ok(Some(AccountId(due.account_id)))
}

/// The next account after `after` whose time is over. A chat that is being answered is left for the next hour, because its worker
/// deletes before it answers; but not for longer than a day.
///
/// # Errors
/// When the database does not answer.
pub async fn next(
    pool: &PgPool,
    after: AccountId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(AccountId, ChatId)>> {
    let next = sqlx::query!(
        "select t.account_id, t.telegram_chat_id from temporary_accounts t
         where t.account_id > $1 and t.expires_at <= $2
           and (t.expires_at <= $2 - interval '1 day' or not exists (
                   select from chat_turns c where c.telegram_chat_id = t.telegram_chat_id and c.scheduled))
         order by t.account_id limit 1",
        after.0,
        now,
    )
    .fetch_optional(pool)
    .await?;
    Ok(next.map(|row| (AccountId(row.account_id), ChatId(row.telegram_chat_id))))
}

/// Deletes a piece of what is kept of an expired account and its chat; after the last piece, the account. `false`: there is more.
/// `true`: the account is gone, or does not end any more. Several processes may do it at once.
///
/// # Errors
/// When the database does not answer; then nothing of this step is gone, and the next one begins where it began.
pub async fn delete_step(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    if delete_batch(pool, account, now).await? {
        return Ok(false);
    }
    delete_rest(pool, account, chat, now).await
}

/// The two tables that can be long. Whether anything was left in them.
async fn delete_batch(pool: &PgPool, account: AccountId, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    // Whoever makes it permanent holds this row: looked at after waiting for it, the account is still temporary or is not.
    sqlx::query!("select from accounts where id = $1 for no key update", account.0).execute(&mut *tx).await?;
    let deleted = sqlx::query!(
        r#"with ended as (
               select account_id from temporary_accounts where account_id = $1 and expires_at <= $2
           ), messages as (
               delete from chat_history where id in (
                   select h.id from ended join chat_history h using (account_id) limit $3
               ) returning id
           ), calls as (
               delete from llm_usage where id in (select u.id from ended join llm_usage u using (account_id) limit $3)
               returning id
           ), counted as (
               update temporary_accounts set deleted_messages = deleted_messages + (select count(*) from messages)
               where account_id = $1
           )
           select exists (select from messages) or exists (select from calls) as "any!""#,
        account.0,
        now,
        BATCH,
    )
    .fetch_one(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(deleted.any)
}

/// Everything else, and what came meanwhile.
async fn delete_rest(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    // The turn before the account, as everybody who holds a turn locks them. One that is held or called stays: its worker goes on
    // with a new account.
    sqlx::query!(
        "delete from chat_turns where telegram_chat_id = $1 and not scheduled and holder is null
           and exists (select from temporary_accounts where account_id = $2 and expires_at <= $3)",
        chat.0,
        account.0,
        now,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("select from accounts where id = $1 for update", account.0).execute(&mut *tx).await?;
    let ended = sqlx::query_scalar!(
        "select deleted_messages from temporary_accounts where account_id = $1 and expires_at <= $2",
        account.0,
        now,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(deleted) = ended else { return Ok(true) };
    let rest = forget::of_chat(&mut tx, account, chat).await?;
    // What still waits after a day belongs to a chat that is stuck.
    sqlx::query!(
        "delete from outgoing_messages where telegram_chat_id = $1 and created_at < clock_timestamp() - interval '1 day'",
        chat.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from accounts where id = $1", account.0).execute(&mut *tx).await?;
    sqlx::query!(
        "insert into audit_log (account_id, telegram_chat_id, action, details, created_at) values ($1, $2, 'expire', $3, $4)",
        account.0,
        chat.0,
        json!({"messages": deleted.cast_unsigned() + rest.messages, "facts": rest.facts}),
        now,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(true)
}
