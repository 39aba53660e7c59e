//! What a person takes along: the memory of one chat, as a file that is made when it is sent.

use serde::{Deserialize, Serialize};

use crate::ids::ChatId;

/// Whose memory. In a private chat everything of its person, in a group that chat only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Export {
    /// The chat that is exported.
    pub chat: ChatId,
}

/// A file to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Document {
    /// The chat that gets it: never a group.
    pub to: ChatId,
    /// What stands below it; at most 1,024 characters.
    pub caption: String,
    /// What it is made from.
    pub export: Export,
}
