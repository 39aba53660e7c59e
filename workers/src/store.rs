//! Our queue as the apalis backend sees it: which jobs of it this worker claims, and what is noted of them.

use std::{sync::Arc, time::Duration};

use apalis::{
    layers::catch_panic::PanicError,
    prelude::{BoxDynError, TaskBuilder},
};
use apalis_batch::{Claimed, Store};
use brain::{
    jobs::{self, Queue},
    queue::{self, ClaimedJob, JobOutcome},
};
use sqlx::PgPool;
use tower::timeout::error::Elapsed;

use crate::error::{Decision, JobError};

/// The silence after which a worker's jobs are given to others.
const DEAD_AFTER: Duration = Duration::from_secs(15);

/// One of the queues.
#[derive(Clone)]
pub(crate) struct QueueStore {
    pool: PgPool,
    worker: Arc<str>,
    names: Arc<[String]>,
}

impl QueueStore {
    pub(crate) fn new(pool: PgPool, worker: Arc<str>, queue: Queue) -> Self {
        let kinds = jobs::KINDS.iter().filter(|kind| kind.queue == queue);
        Self { pool, worker, names: kinds.map(|kind| kind.name.to_owned()).collect() }
    }
}

impl Store for QueueStore {
    type Job = ClaimedJob;
    type Outcome = JobOutcome;
    type Error = sqlx::Error;

    fn id(job: &ClaimedJob) -> &str {
        &job.id
    }

    fn describe(
        task: TaskBuilder<Claimed<ClaimedJob>>,
        job: &ClaimedJob,
    ) -> TaskBuilder<Claimed<ClaimedJob>> {
        task.attempt(job.attempts as usize + 1).max_attempts(job.max_attempts as usize)
    }

    /// A panic, or a job that ran out of time, is a failure like another.
    fn outcome(job: &ClaimedJob, result: &Result<JobOutcome, BoxDynError>) -> JobOutcome {
        let error = match result {
            Ok(outcome) => return outcome.clone(),
            Err(error) => error,
        };
        let (decision, error) = match error.downcast_ref::<JobError>() {
            Some(error) => (error.decision(), error.reason().clone()),
            None if error.is::<PanicError>() => (Decision::Retry, "panicked".into()),
            None if error.is::<Elapsed>() => (Decision::Retry, "did not come to an end".into()),
            None => (Decision::Retry, "its task broke off".into()),
        };
        match decision {
            Decision::Snooze(wait) => JobOutcome::Snoozed(wait),
            Decision::Fail => JobOutcome::Killed { error },
            Decision::Retry => {
                let backoff =
                    jobs::kind_named(&job.name).map_or(jobs::backoff as fn(u32) -> _, |kind| kind.backoff);
                JobOutcome::Failed { error, retry_in: backoff(job.attempts + 1) }
            }
        }
    }

    async fn claim(&self, limit: usize) -> sqlx::Result<Vec<ClaimedJob>> {
        queue::claim(&self.pool, &self.worker, &self.names, limit.try_into().unwrap_or(1)).await
    }

    async fn complete(&self, outcomes: &[(String, JobOutcome)]) -> sqlx::Result<()> {
        queue::complete(&self.pool, &self.worker, outcomes).await
    }

    async fn release(&self, ids: &[String]) -> sqlx::Result<()> {
        queue::release(&self.pool, &self.worker, ids).await
    }

    async fn heartbeat(&self) -> sqlx::Result<u64> {
        queue::heartbeat(&self.pool, &self.worker, DEAD_AFTER).await
    }
}
