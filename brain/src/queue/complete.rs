//! How jobs ended, noted many at once.

use std::time::Duration;

use sqlx::PgPool;

use crate::ports::reason::Reason;

/// How a job ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JobOutcome {
    /// It did its work.
    Done,
    /// It is to run again later; this was no failure and does not count as an attempt.
    Snoozed(Duration),
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

/// Notes how jobs ended, many at once. A job that is no longer this worker's is left alone.
///
/// # Errors
/// When the database does not answer.
pub async fn complete(pool: &PgPool, worker: &str, outcomes: &[(String, JobOutcome)]) -> sqlx::Result<()> {
    let mut ids = Vec::with_capacity(outcomes.len());
    let mut statuses = Vec::with_capacity(outcomes.len());
    let mut waits = Vec::with_capacity(outcomes.len());
    let mut errors = Vec::with_capacity(outcomes.len());
    for (id, outcome) in outcomes {
        let (status, wait, error) = match outcome {
            JobOutcome::Done => ("Done", 0.0, None),
            JobOutcome::Snoozed(wait) => ("Pending", wait.as_secs_f64(), None),
            JobOutcome::Failed { error, retry_in } => {
                ("Failed", retry_in.as_secs_f64(), Some(error.to_string()))
            }
            JobOutcome::Killed { error } => ("Killed", 0.0, Some(error.to_string())),
        };
        ids.push(id.clone());
        statuses.push(status.to_owned());
        waits.push(wait);
        errors.push(error);
    }
    sqlx::query!(
        r#"update apalis.jobs j
           set status = o.status,
               attempts = j.attempts + case when o.status = 'Pending' then 0 else 1 end,
               run_at = case when o.status in ('Pending', 'Failed') then clock_timestamp() + make_interval(secs => o.wait) else j.run_at end,
               lock_by = case when o.status = 'Pending' then null else j.lock_by end,
               done_at = case when o.status = 'Pending' then null else now() end,
               last_result = case when o.error is null then '{"Ok":null}' else jsonb_build_object('Err', o.error) end
           from unnest($2::text[], $3::text[], $4::float8[], $5::text[]) as o (id, status, wait, error)
           where j.id = o.id and j.lock_by = $1 and j.status = 'Running'"#,
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
