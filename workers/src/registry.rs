//! What runs which job.

use brain::{
    jobs::{
        AnalyzeAccount, AnswerChat, CheckModel, ExpireAccounts, ImportFiles, Job, PromoteTiers, PurgeJobs,
        SendLink, SendNotice, SetWebhook, SummarizeChat, Sweep, TellModel, TellOperators, TellRegistered,
    },
    ports::reason::{Reason, Sent},
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
    entry::<SendNotice>(),
    entry::<SetWebhook>(),
    entry::<Sweep>(),
    entry::<TellModel>(),
    entry::<TellOperators>(),
    entry::<TellRegistered>(),
];

/// Runs a job to its end.
pub(crate) async fn run(job: &ClaimedJob, context: &Context) -> Result<(), JobError> {
    let Some(entry) = JOBS.iter().find(|entry| entry.name == job.name) else {
        // Its name may be anybody's words.
        return Err(JobError::fail_because("this program knows no job of that name"));
    };
    (entry.run)(&job.payload, context).await
}

async fn run_payload<J: Run>(payload: &[u8], context: &Context) -> Result<(), JobError> {
    let job: J = serde_json::from_slice(payload).map_err(|error| {
        JobError::fail_because(Reason::said(&format!("payload: {error}"), &Sent::default()))
    })?;
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
