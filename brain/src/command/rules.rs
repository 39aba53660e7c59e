//! `/rules`: what the account wants of its assistant.

use super::Asked;
use crate::{db::rules, texts::memory as texts};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    Ok(texts::rules(&rules::of_account(&asked.brain.pool, asked.chat.account).await?))
}
