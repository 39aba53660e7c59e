//! `promote_tiers`: moves messages that have left their session, and has full conversations summarized.

use brain::{
    db::tiers,
    ids::{ChatId, Conversation},
    jobs::{PromoteTiers, SummarizeChat},
    queue,
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for PromoteTiers {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        promote(context, None).await?;
        Ok(())
    }
}

/// Promotes in all chats, or in one after its reply.
pub(super) async fn promote(context: &Context, chat: Option<ChatId>) -> sqlx::Result<()> {
    let brain = &context.brain;
    let full = tiers::promote(&brain.pool, chat, brain.clock.now()).await?;
    for at in &full {
        summarize(context, *at).await?;
    }
    if !full.is_empty() {
        queue::wake(&brain.pool, queue::Queue::Extraction).await?;
    }
    Ok(())
}

/// Puts one summary of the conversation on the queue for each mark that it has reached, and another for each fifty messages
/// more, in case one failed for good.
async fn summarize(context: &Context, at: Conversation) -> sqlx::Result<()> {
    let pool = &context.brain.pool;
    let state = tiers::unread(pool, at).await?;
    let parts =
        [at.chat.0, at.thread.0, state.read_through.0, state.first.0, state.unread / tiers::WORTH_READING];
    let key = parts.map(|part| part.to_string()).join(":");
    let job = SummarizeChat { chat_id: at.chat, thread_id: at.thread };
    queue::enqueue(&mut *pool.acquire().await?, &job, Some(&key)).await.map(drop)
}
