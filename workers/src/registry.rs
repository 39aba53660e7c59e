//! What runs which job.

use brain::{
    jobs::{
        AnalyzeAccount, AnswerChat, CheckModel, ExpireAccounts, ImportFiles, Job, PromoteTiers, PurgeJobs,
        SendLink, SetWebhook, SummarizeChat, Sweep, TellRegistered,
    },
    queue::ClaimedJob,
};
use futures::future::BoxFuture;

use crate::{context::Context, error::JobError};

/// A job that can be run.
pub(crate) trait Run: Job {
    /// Does the work.
    fn run(self, context: &Context) -> impl Future<Output = Result<(), JobError>> + Send;
}

struct Entry {
    name: &'static str,
    run: RunPayload,
}

type RunPayload = for<'a> fn(&'a [u8], &'a Context) -> BoxFuture<'a, Result<(), JobError>>;

const fn entry<J: Run>() -> Entry {
    Entry { name: J::NAME, run: |payload, context| Box::pin(run_payload::<J>(payload, context)) }
}

const JOBS: &[Entry] = &[
    entry::<AnswerChat>(),
    entry::<AnalyzeAccount>(),
    entry::<SummarizeChat>(),
    entry::<CheckModel>(),
    entry::<ExpireAccounts>(),
    entry::<ImportFiles>(),
    entry::<PromoteTiers>(),
    entry::<PurgeJobs>(),
    entry::<SendLink>(),
    entry::<SetWebhook>(),
    entry::<Sweep>(),
    entry::<TellRegistered>(),
];

/// Runs a job to its end.
pub(crate) async fn run(job: &ClaimedJob, context: &Context) -> Result<(), JobError> {
    let Some(entry) = JOBS.iter().find(|entry| entry.name == job.name) else {
        return Err(JobError::fail(format!("this program knows no job named {}", job.name)));
    };
    (entry.run)(&job.payload, context).await
}

async fn run_payload<J: Run>(payload: &[u8], context: &Context) -> Result<(), JobError> {
    let job: J = serde_json::from_slice(payload).map_err(|error| JobError::fail(format!("payload: {error}")))?;
    job.run(context).await
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_kind_of_job_can_be_run() {
        let run: BTreeSet<_> = JOBS.iter().map(|entry| entry.name).collect();
        let known: BTreeSet<_> = brain::jobs::KINDS.iter().map(|kind| kind.name).collect();
        assert_eq!(run, known);
    }
}
