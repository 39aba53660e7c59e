//! What the tiers hold.

use chrono::{DateTime, Utc};

use crate::ids::HistoryId;

/// Who said a remembered message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Author {
    /// A person.
    User,
    /// The bot.
    Assistant,
}

/// A message as memory gives it back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remembered {
    /// Which one.
    pub id: HistoryId,
    /// Person or bot.
    pub author: Author,
    /// The person's name.
    pub speaker: Option<String>,
    /// The text.
    pub text: String,
    /// When it was said.
    pub said_at: DateTime<Utc>,
}

/// How much a tier holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TierStats {
    /// Messages in all.
    pub total: i64,
    /// Of those, people's.
    pub user: i64,
    /// The first and the last one's time; `None` where there are none.
    pub range: Option<(DateTime<Utc>, DateTime<Utc>)>,
}
