//! What waits, across the inbox, the outbox and the queue. For operators.

use sqlx::PgPool;

/// What waits now.
#[derive(Clone, Debug, PartialEq)]
pub struct Backlog {
    /// Updates that nobody has answered yet.
    pub updates: i64,
    /// How long the oldest of them waits, in seconds.
    pub oldest_seconds: f64,
    /// Messages that wait to be sent.
    pub unsent: i64,
    /// Jobs that wait or run.
    pub jobs: i64,
    /// Jobs that failed for good and were not purged yet.
    pub failed_jobs: i64,
}

/// Counts what waits. Each part reads a partial index, so its cost grows with the backlog and not with the history.
///
/// # Errors
/// When the database does not answer.
pub async fn now(pool: &PgPool) -> sqlx::Result<Backlog> {
    sqlx::query_as!(
        Backlog,
        r#"select u.updates as "updates!", u.oldest_seconds as "oldest_seconds!",
                  (select count(*) from outgoing_messages where state in ('waiting', 'sending')) as "unsent!",
                  (select count(*) from apalis.jobs
                   where status in ('Running', 'Queued') or status = 'Pending' or (status = 'Failed' and attempts < max_attempts)) as "jobs!",
                  (select count(*) from apalis.jobs
                   where status = 'Killed' or (status = 'Failed' and attempts >= max_attempts)) as "failed_jobs!"
           from (select count(*) as updates,
                        coalesce(extract(epoch from clock_timestamp() - min(received_at)), 0)::float8 as oldest_seconds
                 from telegram_updates where outcome is null) u"#
    )
    .fetch_one(pool)
    .await
}
