//! Deleting what is past its retention.

use sqlx::PgPool;

/// Deletes up to `limit` rows that are past their retention: finished `answer_chat` after an hour, other finished jobs after
/// seven days, failed ones after thirty, and workers that have been silent for an hour and hold no job. Says how many.
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, limit: i64) -> sqlx::Result<u64> {
    let jobs = sqlx::query!(
        "delete from apalis.jobs where id in (
             select id from apalis.jobs
             where (status = 'Done' and done_at < now() - interval '1 hour' and job_type = 'answer_chat')
                or (status = 'Done' and done_at < now() - interval '7 days')
                or (status = 'Killed' and done_at < now() - interval '30 days')
                or (status = 'Failed' and attempts >= max_attempts and done_at < now() - interval '30 days')
             limit $1
         )",
        limit
    )
    .execute(pool)
    .await?;
    let workers = sqlx::query!(
        "delete from apalis.workers w where last_seen < now() - interval '1 hour'
         and not exists (select from apalis.jobs j where j.lock_by = w.id)"
    )
    .execute(pool)
    .await?;
    Ok(jobs.rows_affected() + workers.rows_affected())
}
