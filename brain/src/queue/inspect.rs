//! Looking at the queue.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

/// One line of the queue's state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct QueueLine {
    /// The job's name.
    pub name: String,
    /// `Pending`, `Running`, `Done`, `Failed` or `Killed`.
    pub status: String,
    /// How many there are.
    pub count: i64,
    /// When the oldest of them is or was due.
    pub oldest: Option<DateTime<Utc>>,
}

/// How many jobs there are of each name and status.
///
/// # Errors
/// When the database does not answer.
pub async fn overview(pool: &PgPool) -> sqlx::Result<Vec<QueueLine>> {
    sqlx::query_as!(
        QueueLine,
        r#"select job_type as name, status, count(*) as "count!", min(run_at) as oldest
           from apalis.jobs group by job_type, status order by job_type, status"#
    )
    .fetch_all(pool)
    .await
}

/// A job that failed for good.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FailedJob {
    /// `apalis.jobs.id`, for retry.
    pub id: String,
    /// The job's name.
    pub name: String,
    /// How often it was tried.
    pub attempts: i32,
    /// What went wrong the last time.
    pub error: String,
}

/// The newest twenty jobs that failed for good.
///
/// # Errors
/// When the database does not answer.
pub async fn failed(pool: &PgPool) -> sqlx::Result<Vec<FailedJob>> {
    sqlx::query_as!(
        FailedJob,
        r#"select id, job_type as name, attempts, coalesce(last_result ->> 'Err', '') as "error!" from apalis.jobs
           where status = 'Killed' or (status = 'Failed' and attempts >= max_attempts)
           order by done_at desc nulls last limit 20"#
    )
    .fetch_all(pool)
    .await
}
