//! Ids that must not be mixed up, as types.

use std::fmt;

use serde::{Deserialize, Serialize};

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub i64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

id!(
    /// A tenant: `accounts.id`.
    AccountId
);
id!(
    /// A Telegram chat. Private chats are positive, groups negative.
    ChatId
);
id!(
    /// A topic of a chat (`message_thread_id`); 0 where the chat has none.
    ThreadId
);
id!(
    /// A received update: `telegram_updates.id`, not Telegram's own `update_id`.
    UpdateRef
);
id!(
    /// A stored message: `chat_history.id`.
    HistoryId
);
id!(
    /// A fencing token: the right to write and send for a chat, until somebody claims a higher one.
    Fence
);

/// One conversation: a chat, or one topic of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Conversation {
    /// The chat.
    pub chat: ChatId,
    /// Its topic, 0 where it has none.
    pub thread: ThreadId,
}

impl ChatId {
    /// Whether the chat is a group, a supergroup or a channel.
    #[must_use]
    pub fn is_group(self) -> bool {
        self.0 < 0
    }
}
