//! What a queue has to offer.

use std::{error::Error, future::Future};

use apalis_core::{error::BoxDynError, task::builder::TaskBuilder};
use tokio::sync::OwnedSemaphorePermit;

/// A queue, as one worker sees it.
pub trait Store: Clone + Send + Sync + Unpin + 'static {
    /// A claimed job.
    type Job: Clone + Send + Sync + Unpin + 'static;
    /// How a job ended.
    type Outcome: Send + Sync + 'static;
    /// The store does not answer.
    type Error: Error + Send + Sync + 'static;

    /// The job's id, unique in the queue.
    fn id(job: &Self::Job) -> &str;

    /// Tells apalis of the job what it shows of it: attempts and the like.
    fn describe(task: TaskBuilder<Claimed<Self::Job>>, job: &Self::Job) -> TaskBuilder<Claimed<Self::Job>>;

    /// What is to be noted of a job that ran to this result.
    fn outcome(job: &Self::Job, result: &Result<Self::Outcome, BoxDynError>) -> Self::Outcome;

    /// Claims up to `limit` due jobs for this worker.
    fn claim(&self, limit: usize) -> impl Future<Output = Result<Vec<Self::Job>, Self::Error>> + Send;

    /// Notes how jobs ended, by their ids. A job that is no longer this worker's is left alone.
    fn complete(
        &self,
        outcomes: &[(String, Self::Outcome)],
    ) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Gives claimed jobs back that were not begun.
    fn release(&self, ids: &[String]) -> impl Future<Output = Result<(), Self::Error>> + Send;

    /// Notes that this worker lives, and rescues the jobs of those that do not. Says how many.
    fn heartbeat(&self) -> impl Future<Output = Result<u64, Self::Error>> + Send;
}

/// A job with the slot that it occupies until it is dropped.
pub struct Claimed<J> {
    job: J,
    _slot: OwnedSemaphorePermit,
}

impl<J> Claimed<J> {
    pub(crate) const fn new(job: J, slot: OwnedSemaphorePermit) -> Self {
        Self { job, _slot: slot }
    }

    /// The job.
    pub const fn job(&self) -> &J {
        &self.job
    }
}
