//! The queue: putting jobs on it, taking them off, noting how they ended. All SQL over `apalis.jobs` and `apalis.workers` is here.
//!
//! The tables, their migrations and their meaning are apalis-postgres's, so that its tools and dashboards can read them.

use std::time::Duration;

use apalis_postgres::PostgresStorage;
use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, migrate::Migrator};
use ulid::Ulid;

use crate::{
    jobs::{Job, SetWebhook},
    ports::reason::Reason,
};

/// The channel on which a process says that it has put a job on the queue, after the commit.
pub const WAKE_CHANNEL: &str = "pykhbrain_wake";

/// A job as a worker takes it.
#[derive(Clone, Debug)]
pub struct TakenJob {
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

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ending {
    /// It did its work.
    Done,
    /// It is to run again later; this was no failure and does not count as an attempt.
    PutOff(Duration),
    /// It failed and is tried again later, while it has attempts left.
    Failed {
        /// What went wrong, for operators. No texts of people, no secrets.
        error: Reason,
        /// The wait before the next attempt.
        retry_in: Duration,
    },
    /// It failed for good.
    Killed {
        /// What went wrong, for operators.
        error: Reason,
    },
}

/// apalis's own migrations.
#[must_use]
pub fn migrations() -> Migrator {
    PostgresStorage::migrations()
}

/// A new job id. Sorts by time, so that the primary key's index grows at its end.
#[must_use]
pub fn new_job_id() -> String {
    Ulid::generate().to_string()
}

/// Puts a job on the queue as part of the caller's transaction. Who commits should [`wake`] afterwards, or wait up to 250 ms.
///
/// With a `key` the job is put there once and never again (`ON CONFLICT DO NOTHING`); says whether it was added.
///
/// # Errors
/// When the database does not answer.
///
/// # Panics
/// When a payload cannot be written as JSON, which no payload of ours does.
pub async fn enqueue<J: Job>(tx: &mut PgConnection, job: &J, key: Option<&str>) -> sqlx::Result<bool> {
    let payload = serde_json::to_vec(job).expect("payloads are plain structs");
    let max_attempts = i32::try_from(J::MAX_ATTEMPTS).unwrap_or(i32::MAX);
    // run_at a moment ahead keeps the table's own trigger from a NOTIFY inside this transaction.
    let added = sqlx::query!(
        "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, idempotency_key)
         values ($1, $2, $3, 'Pending', 0, $4, now() + interval '1 microsecond', 0, $5)
         on conflict (job_type, idempotency_key) do nothing",
        new_job_id(),
        J::NAME,
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
    let attempts = i32::try_from(SetWebhook::MAX_ATTEMPTS).unwrap_or(i32::MAX);
    sqlx::query!("select private.web_set_webhook($1, $2)", job.public_url, attempts).fetch_one(pool).await?;
    Ok(())
}

/// Puts a job on the queue unless the very same one waits there or runs.
///
/// # Errors
/// When the database does not answer.
///
/// # Panics
/// When a payload cannot be written as JSON, which no payload of ours does.
pub async fn enqueue_unless_waiting<J: Job>(tx: &mut PgConnection, job: &J) -> sqlx::Result<bool> {
    let payload = serde_json::to_vec(job).expect("payloads are plain structs");
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

/// Which of the workers' lanes has something to take. One is not woken by what is for another: replies come by the hundred.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// An answer.
    Replies,
    /// Reading for facts.
    Reading,
    /// What a worker does by the clock, or an operator has asked for.
    Upkeep,
    /// Whoever says it does not know.
    All,
}

impl Wake {
    const EACH: [Self; 3] = [Self::Replies, Self::Reading, Self::Upkeep];

    /// The word that goes over the channel.
    const fn word(self) -> &'static str {
        match self {
            Self::Replies => "replies",
            Self::Reading => "reading",
            Self::Upkeep => "upkeep",
            Self::All => "all",
        }
    }

    /// What a word on the channel means; one of another version of the program may mean anything.
    #[must_use]
    pub fn parse(word: &str) -> Self {
        Self::EACH.into_iter().find(|wake| wake.word() == word).unwrap_or(Self::All)
    }
}

/// Tells the workers that there is something to take. Nothing of it is worth a flush to disk, which it would wait for.
///
/// # Errors
/// When the database does not answer; the workers find the job by themselves within a second.
pub async fn wake(pool: &PgPool, wake: Wake) -> sqlx::Result<()> {
    sqlx::query!(
        "select set_config('synchronous_commit', 'off', true), pg_notify($1, $2)",
        WAKE_CHANNEL,
        wake.word()
    )
    .fetch_one(pool)
    .await?;
    Ok(())
}

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

/// Takes up to `limit` due jobs with one of the given names. What is taken is this worker's until it ends or the worker dies.
/// Not waited for until it is on disk: if the database crashes in the next moment, the job is due again, and runs again.
///
/// # Errors
/// When the database does not answer.
pub async fn take(pool: &PgPool, worker: &str, names: &[String], limit: i64) -> sqlx::Result<Vec<TakenJob>> {
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
        .map(|row| TakenJob {
            id: row.id,
            name: row.job_type,
            payload: row.job,
            attempts: u32::try_from(row.attempts).unwrap_or(0),
            max_attempts: u32::try_from(row.max_attempts).unwrap_or(1),
        })
        .collect())
}

/// Notes how jobs ended, many at once. A job that is no longer this worker's is left alone.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(pool: &PgPool, worker: &str, endings: &[(String, Ending)]) -> sqlx::Result<()> {
    let mut ids = Vec::with_capacity(endings.len());
    let mut statuses = Vec::with_capacity(endings.len());
    let mut waits = Vec::with_capacity(endings.len());
    let mut errors = Vec::with_capacity(endings.len());
    for (id, ending) in endings {
        let (status, wait, error) = match ending {
            Ending::Done => ("Done", 0.0, None),
            Ending::PutOff(wait) => ("Pending", wait.as_secs_f64(), None),
            Ending::Failed { error, retry_in } => ("Failed", retry_in.as_secs_f64(), Some(error.to_string())),
            Ending::Killed { error } => ("Killed", 0.0, Some(error.to_string())),
        };
        ids.push(id.clone());
        statuses.push(status.to_owned());
        waits.push(wait);
        errors.push(error);
    }
    sqlx::query!(
        r#"update apalis.jobs j
           set status = e.status,
               attempts = j.attempts + case when e.status = 'Pending' then 0 else 1 end,
               run_at = case when e.status in ('Pending', 'Failed') then clock_timestamp() + make_interval(secs => e.wait) else j.run_at end,
               lock_by = case when e.status = 'Pending' then null else j.lock_by end,
               done_at = case when e.status = 'Pending' then null else now() end,
               last_result = case when e.error is null then '{"Ok":null}' else jsonb_build_object('Err', e.error) end
           from unnest($2::text[], $3::text[], $4::float8[], $5::text[]) as e (id, status, wait, error)
           where j.id = e.id and j.lock_by = $1 and j.status = 'Running'"#,
        worker,
        &ids,
        &statuses,
        &waits,
        &errors as &[Option<String>],
    )
    .execute(pool)
    .await?;
    Ok(())
}

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
