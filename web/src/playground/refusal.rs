//! Why something that a person did in the local chat did not happen.

use telegram_sandbox::say;

use crate::inbox::InboxError;

#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error(transparent)]
    Sandbox(#[from] say::Refusal),
    #[error("Nothing was sent, because the database does not answer. Try again in a moment.")]
    NotTaken(#[from] InboxError),
    #[error("Nothing was sent, because the local chat's file cannot be written: {0}")]
    NotWritten(#[from] std::io::Error),
}
