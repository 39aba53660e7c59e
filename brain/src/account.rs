//! Tenants: temporary or permanent, whom the bot answers, and what a day may cost. Pure rules.

use chrono::{DateTime, Days, Duration, NaiveTime, Utc};

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

/// What an account has used of the operator's model today (UTC).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct DailyUse {
    /// Questions asked; one that took several calls counts as many.
    pub messages: u32,
    /// Tokens, in and out.
    pub tokens: u64,
    /// Of those, what readings for facts took.
    pub reading_tokens: u64,
}

/// What may be used of the operator's model in a day (UTC).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DayLimits {
    /// Questions, and calls of the model for them.
    pub messages: u32,
    /// Tokens, in and out.
    pub tokens: u64,
}

impl DayLimits {
    /// Of the tokens, what readings for facts may take: answers always have the rest, and readings wait for another day.
    #[must_use]
    pub const fn readings(tokens: u64) -> u64 {
        tokens / 4
    }

    /// Whether readings wait for tomorrow.
    #[must_use]
    pub const fn is_read_up(self, used: DailyUse) -> bool {
        used.tokens >= self.tokens || used.reading_tokens >= Self::readings(self.tokens)
    }
}

/// What an operator has said for one account; `None`: what holds for all of its kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct OwnLimits {
    /// Questions a day.
    pub messages: Option<u32>,
    /// Tokens a day.
    pub tokens: Option<u64>,
}

impl OwnLimits {
    /// These where they are said, the others where not.
    #[must_use]
    pub fn or(self, usual: DayLimits) -> DayLimits {
        DayLimits {
            messages: self.messages.unwrap_or(usual.messages),
            tokens: self.tokens.unwrap_or(usual.tokens),
        }
    }
}

/// When the next day begins (UTC), and with it what it holds.
#[must_use]
pub fn next_day(now: DateTime<Utc>) -> DateTime<Utc> {
    (now.date_naive() + Days::new(1)).and_time(NaiveTime::MIN).and_utc()
}

/// Where all who write anonymously (as a group or a channel) are counted, as if they were one person.
pub const ANONYMOUS: i64 = 0;

/// Whose day a call counts in, beside the account's. Who is anonymous cannot be told from anybody else; in a permanent account
/// the account's own day is enough for them.
#[must_use]
pub fn person_of(speaker: i64, tenancy: Tenancy) -> Option<i64> {
    match tenancy {
        _ if speaker > 0 => Some(speaker),
        Tenancy::Temporary { .. } => Some(ANONYMOUS),
        Tenancy::Permanent => None,
    }
}
