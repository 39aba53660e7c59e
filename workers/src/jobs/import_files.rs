//! `import_files`: brings a chat's old memory over from the files, and tells the chat what came of it.

use std::time::Duration;

use brain::{
    db::migration_mapping,
    import::{ImportError, Order, Status, try_import},
    jobs::{ImportFiles, jittered},
    queue::{self, Wake},
    reply::plain_parts,
    texts,
};

use crate::{context::Context, error::JobError, registry::Run};

/// Somebody else imports: one import runs at a time.
const BUSY: Duration = Duration::from_secs(1);

impl Run for ImportFiles {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let Some(files) = brain.legacy.as_ref().map(|legacy| &legacy.config) else { return Ok(()) };
        if !migration_mapping::forgotten(&brain.pool, &[self.chat_id]).await?.is_empty() {
            // Nobody wants the files any more.
            return Ok(());
        }
        let order = Order {
            dir: &files.dir,
            chat: files.chat,
            only: Some(self.chat_id),
            account: None,
            dry_run: false,
            default_model: (&brain.llm_config.model, &brain.llm_config.base_url),
            // People are answered meanwhile.
            connections: 1,
        };
        let imported = tokio::select! {
            biased;
            () = context.stop_now.cancelled() => return Err(JobError::PutOff(Duration::ZERO)),
            imported = try_import(&brain.pool, &brain.clock, order, &|_| {}) => imported,
        };
        let problem = match imported {
            Err(ImportError::Busy) => return Err(JobError::PutOff(jittered(BUSY))),
            Err(ImportError::Database(error)) => return Err(error.into()),
            Err(error) => Some(error.to_string()),
            Ok(report) => {
                for folder in report.folders.iter().filter(|folder| folder.status == Status::Done) {
                    tracing::info!(
                        chat.id = self.chat_id.0,
                        account.id = folder.account,
                        messages = folder.messages,
                        facts = folder.facts,
                        "old memory was brought over"
                    );
                }
                report.folders.into_iter().find_map(|folder| folder.problem)
            }
        };
        if let Some(problem) = problem {
            tracing::error!(
                chat.id = self.chat_id.0,
                error = problem,
                "old memory could not be brought over"
            );
            let word = plain_parts(texts::import::FAILED);
            migration_mapping::give_up(&brain.pool, self.chat_id, &word, brain.clock.now()).await?;
        } else {
            migration_mapping::nothing_to_bring(&brain.pool, self.chat_id).await?;
        }
        queue::wake(&brain.pool, Wake::Replies).await?;
        Ok(())
    }
}
