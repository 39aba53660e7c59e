//! What an operator does with a job.

use sqlx::PgPool;

/// Lets a failed or killed job run again, now. Says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn retry(pool: &PgPool, id: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update apalis.jobs set status = 'Pending', attempts = 0, run_at = now(), lock_by = null, done_at = null
         where id = $1 and status in ('Failed', 'Killed')",
        id
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() > 0)
}

/// Cancels a job that waits. Says whether there was one.
///
/// # Errors
/// When the database does not answer.
pub async fn cancel(pool: &PgPool, id: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        r#"update apalis.jobs set status = 'Killed', done_at = now(), last_result = '{"Err":"cancelled by the operator"}'
           where id = $1 and status in ('Pending', 'Failed')"#,
        id
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() > 0)
}
