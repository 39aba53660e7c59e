//! `chat_turns`: who may answer a chat right now. A lease with a fencing token, on the database's clock.
//!
//! Kleppmann, "How to do distributed locking" (2016): a lease alone does not stop a holder that was asleep; every write and
//! every send therefore shows its fence, and a higher fence wins.

use std::time::Duration;

use sqlx::PgPool;

use crate::{
    ids::{ChatId, Fence},
    queue,
};

/// How long a claim holds without being renewed.
pub const LEASE: Duration = Duration::from_secs(10);

/// What came of trying to claim a chat's turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claim {
    /// The turn is ours.
    Held {
        /// The token to show with every write.
        fence: Fence,
        /// The chat's sequence number at the time of the claim.
        seq: i64,
        /// Whether messages of an earlier turn still wait to be sent.
        unsent: bool,
    },
    /// Somebody else holds it, or it is not to be taken yet.
    Busy {
        /// How long until it is worth trying again.
        wait: Duration,
    },
    /// Nothing was ever received from this chat.
    Unknown,
}

/// Claims the turn where nobody holds it.
///
/// Not waited for until it is on disk. A crash of the database in the next moment forgets the claim, and the turn may be
/// claimed again at once; so fences come from the clock and never repeat, and the forgotten holder can write nothing any more.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(pool: &PgPool, chat: ChatId, holder: &str) -> sqlx::Result<Claim> {
    let held = sqlx::query!(
        r#"update chat_turns set fence = greatest(fence + 1, (extract(epoch from clock_timestamp()) * 1e6)::bigint), holder = $2,
             lease_expires_at = clock_timestamp() + make_interval(secs => $3), not_before = null
         where telegram_chat_id = $1
           and (lease_expires_at is null or lease_expires_at <= clock_timestamp())
           and (not_before is null or not_before <= clock_timestamp())
         returning fence, seq, exists (
             select from outgoing_messages where telegram_chat_id = $1 and state in ('waiting', 'sending')
         ) as "unsent!", set_config('synchronous_commit', 'off', true)"#,
        chat.0,
        holder,
        LEASE.as_secs_f64(),
    )
    .fetch_optional(pool)
    .await?;
    if let Some(row) = held {
        return Ok(Claim::Held { fence: Fence(row.fence), seq: row.seq, unsent: row.unsent });
    }
    let wait = sqlx::query_scalar!(
        r#"select greatest(0, extract(epoch from greatest(lease_expires_at, not_before) - clock_timestamp()))::float8 as "wait!"
           from chat_turns where telegram_chat_id = $1"#,
        chat.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(wait.map_or(Claim::Unknown, |seconds| Claim::Busy { wait: Duration::from_secs_f64(seconds) }))
}

/// Prolongs the lease. `false`: somebody else has claimed the turn.
///
/// # Errors
/// When the database does not answer.
pub async fn renew(pool: &PgPool, chat: ChatId, fence: Fence) -> sqlx::Result<bool> {
    let renewed = sqlx::query!(
        "update chat_turns set lease_expires_at = clock_timestamp() + make_interval(secs => $3)
         where telegram_chat_id = $1 and fence = $2 and lease_expires_at is not null",
        chat.0,
        fence.0,
        LEASE.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// Ends the turn where nothing arrived after `seen`, the sequence number that was known before the last look for work.
/// `None`: the turn has ended (or is no longer ours). `Some(seq)`: something came, look again.
///
/// A release that asks "is nothing waiting?" instead misses an update whose transaction commits between question and release;
/// the number is taken under this row's lock, so comparing it cannot.
/// Not waited for until it is on disk: a release that a crash of the database forgets is made by the sweep.
///
/// # Errors
/// When the database does not answer.
pub async fn release(pool: &PgPool, chat: ChatId, fence: Fence, seen: i64) -> sqlx::Result<Option<i64>> {
    let released = sqlx::query!(
        "update chat_turns set scheduled = false, job_id = null, holder = null, lease_expires_at = null
         where telegram_chat_id = $1 and fence = $2 and seq = $3
         returning set_config('synchronous_commit', 'off', true)",
        chat.0,
        fence.0,
        seen,
    )
    .fetch_optional(pool)
    .await?;
    if released.is_some() {
        return Ok(None);
    }
    sqlx::query_scalar!(
        "select seq from chat_turns where telegram_chat_id = $1 and fence = $2",
        chat.0,
        fence.0
    )
    .fetch_optional(pool)
    .await
}

/// Ends the turn with work left, to be taken up again after `wait` (zero: at once, by anybody).
///
/// # Errors
/// When the database does not answer.
pub async fn put_off(pool: &PgPool, chat: ChatId, fence: Fence, wait: Duration) -> sqlx::Result<()> {
    sqlx::query!(
        "update chat_turns set holder = null, lease_expires_at = null,
             not_before = case when $3::float8 > 0 then clock_timestamp() + make_interval(secs => $3) end
         where telegram_chat_id = $1 and fence = $2",
        chat.0,
        fence.0,
        wait.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Calls a chat's turn, within the transaction that put something into its outbox without holding it. A worker comes and
/// sends, or the holder looks again before the turn ends.
///
/// # Errors
/// When the database does not answer.
pub async fn call(tx: &mut sqlx::PgConnection, chat: ChatId) -> sqlx::Result<()> {
    sqlx::query!("select private.schedule_turn($1, $2)", chat.0, queue::new_job_id()).fetch_one(tx).await?;
    Ok(())
}

/// Puts chats back on the queue that have work, no live lease, no waiting or freshly started job, and whose time has come.
/// Says how many.
///
/// # Errors
/// When the database does not answer.
pub async fn sweep(pool: &PgPool) -> sqlx::Result<u64> {
    let swept = sqlx::query!(
        "with stuck as (
             select t.telegram_chat_id, apalis.generate_ulid() as job_id from chat_turns t
             where t.scheduled
               and (t.lease_expires_at is null or t.lease_expires_at <= clock_timestamp())
               and (t.not_before is null or t.not_before <= clock_timestamp())
               and not exists (
                   select from apalis.jobs j where j.id = t.job_id
                     and (j.status = 'Pending' or (j.status = 'Failed' and j.attempts < j.max_attempts)
                          or (j.status in ('Running', 'Queued') and j.lock_at > now() - interval '3 seconds'))
               )
             limit 1000
             for update of t skip locked
         ), marked as (
             update chat_turns t set job_id = stuck.job_id from stuck where t.telegram_chat_id = stuck.telegram_chat_id
         )
         select private.push_answer_chat(stuck.job_id, stuck.telegram_chat_id) from stuck",
    )
    .fetch_all(pool)
    .await?;
    Ok(swept.len() as u64)
}
