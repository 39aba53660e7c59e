//! `llm_usage`: every call of a model, with what went into its prompt. Ids and numbers, never texts.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::ids::{AccountId, ChatId, UpdateRef};

/// One call of a model.
#[derive(Clone, Debug)]
pub struct Usage {
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
    /// Sections with token counts and message ids, and what was dropped.
    pub prompt: serde_json::Value,
}

/// Notes a call and leaves the account's day alone.
///
/// # Errors
/// When the database does not answer.
pub async fn note(
    connection: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    update: Option<UpdateRef>,
    usage: &Usage,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into llm_usage (account_id, telegram_chat_id, update_ref, purpose, model, tokens_in, tokens_cached,
                                tokens_out, latency_ms, outcome, prompt)
         values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        account.0,
        chat.0,
        update.map(|update| update.0),
        usage.purpose,
        usage.model,
        usage.tokens_in.cast_signed(),
        usage.tokens_cached.cast_signed(),
        usage.tokens_out.cast_signed(),
        usage.latency_ms.cast_signed(),
        usage.outcome,
        usage.prompt,
    )
    .execute(connection)
    .await?;
    Ok(())
}

/// Notes a call that answers nobody, and counts its tokens into the account's day.
///
/// # Errors
/// When the database does not answer.
pub async fn count(
    tx: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    usage: &Usage,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    note(tx, account, chat, None, usage).await?;
    sqlx::query!(
        "insert into usage_days as d (account_id, day, tokens) values ($1, $2, $3)
         on conflict (account_id, day) do update set tokens = d.tokens + excluded.tokens",
        account.0,
        now.date_naive(),
        i64::from(usage.tokens_in) + i64::from(usage.tokens_out),
    )
    .execute(tx)
    .await?;
    Ok(())
}
