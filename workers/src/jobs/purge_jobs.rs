//! `purge_jobs`: deletes what is past its retention, in batches that can be broken off at any point.

use brain::{
    db::{budgets, invitations, notices, outgoing, sign_in_links, updates},
    jobs::PurgeJobs,
    queue,
};

use crate::{context::Context, error::JobError, registry::Run};

/// Rows per statement: short enough that nobody waits for its locks.
const BATCH: i64 = 5000;

impl Run for PurgeJobs {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let pool = &context.brain.pool;
        let mut deleted = 0;
        loop {
            if context.stopping.is_cancelled() {
                return Err(JobError::snooze(std::time::Duration::ZERO));
            }
            let batch = queue::purge(pool, BATCH).await?
                + updates::purge(pool, BATCH).await?
                + outgoing::purge(pool, BATCH).await?
                + budgets::purge(pool, context.brain.clock.now().date_naive()).await?
                + sign_in_links::purge(pool, BATCH, context.brain.clock.now()).await?
                + invitations::purge(pool, BATCH, context.brain.clock.now()).await?
                + notices::purge(pool, BATCH).await?;
            deleted += batch;
            if batch == 0 {
                tracing::info!(deleted, "purged");
                return Ok(());
            }
        }
    }
}
