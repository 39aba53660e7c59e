//! `summarize_chat`: one step of reading a conversation beyond short-term, and the next one until nothing is unread.

use std::time::Duration;

use brain::{
    db::{
        reading::{self, Reach},
        tiers,
    },
    jobs::SummarizeChat,
};

use super::read_messages::{Progress, read_messages};
use crate::{context::Context, error::JobError, registry::Run};

impl Run for SummarizeChat {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let pool = &context.brain.pool;
        let Some(account) = reading::account_of(pool, self.chat_id).await? else { return Ok(()) };
        let progress = read_messages(context, account, self.at(), Reach::BeforeShortTerm, "summary").await?;
        tiers::overflow(pool, self.at()).await?;
        match progress {
            Progress::More => Err(JobError::snooze(Duration::ZERO)),
            Progress::AllRead => Ok(()),
        }
    }
}
