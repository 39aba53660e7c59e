//! Workers that live, and the jobs of those that have died.

use std::time::Duration;

use sqlx::PgPool;

/// Registers a worker. Names are used once: a restarted process takes a new one, so that its dead self's jobs are rescued.
///
/// # Errors
/// When the database does not answer.
pub async fn register_worker(pool: &PgPool, worker: &str, serves: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into apalis.workers (id, worker_type, storage_name, layers, last_seen, started_at)
         values ($1, $2, 'pykhbrain', '', now(), now()) on conflict (id) do update set last_seen = now()",
        worker,
        serves,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that the worker lives and gives back the jobs of workers that have been silent for `dead_after`. Says how many.
///
/// # Errors
/// When the database does not answer.
pub async fn heartbeat(pool: &PgPool, worker: &str, dead_after: Duration) -> sqlx::Result<u64> {
    let rescued = sqlx::query!(
        "with alive as (update apalis.workers set last_seen = now() where id = $1),
              orphaned as (
                  select j.id from apalis.jobs j join apalis.workers w on w.id = j.lock_by
                  where j.status in ('Running', 'Queued') and w.id <> $1
                    and w.last_seen < now() - make_interval(secs => $2)
                  for update of j skip locked
              )
         update apalis.jobs j
         set status = case when j.attempts + 1 < j.max_attempts then 'Pending' else 'Killed' end,
             attempts = j.attempts + 1, lock_by = null, lock_at = null,
             done_at = case when j.attempts + 1 < j.max_attempts then null else now() end,
             last_result = jsonb_build_object('Err', 'its worker died')
         from orphaned where j.id = orphaned.id",
        worker,
        dead_after.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(rescued.rows_affected())
}
