//! `bot_rules`: what an account wants of its assistant.

use sqlx::PgPool;

use crate::ids::AccountId;

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Language, Personalization, Memory, Tone or General.
    pub category: String,
    /// What the model is told.
    pub content: String,
    /// Higher comes first.
    pub priority: i32,
    /// Whether the model is told.
    pub is_active: bool,
}

/// The account's rules, the weightiest first.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(pool: &PgPool, account: AccountId) -> sqlx::Result<Vec<Rule>> {
    sqlx::query_as!(
        Rule,
        "select category, content, priority, is_active from bot_rules where account_id = $1 order by priority desc, id",
        account.0
    )
    .fetch_all(pool)
    .await
}
