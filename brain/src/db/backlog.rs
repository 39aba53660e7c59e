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
        r#"select updates as "updates!", oldest_seconds as "oldest_seconds!", unsent as "unsent!", jobs as "jobs!",
                  failed_jobs as "failed_jobs!"
           from private.web_backlog()"#
    )
    .fetch_one(pool)
    .await
}
