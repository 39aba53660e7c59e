//! `llm_usage`: every call of a model, with what went into its prompt. Ids and numbers, never texts.

use chrono::NaiveDate;
use serde::Serialize;
use serde_json::json;
use sqlx::PgConnection;

use crate::{
    db::budgets::Counted,
    ids::{AccountId, ChatId, UpdateRef},
};

/// One call of a model that has ended.
#[derive(Clone, Debug, Serialize)]
pub struct Usage {
    /// How it was counted before it was made; `None`: the account's own model, which the operator does not pay.
    pub counted: Option<Counted>,
    /// The day (UTC) on which it was made.
    pub day: NaiveDate,
    /// What it was for: `reply`, `summary` or `analysis`.
    pub purpose: &'static str,
    /// The model that answered, or was asked.
    pub model: String,
    /// Tokens of the prompt.
    pub tokens_in: u32,
    /// Of those, how many the server had cached.
    pub tokens_cached: u32,
    /// Tokens of the answer.
    pub tokens_out: u32,
    /// How long it took.
    pub latency_ms: u32,
    /// `ok`, or what went wrong in one word.
    pub outcome: &'static str,
    /// Whether the server turned it down unread. Its tokens are 0 then.
    pub is_free: bool,
    /// Sections with token counts and message ids, and what was dropped.
    pub prompt: serde_json::Value,
}

/// Notes a call that answers nobody, and puts right what was counted for it.
///
/// # Errors
/// When the database does not answer.
pub async fn end(
    connection: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    update: Option<UpdateRef>,
    usage: &Usage,
) -> sqlx::Result<()> {
    sqlx::query!(
        "select private.end_call($1, $2, $3, $4, $5)",
        account.0,
        chat.0,
        update.map(|update| update.0),
        json!(usage),
        None::<i64>,
    )
    .execute(connection)
    .await?;
    Ok(())
}
