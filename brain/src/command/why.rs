//! `/why`: what went into an answer; the one that is replied to, or the last.

use super::Asked;
use crate::{db::why, texts::memory as texts};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    let answer = asked.message.reply_to.as_ref().map(|reply| reply.message_id);
    let reasons = why::of_answer(&asked.brain.pool, asked.chat.account, asked.at, answer).await?;
    Ok(reasons.map_or_else(|| texts::WHY_UNKNOWN.into(), |reasons| texts::why(&reasons)))
}
