//! Shows "typing" while the model works. Never in the way: it runs beside, and nobody minds when it fails.

use std::time::Duration;

use brain::{ids::Conversation, ports::telegram::Telegram};
use tokio::task::AbortHandle;

/// An answer that comes within this needs no sign.
const PATIENCE: Duration = Duration::from_millis(300);
/// Telegram shows the sign for five seconds: <https://core.telegram.org/bots/api#sendchataction>.
const AGAIN: Duration = Duration::from_secs(4);

/// Shows the sign until it is dropped.
pub(super) struct Typing(AbortHandle);

impl Typing {
    pub(super) fn show(telegram: Telegram, to: Conversation) -> Self {
        let task = tokio::spawn(async move {
            tokio::time::sleep(PATIENCE).await;
            loop {
                let _ = telegram.send_typing(to).await;
                tokio::time::sleep(AGAIN).await;
            }
        });
        Self(task.abort_handle())
    }
}

impl Drop for Typing {
    fn drop(&mut self) {
        self.0.abort();
    }
}
