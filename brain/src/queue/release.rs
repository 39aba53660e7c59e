//! Giving claimed jobs back before they ran.

use sqlx::PgPool;

/// Makes jobs that this worker has claimed and not begun due again, at once and for everybody. No attempt is counted.
///
/// # Errors
/// When the database does not answer; they are rescued like a dead worker's then.
pub async fn release(pool: &PgPool, worker: &str, ids: &[String]) -> sqlx::Result<()> {
    sqlx::query!(
        "update apalis.jobs set status = 'Pending', lock_by = null, lock_at = null
         where id = any($2) and lock_by = $1 and status = 'Running'",
        worker,
        ids,
    )
    .execute(pool)
    .await?;
    Ok(())
}
