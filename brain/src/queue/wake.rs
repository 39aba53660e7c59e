//! Telling the workers that there is something to claim, after the commit.

use sqlx::PgPool;

use crate::jobs::Queue;

/// The channel over which a process names the queue that has something, or says [`ALL`].
pub const WAKE_CHANNEL: &str = "pykhbrain_wake";

/// What is said by who does not know which queue it is.
const ALL: &str = "all";

/// Tells the workers of one queue. Nothing of it is worth a flush to disk, which it would wait for.
///
/// # Errors
/// When the database does not answer; the workers find the job by themselves within a second.
pub async fn wake(pool: &PgPool, queue: Queue) -> sqlx::Result<()> {
    notify(pool, queue.name()).await
}

/// Tells the workers of every queue.
///
/// # Errors
/// When the database does not answer; the workers find the job by themselves within a second.
pub async fn wake_all(pool: &PgPool) -> sqlx::Result<()> {
    notify(pool, ALL).await
}

async fn notify(pool: &PgPool, word: &str) -> sqlx::Result<()> {
    sqlx::query!(
        "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
        WAKE_CHANNEL,
        word
    )
    .fetch_one(pool)
    .await?;
    Ok(())
}
