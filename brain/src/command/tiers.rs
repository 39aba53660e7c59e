//! `/shortterm` and `/wholehistory`: how much a tier holds.

use super::Asked;
use crate::{db::chat_history, texts};

pub(super) async fn short_term(asked: &Asked<'_>) -> sqlx::Result<String> {
    let since = asked.chat.session.began(asked.brain.clock.now());
    let stats = chat_history::stats(&asked.brain.pool, asked.at, Some(since)).await?;
    Ok(texts::tier("Short-term memory", &format!("the last {} hours", asked.chat.session.hours()), &stats))
}

pub(super) async fn whole_history(asked: &Asked<'_>) -> sqlx::Result<String> {
    let stats = chat_history::stats(&asked.brain.pool, asked.at, None).await?;
    Ok(texts::tier("Whole history", "every message of this chat", &stats))
}
