//! Why an import does not come to its end.

use std::io;

/// Why an import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The database did not answer; what was begun is continued by the next run.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// What is stored is not what the files say.
    #[error("the check found a difference: {0}")]
    Mismatch(String),
    /// The chats of one folder have several accounts here.
    #[error("its chats {0} belong to different accounts here: say which one with --account")]
    Ambiguous(String),
    /// Somebody gave a chat to another account, or forgot it, while it was imported.
    #[error("one of its chats was forgotten or got another account meanwhile; run it again")]
    NotWanted,
    /// Somebody else is importing.
    #[error("another import is running")]
    Busy,
}
