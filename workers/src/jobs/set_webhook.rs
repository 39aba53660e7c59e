//! `set_webhook`: has Telegram deliver updates to the web process.

use brain::{jobs::SetWebhook, ports::telegram::TelegramError};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for SetWebhook {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let url = format!("{}/telegram/webhook", self.public_url);
        match context.brain.telegram.set_webhook(&url, &context.brain.webhook_secret).await {
            Ok(()) => {
                tracing::info!(url, "Telegram delivers updates here");
                Ok(())
            }
            Err(TelegramError::TooManyRequests(wait)) => Err(JobError::PutOff(wait)),
            Err(error @ TelegramError::Unavailable(_)) => Err(JobError::Retry((&error).into())),
            Err(error) => Err(JobError::Fail((&error).into())),
        }
    }
}
