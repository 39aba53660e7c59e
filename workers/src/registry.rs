//! Which job runs what, and in which lane.

use std::time::Duration;

use brain::{
    config::WorkerConfig,
    jobs::{
        AnalyzeAccount, AnswerChat, CheckModel, ExpireAccounts, ImportFiles, Job, PromoteTiers, PurgeJobs,
        SendLink, SendNotice, SetWebhook, SummarizeChat, Sweep, TellModel, TellOperators, TellRegistered,
    },
    ports::reason::{Reason, Sent},
    queue::{Ending, TakenJob, Wake},
};
use futures::future::BoxFuture;

use crate::{context::Context, error::JobError};

/// Jobs of one lane wait for each other, never for another lane's: replies are not to stand behind upkeep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lane {
    /// What a person waits for.
    Replies,
    /// Reading messages for facts: calls of the model that nobody waits for.
    Reading,
    /// Mail: a server that is slow or away holds up other mails only.
    Mail,
    /// Old files: one import runs at a time, for as long as it takes.
    Imports,
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
    entry::<AnalyzeAccount>(Lane::Reading),
    entry::<SummarizeChat>(Lane::Reading),
    entry::<CheckModel>(Lane::Upkeep),
    entry::<ExpireAccounts>(Lane::Upkeep),
    entry::<ImportFiles>(Lane::Imports),
    entry::<PromoteTiers>(Lane::Upkeep),
    entry::<PurgeJobs>(Lane::Upkeep),
    entry::<SendLink>(Lane::Mail),
    entry::<SendNotice>(Lane::Mail),
    entry::<SetWebhook>(Lane::Upkeep),
    entry::<Sweep>(Lane::Upkeep),
    entry::<TellModel>(Lane::Upkeep),
    entry::<TellOperators>(Lane::Upkeep),
    entry::<TellRegistered>(Lane::Upkeep),
];

/// The names of all jobs.
pub fn names() -> impl Iterator<Item = &'static str> {
    JOBS.iter().map(|entry| entry.name)
}

impl Lane {
    /// All of them.
    pub(crate) const EACH: [Self; 5] =
        [Self::Replies, Self::Reading, Self::Mail, Self::Imports, Self::Upkeep];

    /// How many of its jobs this process runs at the same time.
    pub(crate) const fn places(self, worker: &WorkerConfig) -> usize {
        match self {
            Self::Replies => worker.concurrency,
            Self::Reading => WorkerConfig::READINGS,
            Self::Mail | Self::Upkeep => 2,
            Self::Imports => 1,
        }
    }

    /// How often the queue is looked at when nobody said that there is something: a lost wake-up costs at most this.
    pub(crate) const fn poll(self) -> Duration {
        match self {
            Self::Replies => Duration::from_millis(250),
            Self::Reading | Self::Mail | Self::Imports | Self::Upkeep => Duration::from_secs(1),
        }
    }

    /// Whether word of new work is for this lane.
    pub(crate) fn is_woken_by(self, wake: Wake) -> bool {
        match wake {
            Wake::Replies => self == Self::Replies,
            Wake::Reading => self == Self::Reading,
            Wake::Upkeep => matches!(self, Self::Mail | Self::Imports | Self::Upkeep),
            Wake::All => true,
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
        return Ending::Killed {
            error: Reason::said(&format!("this program knows no job named {}", job.name), &Sent::default()),
        };
    };
    match (entry.run)(&job.payload, context).await {
        Ok(()) => Ending::Done,
        Err(error) => error.into_ending(job.attempts),
    }
}

async fn run_payload<J: Run>(payload: &[u8], context: &Context) -> Result<(), JobError> {
    let job: J = serde_json::from_slice(payload)
        .map_err(|error| JobError::Fail(Reason::said(&format!("payload: {error}"), &Sent::default())))?;
    job.run(context).await
}
