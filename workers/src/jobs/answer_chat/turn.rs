//! The turn that is held: its fence, its renewal, and until when it is safe to send.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use brain::{
    Brain,
    db::chat_turns::{self, LEASE},
    ids::{ChatId, Fence},
};
use sqlx::PgPool;
use tokio::task::AbortHandle;
use tokio_util::sync::CancellationToken;

use crate::context::Context;

/// How often the lease is renewed: three tries before it runs out.
const RENEW: Duration = Duration::from_secs(3);
/// How long after asking for the lease it is safe to send: a second less than it holds, for clocks that run apart.
const SAFE: Duration = Duration::from_secs(LEASE.as_secs() - 1);

/// A turn that is ours. Renewed by a task of its own until it is dropped.
pub(super) struct Turn {
    pub(super) context: Context,
    pub(super) chat: ChatId,
    pub(super) fence: Fence,
    /// Set when somebody else has claimed the turn, or it may have run out unrenewed.
    pub(super) lost: CancellationToken,
    safe_until: Arc<Mutex<Instant>>,
    renewal: AbortHandle,
}

impl Turn {
    /// Holds a turn that was claimed by a request sent at `asked_at`.
    pub(super) fn hold(context: &Context, chat: ChatId, fence: Fence, asked_at: Instant) -> Self {
        let lost = CancellationToken::new();
        let safe_until = Arc::new(Mutex::new(asked_at + SAFE));
        let renewal = tokio::spawn(renew(
            context.brain.pool.clone(),
            chat,
            fence,
            Arc::clone(&safe_until),
            lost.clone(),
        ))
        .abort_handle();
        Self { context: context.clone(), chat, fence, lost, safe_until, renewal }
    }

    /// Until when nobody else can have claimed the turn, by this machine's clock.
    pub(super) fn safe_until(&self) -> Instant {
        *self.safe_until.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The brain.
    pub(super) fn brain(&self) -> &Brain {
        &self.context.brain
    }

    /// The database.
    pub(super) fn pool(&self) -> &PgPool {
        &self.context.brain.pool
    }
}

impl Drop for Turn {
    fn drop(&mut self) {
        self.renewal.abort();
    }
}

async fn renew(
    pool: PgPool,
    chat: ChatId,
    fence: Fence,
    safe_until: Arc<Mutex<Instant>>,
    lost: CancellationToken,
) {
    let mut wait = RENEW;
    loop {
        tokio::time::sleep(wait).await;
        let asked_at = Instant::now();
        match chat_turns::renew(&pool, chat, fence).await {
            Ok(true) => {
                *safe_until.lock().unwrap_or_else(PoisonError::into_inner) = asked_at + SAFE;
                wait = RENEW;
            }
            Ok(false) => return lost.cancel(),
            Err(error) => {
                // Not lost for certain: the fence still decides at the next write. Sending stops at `safe_until` by itself.
                tracing::debug!(chat.id = chat.0, error = %error, "the lease could not be renewed");
                wait = Duration::from_secs(1);
            }
        }
    }
}
