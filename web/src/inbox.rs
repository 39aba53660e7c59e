//! The way in for updates, whoever brings them: the webhook, long polling, or the local chat.

use std::sync::Arc;

use brain::{
    db::updates::{self, Accepted},
    ids::ChatId,
    telegram::{Envelope, envelope},
};
use sqlx::PgPool;

use crate::wake::Wake;

/// Puts updates on disk and wakes the workers.
#[derive(Clone)]
pub struct Inbox {
    pool: PgPool,
    bot_id: i64,
    wake: Arc<Wake>,
}

/// Why an update was not taken.
#[derive(Debug, thiserror::Error)]
pub enum InboxError {
    /// It is no update: not JSON, or without a number.
    #[error("not an update")]
    NotAnUpdate,
    /// The database does not answer. The sender has to try again.
    #[error("the database does not answer: {0}")]
    Unavailable(#[from] sqlx::Error),
}

impl Inbox {
    /// The inbox of one bot. Starts the task that wakes the workers, so it wants a tokio runtime.
    #[must_use]
    pub fn new(pool: PgPool, bot_id: i64) -> Self {
        let wake = Arc::new(Wake::start(pool.clone()));
        Self { pool, bot_id, wake }
    }

    /// Takes an update. When this returns `Ok`, the update is on disk and will be answered.
    ///
    /// # Errors
    /// When it is no update, or the database does not answer.
    pub async fn accept(&self, body: &[u8]) -> Result<Accepted, InboxError> {
        let Envelope::Update { update_id, chat_id, .. } = envelope(body) else {
            return Err(InboxError::NotAnUpdate);
        };
        let accepted = updates::accept(&self.pool, self.bot_id, update_id, chat_id.map(ChatId), body).await?;
        if accepted == Accepted::Scheduled {
            self.wake.workers();
        }
        Ok(accepted)
    }
}
