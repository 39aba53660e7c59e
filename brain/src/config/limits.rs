//! How much of the operator's model is for whom in a day, and which chats may talk at all.

use std::collections::BTreeSet;

use super::{ConfigError, Env};
use crate::{
    account::{DayLimits, Tenancy},
    ids::ChatId,
};

const MESSAGES: &str = "a number of messages";
const TOKENS: &str = "a number of tokens";

/// Limits that keep strangers from emptying the operator's purse.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limits {
    /// What a temporary account may use per UTC day, and a person over all of them.
    pub temporary: DayLimits,
    /// The same for permanent accounts, where an operator has not said otherwise for one.
    pub permanent: DayLimits,
    /// Tokens that all together may use per UTC day.
    pub daily_tokens: Option<u64>,
    /// The chats that are answered; `None` is all of them.
    pub allowed_chats: Option<BTreeSet<ChatId>>,
}

impl Limits {
    /// Reads `TEMP_DAILY_MESSAGES`, `TEMP_DAILY_TOKENS`, `ACCOUNT_DAILY_MESSAGES`, `ACCOUNT_DAILY_TOKENS`, `DAILY_TOKENS` and
    /// `ALLOWED_CHATS` (ids, separated by commas).
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
            temporary: DayLimits {
                messages: env.parse_or("TEMP_DAILY_MESSAGES", 200, MESSAGES)?,
                tokens: env.parse_or("TEMP_DAILY_TOKENS", 200_000, TOKENS)?,
            },
            permanent: DayLimits {
                messages: env.parse_or("ACCOUNT_DAILY_MESSAGES", 1000, MESSAGES)?,
                tokens: env.parse_or("ACCOUNT_DAILY_TOKENS", 2_000_000, TOKENS)?,
            },
            daily_tokens: match env.get("DAILY_TOKENS") {
                None => None,
                Some(_) => Some(env.parse_or("DAILY_TOKENS", 0, TOKENS)?),
            },
            allowed_chats,
        })
    }

    /// What an account of this kind may use in a day, where an operator has not said otherwise.
    #[must_use]
    pub const fn of(&self, tenancy: Tenancy) -> DayLimits {
        match tenancy {
            Tenancy::Temporary { .. } => self.temporary,
            Tenancy::Permanent => self.permanent,
        }
    }

    /// Whether the chat may talk to the bot.
    #[must_use]
    pub fn allows(&self, chat: ChatId) -> bool {
        self.allowed_chats.as_ref().is_none_or(|allowed| allowed.contains(&chat))
    }
}
