//! Putting jobs on the queue.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};
use ulid::Ulid;

use crate::jobs::{Job, JobKind, KINDS, SetWebhook, payload};

/// A new job id. Sorts by time, so that the primary key's index grows at its end.
#[must_use]
pub fn new_job_id() -> String {
    Ulid::generate().to_string()
}

/// Puts a job on the queue as part of the caller's transaction. Who commits should [`wake`](super::wake) afterwards, or wait up to 250 ms.
///
/// With a `key` the job is put there once and never again (`ON CONFLICT DO NOTHING`); says whether it was added.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue<J: Job>(tx: &mut PgConnection, job: &J, key: Option<&str>) -> sqlx::Result<bool> {
    insert(tx, J::NAME, J::MAX_ATTEMPTS, payload(job), key).await
}

/// Puts a periodic job on the queue once for the stretch of time that `now` is in, whichever worker is first. Says whether this
/// one was.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_due(tx: &mut PgConnection, kind: &JobKind, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let Some(periodic) = kind.periodic else { return Ok(false) };
    let key = format!("cron:{}:{}", kind.name, periodic.schedule.period(now));
    insert(tx, kind.name, kind.max_attempts, (periodic.payload)(), Some(&key)).await
}

async fn insert(
    tx: &mut PgConnection,
    name: &str,
    max_attempts: u32,
    payload: Vec<u8>,
    key: Option<&str>,
) -> sqlx::Result<bool> {
    let max_attempts = i32::try_from(max_attempts).unwrap_or(i32::MAX);
    // run_at a moment ahead keeps the table's own trigger from a NOTIFY inside this transaction.
    let added = sqlx::query!(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, idempotency_key)
         values ($1, $2, $3, 'Pending', 0, $4, now() + interval '1 microsecond', 0, $5)
         on conflict (job_type, idempotency_key) do nothing",
        new_job_id(),
        name,
        payload,
        max_attempts,
        key,
    )
    .execute(tx)
    .await?;
    Ok(added.rows_affected() > 0)
}

/// Puts [`SetWebhook`] on the queue for the web process, whose own login reaches the queue through functions only.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_set_webhook(pool: &PgPool, job: &SetWebhook) -> sqlx::Result<()> {
    sqlx::query!("select private.web_set_webhook($1)", job.public_url).fetch_one(pool).await?;
    Ok(())
}

/// Puts a job on the queue unless the very same one waits there or runs.
///
/// # Errors
/// When the database does not answer.
pub async fn enqueue_unless_waiting<J: Job>(tx: &mut PgConnection, job: &J) -> sqlx::Result<bool> {
    let payload = payload(job);
    let waits = sqlx::query_scalar!(
        r#"select exists (
               select from apalis.jobs where job_type = $1 and job = $2 and status in ('Pending', 'Running', 'Queued')
           ) as "waits!""#,
        J::NAME,
        payload,
    )
    .fetch_one(&mut *tx)
    .await?;
    if waits { Ok(false) } else { enqueue(tx, job, None).await }
}

/// Tells the database how often each job is tried, for its functions that enqueue some.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn register_kinds(connection: &mut PgConnection) -> sqlx::Result<()> {
    let names: Vec<String> = KINDS.iter().map(|kind| kind.name.to_owned()).collect();
    let attempts: Vec<i32> = KINDS.iter().map(|kind| kind.max_attempts.cast_signed()).collect();
    sqlx::query!(
        "insert into private.job_kinds (name, max_attempts)
         select * from unnest($1::text[], $2::integer[])
         on conflict (name) do update set max_attempts = excluded.max_attempts",
        &names,
        &attempts,
    )
    .execute(connection)
    .await?;
    Ok(())
}
