//! `sweep`, asked for by an operator; every worker also does it by itself every two seconds.

use brain::{db::chat_turns, jobs::Sweep, queue};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for Sweep {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let chats = chat_turns::sweep(&context.brain.pool).await?;
        tracing::info!(chats, "swept");
        queue::wake(&context.brain.pool, queue::Queue::Replies).await?;
        Ok(())
    }
}
