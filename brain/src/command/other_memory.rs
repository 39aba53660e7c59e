//! What the memory commands add while some of a chat's memory has not come over.

use super::Asked;
use crate::{db::tiers::MID_TERM, memory::TierStats, other_memory::Recollection, texts::import as texts};

/// What else is known to this command; `None` where the database has everything.
pub(super) async fn add(asked: &Asked<'_>, command: &str) -> Option<String> {
    if !matches!(command, "shortterm" | "midterm" | "wholehistory" | "context" | "historycontext") {
        return None;
    }
    let other = asked.brain.recollect(asked.at.chat, asked.chat.migration, "").await?;
    let since = asked.chat.session.began(asked.brain.clock.now());
    Some(match command {
        "context" | "historycontext" => texts::facts_in_files(&other),
        "shortterm" => texts::tier_in_files(&recent(&other, since)),
        "midterm" => {
            let before = other.stats.total - recent(&other, since).total;
            texts::tier_in_files(&TierStats { total: before.min(MID_TERM), user: 0, range: None })
        }
        _ => texts::tier_in_files(&other.stats),
    })
}

fn recent(other: &Recollection, since: chrono::DateTime<chrono::Utc>) -> TierStats {
    let recent: Vec<_> = other.newest.iter().filter(|message| message.said_at > since).collect();
    TierStats {
        total: i64::try_from(recent.len()).unwrap_or(i64::MAX),
        user: 0,
        range: recent.first().zip(recent.last()).map(|(first, last)| (first.said_at, last.said_at)),
    }
}
