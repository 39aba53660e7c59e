//! Tenants: temporary or permanent, whom the bot answers, and what a day may cost. Pure rules.

use chrono::{DateTime, Duration, Utc};

use crate::config::Limits;
pub use crate::telegram::RespondTo;

/// How long a temporary account lives.
pub const TEMPORARY_LIFE: Duration = Duration::days(30);

/// What kind of account a chat has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tenancy {
    /// From the first message, for one chat; deleted after it expires.
    Temporary {
        /// When that is.
        expires_at: DateTime<Utc>,
    },
    /// Made by `/register`; never expires.
    Permanent,
}

impl Tenancy {
    /// Whether the account's time is over: from the very moment of its end on.
    #[must_use]
    pub fn is_over(self, now: DateTime<Utc>) -> bool {
        matches!(self, Self::Temporary { expires_at } if expires_at <= now)
    }
}

/// What an account has used today (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyUse {
    /// Answers given.
    pub messages: u32,
    /// Tokens, in and out.
    pub tokens: u64,
}

/// Whether the account may have another answer today. Permanent accounts have no daily limit here.
#[must_use]
pub fn may_be_answered(tenancy: Tenancy, used: DailyUse, limits: &Limits) -> bool {
    match tenancy {
        Tenancy::Permanent => true,
        Tenancy::Temporary { .. } => {
            used.messages < limits.temp_daily_messages && used.tokens < limits.temp_daily_tokens
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { temp_daily_messages: 2, temp_daily_tokens: 100, allowed_chats: None };

    #[test]
    fn a_temporary_account_stops_at_either_limit_and_a_permanent_one_at_none() {
        let temporary = Tenancy::Temporary { expires_at: DateTime::<Utc>::MAX_UTC };
        let used = |messages, tokens| DailyUse { messages, tokens };
        assert!(may_be_answered(temporary, used(1, 99), &LIMITS));
        assert!(!may_be_answered(temporary, used(2, 0), &LIMITS));
        assert!(!may_be_answered(temporary, used(0, 100), &LIMITS));
        assert!(may_be_answered(Tenancy::Permanent, used(9, 999), &LIMITS));
    }
}
