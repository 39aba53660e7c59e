//! `/clear`: short-term and mid-term become empty; the rows stay in whole history.

use super::Asked;
use crate::{db::chat_history, texts};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    let moved = chat_history::clear(&asked.brain.pool, asked.chat.account, asked.at).await?;
    Ok(texts::cleared(moved))
}
