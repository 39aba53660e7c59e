//! Telling the workers that there is something to do: after the commit, and many tellings in one.
//!
//! A NOTIFY inside each update's transaction takes a lock of the whole server at commit and halves what it can take.

use std::sync::Arc;

use brain::queue;
use sqlx::PgPool;
use tokio::{sync::Notify, task::AbortHandle};

/// Wakes the workers, once for all who asked since the last time.
pub(crate) struct Wake {
    asked: Arc<Notify>,
    task: AbortHandle,
}

impl Wake {
    pub(crate) fn start(pool: PgPool) -> Self {
        let asked = Arc::new(Notify::new());
        let waiting = Arc::clone(&asked);
        let task = tokio::spawn(async move {
            loop {
                waiting.notified().await;
                // Who asks while this is under way is told of in the next round. A lost wake costs a worker's poll, 250 ms.
                if let Err(error) = queue::wake(&pool, queue::Queue::Replies).await {
                    tracing::debug!(error = %error, "the workers were not woken");
                }
            }
        });
        Self { asked, task: task.abort_handle() }
    }

    /// Asks for the workers to be woken. Returns at once.
    pub(crate) fn workers(&self) {
        self.asked.notify_one();
    }
}

impl Drop for Wake {
    fn drop(&mut self) {
        self.task.abort();
    }
}
