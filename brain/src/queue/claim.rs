//! Claiming due jobs.

use sqlx::PgPool;

/// A job as a worker has claimed it.
#[derive(Clone, Debug)]
pub struct ClaimedJob {
    /// `apalis.jobs.id`.
    pub id: String,
    /// The job's name.
    pub name: String,
    /// The payload, JSON.
    pub payload: Vec<u8>,
    /// How often it was tried before.
    pub attempts: u32,
    /// How often it may be tried.
    pub max_attempts: u32,
}

/// Claims up to `limit` due jobs with one of the given names. What is claimed is this worker's until it ends or the worker dies.
/// Not waited for until it is on disk: if the database crashes in the next moment, the job is due again, and runs again.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(
    pool: &PgPool,
    worker: &str,
    names: &[String],
    limit: i64,
) -> sqlx::Result<Vec<ClaimedJob>> {
    let rows = sqlx::query!(
        "with due as (
             select id from apalis.jobs
             where (status = 'Pending' or (status = 'Failed' and attempts < max_attempts))
               and job_type = any($2) and run_at < now()
             order by priority desc, run_at
             limit $3
             for update skip locked
         )
         update apalis.jobs j set status = 'Running', lock_by = $1, lock_at = now()
         from due where j.id = due.id
         returning j.id, j.job_type, j.job, j.attempts, j.max_attempts, set_config('synchronous_commit', 'off', true)",
        worker,
        names,
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| ClaimedJob {
            id: row.id,
            name: row.job_type,
            payload: row.job,
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            max_attempts: u32::try_from(row.max_attempts).unwrap_or(1),
        })
        .collect())
}
