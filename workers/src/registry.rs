//! Which job runs what, and in which lane.

use std::time::Duration;

use brain::{
    jobs::{AnswerChat, CheckModel, Job, PurgeJobs, SetWebhook, Sweep},
    queue::{Ending, TakenJob},
};
use futures::future::BoxFuture;

use crate::{context::Context, error::JobError};

/// Jobs of one lane wait for each other, never for another lane's: replies are not to stand behind upkeep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What a person waits for.
    Replies,
    /// Everything else.
    Upkeep,
}

/// A job that can be run.
pub(crate) trait Run: Job {
    /// Does the work.
    fn run(self, context: &Context) -> impl Future<Output = Result<(), JobError>> + Send;
}

struct Entry {
    name: &'static str,
    lane: Lane,
    run: RunPayload,
}

type RunPayload = for<'a> fn(&'a [u8], &'a Context) -> BoxFuture<'a, Result<(), JobError>>;

const fn entry<J: Run>(lane: Lane) -> Entry {
    Entry { name: J::NAME, lane, run: |payload, context| Box::pin(run_payload::<J>(payload, context)) }
}

/// Every job there is.
const JOBS: &[Entry] = &[
    entry::<AnswerChat>(Lane::Replies),
    entry::<CheckModel>(Lane::Upkeep),
    entry::<PurgeJobs>(Lane::Upkeep),
    entry::<SetWebhook>(Lane::Upkeep),
    entry::<Sweep>(Lane::Upkeep),
];

/// The names of all jobs.
pub fn names() -> impl Iterator<Item = &'static str> {
    JOBS.iter().map(|entry| entry.name)
}

impl Lane {
    /// How often the queue is looked at when nobody said that there is something. A lost wake-up costs at most this; upkeep
    /// is not woken at all, because the wake-ups are for replies, and nobody waits for it.
    pub(crate) const fn poll(self) -> Duration {
        match self {
            Self::Replies => Duration::from_millis(250),
            Self::Upkeep => Duration::from_secs(1),
        }
    }

    /// The names of the lane's jobs.
    pub(crate) fn names(self) -> Vec<String> {
        JOBS.iter().filter(|entry| entry.lane == self).map(|entry| entry.name.to_owned()).collect()
    }
}

/// Runs a job to its end.
pub(crate) async fn run(job: &TakenJob, context: &Context) -> Ending {
    let Some(entry) = JOBS.iter().find(|entry| entry.name == job.name) else {
        return Ending::Killed { error: format!("this program knows no job named {}", job.name) };
    };
    match (entry.run)(&job.payload, context).await {
        Ok(()) => Ending::Done,
        Err(error) => error.into_ending(job.attempts),
    }
}

async fn run_payload<J: Run>(payload: &[u8], context: &Context) -> Result<(), JobError> {
    let job: J =
        serde_json::from_slice(payload).map_err(|error| JobError::Fail(format!("payload: {error}")))?;
    job.run(context).await
}
