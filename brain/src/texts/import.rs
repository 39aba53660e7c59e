//! What the bot says about memory that comes from old files.

use chrono::{DateTime, Utc};

use super::{day, messages, moment};
use crate::{memory::TierStats, other_memory::Recollection};

/// The old memory could not be brought over.
pub const FAILED: &str = "I could not bring my old memory of this chat over. Nothing of it is lost: the old files are as they were, and I \
go on reading what they say. Please tell the operator of this bot, who can see the reason in my log and try again with `pykhbrain import`.";

/// The old memory is here.
#[must_use]
pub fn brought(count: u64, facts: u64, since: Option<DateTime<Utc>>) -> String {
    let facts = if facts == 1 { "1 fact".into() } else { format!("{facts} facts") };
    let since = since.map(|since| format!(", since {}", day(since))).unwrap_or_default();
    format!(
        "I have brought my old memory of this chat over: {} and {facts}{since}. /wholehistory and /context show it.",
        messages(count.cast_signed())
    )
}

/// What the old files hold of a tier, while the database does not yet.
#[must_use]
pub fn tier_in_files(stats: &TierStats) -> String {
    let range = stats.range.map(|(first, last)| format!(", from {} to {}", moment(first), moment(last)));
    format!(
        "In my old files, which are being brought over: {}{}.",
        messages(stats.total),
        range.unwrap_or_default()
    )
}

/// What the old files know, while the database does not yet.
#[must_use]
pub fn facts_in_files(old: &Recollection) -> String {
    if old.facts.is_empty() {
        return "My old files, which are being brought over, have no facts.".into();
    }
    let lines: Vec<String> =
        old.facts.iter().map(|fact| format!("- {} (since {})", fact.text, day(fact.at))).collect();
    format!("From my old files, which are being brought over:\n{}", lines.join("\n"))
}

/// A temporary account of the old files whose time was over.
#[must_use]
pub fn expired(until: DateTime<Utc>) -> String {
    format!(
        "This chat's temporary account had expired with my old memory. I keep it until {}; /register keeps it for good.",
        day(until)
    )
}
