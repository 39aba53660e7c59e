//! `/context` and `/historycontext`: what is known, in short and in full.

use super::Asked;
use crate::{db::facts, memory::most_lasting_first, texts::memory as texts};

/// So many facts are short.
const SHORT: usize = 15;

pub(super) async fn short(asked: &Asked<'_>) -> sqlx::Result<String> {
    let mut connection = asked.brain.pool.acquire().await?;
    let mut known = facts::of_chat(&mut connection, asked.chat.account, asked.at.chat).await?;
    most_lasting_first(&mut known);
    let shown = known.len().min(SHORT);
    Ok(texts::context(asked.chat.narrative.as_deref(), &known[..shown], known.len() - shown))
}

pub(super) async fn full(asked: &Asked<'_>) -> sqlx::Result<String> {
    let known = facts::with_sources(&asked.brain.pool, asked.chat.account, asked.at.chat).await?;
    let narrative = asked.chat.narrative.as_deref().zip(asked.chat.narrative_at);
    Ok(texts::history_context(narrative, &known))
}
