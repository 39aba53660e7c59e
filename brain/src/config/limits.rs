//! How much a chat may use, and which chats may talk at all.

use std::collections::BTreeSet;

use super::{ConfigError, Env};
use crate::ids::ChatId;

/// Limits that keep strangers from emptying the operator's purse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Messages a temporary account may have answered per UTC day.
    pub temp_daily_messages: u32,
    /// Tokens (in and out) that a temporary account may use per UTC day.
    pub temp_daily_tokens: u64,
    /// The chats that are answered; `None` is all of them.
    pub allowed_chats: Option<BTreeSet<ChatId>>,
}

impl Limits {
    /// Reads `TEMP_DAILY_MESSAGES`, `TEMP_DAILY_TOKENS` and `ALLOWED_CHATS` (ids, separated by commas).
    ///
    /// # Errors
    /// When one of them is not a number, or not a list of numbers.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let allowed_chats = match env.get("ALLOWED_CHATS") {
            None | Some("all") => None,
            Some(list) => Some(
                list.split([',', ' '])
                    .filter(|id| !id.is_empty())
                    .map(|id| id.parse().map(ChatId))
                    .collect::<Result<_, _>>()
                    .map_err(|_| ConfigError {
                        variable: "ALLOWED_CHATS",
                        problem: "must be chat ids separated by commas, or \"all\"".into(),
                    })?,
            ),
        };
        Ok(Self {
            temp_daily_messages: env.parse_or("TEMP_DAILY_MESSAGES", 200, "a number of messages")?,
            temp_daily_tokens: env.parse_or("TEMP_DAILY_TOKENS", 200_000, "a number of tokens")?,
            allowed_chats,
        })
    }

    /// Whether the chat may talk to the bot.
    #[must_use]
    pub fn allows(&self, chat: ChatId) -> bool {
        self.allowed_chats.as_ref().is_none_or(|allowed| allowed.contains(&chat))
    }
}
