//! `telegram_updates`, the inbox: every update that was accepted, once, in its chat's order.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    ids::{ChatId, Fence, UpdateRef},
    ports::reason::Reason,
    queue,
};

/// What became of an update that was handed in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Accepted {
    /// It is on disk and a job was put on the queue: a worker should be woken.
    Scheduled,
    /// It is on disk; the chat's job is under way and will find it.
    Appended,
    /// It was on disk already.
    Duplicate,
    /// It is on disk; it belongs to no chat and nobody answers it.
    Ignored,
}

/// Puts an update on disk and sees to it that somebody answers it. One round trip, one transaction.
///
/// # Errors
/// When the database does not answer; then nothing was stored, or the sender asks again and it counts as a duplicate.
pub async fn accept(
    pool: &PgPool,
    bot_id: i64,
    update_id: i64,
    chat: Option<ChatId>,
    body: &[u8],
) -> sqlx::Result<Accepted> {
    let accepted = sqlx::query_scalar!(
        r#"select private.accept_update($1, $2, $3, $4, $5) as "accepted!""#,
        bot_id,
        update_id,
        chat.map(|chat| chat.0),
        body,
        queue::new_job_id(),
    )
    .fetch_one(pool)
    .await?;
    Ok(match accepted.as_str() {
        "scheduled" => Accepted::Scheduled,
        "appended" => Accepted::Appended,
        "duplicate" => Accepted::Duplicate,
        _ => Accepted::Ignored,
    })
}

/// An update whose turn has come.
#[derive(Clone, Debug)]
pub struct TakenUpdate {
    /// Which one.
    pub id: UpdateRef,
    /// Its place in the chat's order.
    pub seq: i64,
    /// What Telegram sent.
    pub body: Vec<u8>,
    /// How often it has been taken, this time included.
    pub attempts: u32,
    /// When it arrived.
    pub received_at: DateTime<Utc>,
}

/// Takes the chat's first waiting update and counts the attempt, before anything is done with it: whatever kills the worker
/// meanwhile, the count stands. `None` where nothing waits or the fence is no longer ours.
/// Not waited for until it is on disk: only a crash of the database itself can lose a count, which is then one try more.
///
/// # Errors
/// When the database does not answer.
pub async fn take_next(pool: &PgPool, chat: ChatId, fence: Fence) -> sqlx::Result<Option<TakenUpdate>> {
    let row = sqlx::query!(
        r#"update telegram_updates set attempts = attempts + 1, taken_at = clock_timestamp()
           where id = (select id from telegram_updates where telegram_chat_id = $1 and outcome is null order by seq limit 1)
             and exists (select from chat_turns where telegram_chat_id = $1 and fence = $2)
           returning id, seq as "seq!", body, attempts, received_at, set_config('synchronous_commit', 'off', true)"#,
        chat.0,
        fence.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| TakenUpdate {
        id: UpdateRef(row.id),
        seq: row.seq,
        body: row.body,
        attempts: u32::try_from(row.attempts).unwrap_or(u32::MAX),
        received_at: row.received_at,
    }))
}

/// Takes back the count of an attempt that was broken off through no fault of the update's (the worker was told to stop).
///
/// # Errors
/// When the database does not answer.
pub async fn uncount_attempt(pool: &PgPool, update: UpdateRef) -> sqlx::Result<()> {
    sqlx::query!(
        "update telegram_updates set attempts = attempts - 1 where id = $1 and attempts > 0",
        update.0
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes why an attempt failed, for operators.
///
/// # Errors
/// When the database does not answer.
pub async fn note_failure(pool: &PgPool, update: UpdateRef, error: &Reason) -> sqlx::Result<()> {
    sqlx::query!("update telegram_updates set last_error = $2 where id = $1", update.0, error.as_str())
        .execute(pool)
        .await?;
    Ok(())
}

/// Deletes up to `limit` finished updates that arrived more than seven days ago (Telegram offers an update again for 24 h).
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, limit: i64) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "delete from telegram_updates where id in (
             select id from telegram_updates
             where outcome is not null and received_at < now() - interval '7 days' order by received_at limit $1
         )",
        limit
    )
    .execute(pool)
    .await?;
    Ok(deleted.rows_affected())
}
