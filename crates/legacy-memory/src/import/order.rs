//! What is to be imported and how, and how far it is.

use std::path::Path;

use brain::ids::{AccountId, ChatId};

/// What is to be imported, and how.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Where the files are.
    pub dir: &'a Path,
    /// The chat of rows that name none.
    pub chat: Option<ChatId>,
    /// Bring this chat's messages only.
    pub only: Option<ChatId>,
    /// Whose they become; otherwise the account that their chats have, or a new one.
    pub account: Option<AccountId>,
    /// Read and compare, change nothing.
    pub dry_run: bool,
    /// The model that answers where an account has none of its own, and its server's address.
    pub default_model: (&'a str, &'a str),
    /// Connections that write and check at the same time.
    pub connections: usize,
}

/// Where an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The folder.
    pub folder: &'a str,
    /// What is being done.
    pub step: Step,
    /// So far, in bytes or messages.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// What is being done, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reading; in bytes.
    Reading,
    /// Writing; in messages.
    Writing,
    /// Comparing files and rows.
    Checking,
}
