//! The state, and the changes that make it.

use serde::Serialize;
use serde_json::Value;

use crate::{
    chats::{Chats, Event},
    commands::{CommandList, Commands},
    error::ApiError,
    html::Dialect,
    people::Unknown,
    updates::Updates,
};

/// Everything that Telegram knows.
#[derive(Debug, Default)]
pub struct Sandbox {
    pub chats: Chats,
    pub commands: Commands,
    pub updates: Updates,
    /// The address that updates go to, empty where there is none.
    pub(crate) webhook: String,
    pub(crate) dialect: Dialect,
}

/// What a call comes to where it is not refused.
#[derive(Debug)]
pub struct Done {
    /// What the bot is answered.
    pub result: Value,
    /// What does not hold before it is applied.
    pub change: Option<Change>,
}

/// What a call changes, or shows to people.
#[derive(Clone, Debug, PartialEq)]
pub enum Change {
    /// What was said.
    Event(Event),
    Commands(CommandList),
    Webhook {
        url: String,
        drop_pending_updates: bool,
    },
    Typing(Typing),
    Toast(Toast),
}

/// Where the bot is typing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Typing {
    pub chat_id: i64,
    pub thread_id: Option<i64>,
}

/// A few words to who has pressed a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Toast {
    pub chat_id: i64,
    pub from_id: i64,
    pub text: String,
}

impl Sandbox {
    pub fn new(unknown: Unknown, dialect: Dialect) -> Self {
        Self { chats: Chats::new(unknown), dialect, ..Self::default() }
    }

    /// Lets a change hold. What is only shown to people leaves nothing behind.
    pub fn apply(&mut self, change: Change) {
        match change {
            Change::Event(event) => self.chats.apply(event),
            Change::Commands(list) => self.commands.set(list),
            Change::Webhook { url, drop_pending_updates } => {
                self.webhook = url;
                if drop_pending_updates {
                    self.updates.clear();
                }
            }
            Change::Typing(_) | Change::Toast(_) => {}
        }
    }

    /// The queue that `getUpdates` waits at. The only method that waits, so `perform` has it not.
    pub fn polled(&self) -> Result<Updates, ApiError> {
        if self.webhook.is_empty() {
            return Ok(self.updates.clone());
        }
        Err(ApiError::new(
            409,
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
        ))
    }
}
