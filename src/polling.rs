//! Long polling: `dev` fetches updates itself, so that no public address is needed. They go into the same inbox.

use std::time::Duration;

use brain::{
    ports::telegram::{Telegram, TelegramError},
    telegram::{Envelope, envelope},
};
use tokio_util::sync::CancellationToken;
use web::{Inbox, inbox::InboxError};

/// How long Telegram holds the question open.
const WAIT: Duration = Duration::from_secs(25);
const AFTER_ERROR: Duration = Duration::from_secs(3);

/// Fetches updates until `stopping`. An update counts as fetched when it is on disk.
pub(crate) async fn poll(telegram: Telegram, inbox: Inbox, stopping: CancellationToken) {
    let mut offset = 0;
    loop {
        let fetched = tokio::select! {
            () = stopping.cancelled() => return,
            fetched = fetch(&telegram, &inbox, &mut offset) => fetched,
        };
        if let Err(error) = fetched {
            tracing::warn!(error, "updates could not be fetched; trying again");
            tokio::time::sleep(AFTER_ERROR).await;
        }
    }
}

async fn fetch(telegram: &Telegram, inbox: &Inbox, offset: &mut i64) -> Result<(), String> {
    let updates =
        telegram.get_updates(*offset, WAIT).await.map_err(|error: TelegramError| error.to_string())?;
    for update in updates {
        let body = update.get().as_bytes();
        match inbox.accept(body).await {
            Ok(_) | Err(InboxError::NotAnUpdate) => {}
            Err(InboxError::Unavailable(error)) => {
                return Err(format!("the database does not answer: {error}"));
            }
        }
        if let Envelope::Update { update_id, .. } = envelope(body) {
            *offset = (*offset).max(update_id.saturating_add(1));
        }
    }
    Ok(())
}
