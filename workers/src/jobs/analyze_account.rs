//! `analyze_account`: reads whatever is new in an account for facts, a step at a time, and tells who asked for it.

use std::time::Duration;

use brain::{
    db::{
        analysis,
        reading::{self, Reach},
        tiers,
    },
    ids::AccountId,
    jobs::AnalyzeAccount,
    queue,
    reply::plain_parts,
    texts,
};

use super::read_messages::{Progress, read_messages};
use crate::{
    context::Context,
    error::{Decision, JobError},
    registry::Run,
};

/// Accounts whose jobs are put on the queue in one transaction.
const BATCH: i64 = 500;

impl Run for AnalyzeAccount {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        match self.account_id {
            Some(account) => analyze(context, account).await,
            None => Ok(analyze_all(context).await?),
        }
    }
}

async fn analyze(context: &Context, account: AccountId) -> Result<(), JobError> {
    let pool = &context.brain.pool;
    let mut snooze: Option<Duration> = None;
    for at in reading::unread(pool, account).await? {
        match read_messages(context, account, at, Reach::All, "analysis").await {
            // The next step, which may be of another conversation.
            Ok(Progress::More) => return Err(JobError::snooze(Duration::ZERO)),
            Ok(Progress::AllRead) => tiers::overflow(pool, at).await?,
            // One that has to wait does not hold up the others.
            Err(error) => match error.decision() {
                Decision::Snooze(wait) => snooze = Some(snooze.map_or(wait, |other| other.min(wait))),
                Decision::Retry | Decision::Fail => return Err(error),
            },
        }
    }
    if let Some(wait) = snooze {
        return Err(JobError::snooze(wait));
    }
    let requests = analysis::requests(pool, account).await?;
    for request in &requests {
        analysis::report(pool, request.at, &plain_parts(&texts::memory::analysed(request.totals))).await?;
    }
    if !requests.is_empty() {
        queue::wake(pool, queue::Queue::Replies).await?;
    }
    Ok(())
}

/// A job of its own for each account with news that has none waiting.
async fn analyze_all(context: &Context) -> sqlx::Result<()> {
    let pool = &context.brain.pool;
    let mut after = AccountId(0);
    loop {
        let accounts = reading::accounts_with_news(pool, after, BATCH).await?;
        let Some(last) = accounts.last().copied() else { break };
        let mut tx = pool.begin().await?;
        for account in accounts {
            let job = AnalyzeAccount { account_id: Some(account) };
            queue::enqueue_unless_waiting(&mut tx, &job).await?;
        }
        tx.commit().await?;
        after = last;
    }
    queue::wake(pool, queue::Queue::Extraction).await
}
