//! What the memory commands add while a chat's old memory is still in files.

use super::Asked;
use crate::{db::tiers::MID_TERM, legacy::Recollection, memory::TierStats, texts::import as texts};

/// What the files say to this command; `None` where the database has everything.
pub(super) async fn add(asked: &Asked<'_>, command: &str) -> Option<String> {
    if !matches!(command, "shortterm" | "midterm" | "wholehistory" | "context" | "historycontext") {
        return None;
    }
    let old = asked.brain.recollect(asked.at.chat, asked.chat.migration, "").await?;
    let since = asked.chat.session.began(asked.brain.clock.now());
    Some(match command {
        "context" | "historycontext" => texts::facts_in_files(&old),
        "shortterm" => texts::tier_in_files(&recent(&old, since)),
        "midterm" => {
            let before = old.stats.total - recent(&old, since).total;
            texts::tier_in_files(&TierStats { total: before.min(MID_TERM), user: 0, range: None })
        }
        _ => texts::tier_in_files(&old.stats),
    })
}

fn recent(old: &Recollection, since: chrono::DateTime<chrono::Utc>) -> TierStats {
    let recent: Vec<_> = old.newest.iter().filter(|message| message.at > since).collect();
    TierStats {
        total: i64::try_from(recent.len()).unwrap_or(i64::MAX),
        user: 0,
        range: recent.first().zip(recent.last()).map(|(first, last)| (first.at, last.at)),
    }
}
