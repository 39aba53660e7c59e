//! `/shortterm`, `/midterm` and `/wholehistory`: how much a tier holds.

use super::Asked;
use crate::{
    db::chat_history::{self, Counted},
    texts,
};

pub(super) async fn short_term(asked: &Asked<'_>) -> sqlx::Result<String> {
    let since = asked.chat.session.began(asked.brain.clock.now());
    let stats = chat_history::stats(&asked.brain.pool, asked.at, Counted::ShortTerm(since)).await?;
    Ok(texts::tier("Short-term memory", &format!("the last {} hours", asked.chat.session.hours()), &stats))
}

pub(super) async fn mid_term(asked: &Asked<'_>) -> sqlx::Result<String> {
    let until = asked.chat.session.began(asked.brain.clock.now());
    let stats = chat_history::stats(&asked.brain.pool, asked.at, Counted::MidTerm(until)).await?;
    Ok(texts::tier("Mid-term memory", "the last 200 messages before that", &stats))
}

pub(super) async fn whole_history(asked: &Asked<'_>) -> sqlx::Result<String> {
    let stats = chat_history::stats(&asked.brain.pool, asked.at, Counted::All).await?;
    Ok(texts::tier("Whole history", "every message of this chat", &stats))
}
