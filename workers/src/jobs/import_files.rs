//! `import_files`: brings a chat's other memory over, and tells the chat what came of it.

use std::time::Duration;

use brain::{
    db::migration_mapping,
    jobs::{ImportFiles, jittered},
    other_memory::BringError,
    queue::{self, Queue},
    reply::plain_parts,
    texts,
};

use crate::{context::Context, error::JobError, registry::Run};

/// Somebody else imports: one import runs at a time.
const BUSY: Duration = Duration::from_secs(1);

impl Run for ImportFiles {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let Some(other) = &brain.other_memory else { return Ok(()) };
        if !migration_mapping::forgotten(&brain.pool, &[self.chat_id]).await?.is_empty() {
            // Nobody wants it any more.
            return Ok(());
        }
        let brought = tokio::select! {
            biased;
            () = context.stop_now.cancelled() => return Err(JobError::snooze(Duration::ZERO)),
            brought = other.bring_over(self.chat_id, &brain.pool, &brain.clock) => brought,
        };
        match brought {
            Ok(()) => migration_mapping::nothing_to_bring(&brain.pool, self.chat_id).await?,
            Err(BringError::Busy) => return Err(JobError::snooze(jittered(BUSY))),
            Err(BringError::Database(error)) => return Err(error.into()),
            Err(BringError::Failed(problem)) => {
                tracing::error!(
                    chat.id = self.chat_id.0,
                    error = problem,
                    "old memory could not be brought over"
                );
                let word = plain_parts(texts::import::FAILED);
                migration_mapping::give_up(&brain.pool, self.chat_id, &word, brain.clock.now()).await?;
            }
        }
        queue::wake(&brain.pool, Queue::Replies).await?;
        Ok(())
    }
}
