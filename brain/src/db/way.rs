//! The way of one message through inbox, model and outbox, put together from what each of them has noted.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::ids::{ChatId, UpdateRef};

/// What is known of the way. Finished updates are kept for seven days, sent messages for thirty.
#[derive(Clone, Debug, Default)]
pub struct Way {
    /// The update that brought the message; `None` for what the bot said by itself, and once the update was deleted.
    pub update: Option<UpdateSteps>,
    /// The model's calls for it, in their order.
    pub calls: Vec<Call>,
    /// What was to be sent for it, in order.
    pub sent: Vec<Sending>,
}

/// From the inbox: `telegram_updates`.
#[derive(Clone, Debug)]
pub struct UpdateSteps {
    /// Telegram's number of the update.
    pub update_id: i64,
    /// When it was put on disk.
    pub received_at: DateTime<Utc>,
    /// How often it was taken by a worker.
    pub attempts: i16,
    /// When it was last taken.
    pub taken_at: Option<DateTime<Utc>>,
    /// When its outcome was recorded.
    pub finished_at: Option<DateTime<Utc>>,
    /// What it came to, in one word; `None` while it waits.
    pub outcome: Option<String>,
    /// Why the last failed attempt failed.
    pub last_error: Option<String>,
}

/// One call of the model: `llm_usage`.
#[derive(Clone, Debug)]
pub struct Call {
    /// The model that answered, or was asked.
    pub model: String,
    /// Tokens of the prompt.
    pub tokens_in: i32,
    /// Of those, how many the server had cached.
    pub tokens_cached: i32,
    /// Tokens of the answer.
    pub tokens_out: i32,
    /// How long it took.
    pub latency_ms: i32,
    /// `ok`, or what went wrong in one word.
    pub outcome: String,
    /// Sections with token counts and message ids, and what was dropped.
    pub prompt: Option<serde_json::Value>,
    /// When it had ended.
    pub ended_at: DateTime<Utc>,
}

/// One message to be sent: `outgoing_messages`.
#[derive(Clone, Debug)]
pub struct Sending {
    /// `waiting`, `sending`, `sent` or `failed`.
    pub state: String,
    /// How long it is, in characters.
    pub characters: i32,
    /// Since when it waits.
    pub created_at: DateTime<Utc>,
    /// When Telegram had taken it.
    pub sent_at: Option<DateTime<Utc>>,
    /// Why Telegram did not.
    pub error: Option<String>,
}

/// The way of what came in with an update. `None` where nothing is kept of it.
///
/// # Errors
/// When the database does not answer.
pub async fn of_update(pool: &PgPool, bot_id: i64, update_id: i64) -> sqlx::Result<Option<Way>> {
    let update = sqlx::query_scalar!(
        "select id from telegram_updates where bot_id = $1 and update_id = $2",
        bot_id,
        update_id,
    )
    .fetch_optional(pool)
    .await?;
    match update {
        Some(id) => load(pool, UpdateRef(id)).await.map(Some),
        None => Ok(None),
    }
}

/// The way of what the bot has sent: of the update that it answers, where it answers one. `None` where nothing is kept of it.
///
/// # Errors
/// When the database does not answer.
pub async fn of_sent(pool: &PgPool, chat: ChatId, message_id: i64) -> sqlx::Result<Option<Way>> {
    let sent = sqlx::query!(
        r#"select update_ref, state, char_length(plain) as "characters!", created_at, sent_at, error
           from outgoing_messages where telegram_chat_id = $1 and telegram_message_id = $2 order by id desc limit 1"#,
        chat.0,
        message_id,
    )
    .fetch_optional(pool)
    .await?;
    let Some(sent) = sent else { return Ok(None) };
    if let Some(update) = sent.update_ref {
        return load(pool, UpdateRef(update)).await.map(Some);
    }
    let alone = Sending {
        state: sent.state,
        characters: sent.characters,
        created_at: sent.created_at,
        sent_at: sent.sent_at,
        error: sent.error,
    };
    Ok(Some(Way { sent: vec![alone], ..Way::default() }))
}

async fn load(pool: &PgPool, update: UpdateRef) -> sqlx::Result<Way> {
    Ok(Way {
        update: sqlx::query_as!(
            UpdateSteps,
            "select update_id, received_at, attempts, taken_at, finished_at, outcome, last_error
             from telegram_updates where id = $1",
            update.0,
        )
        .fetch_optional(pool)
        .await?,
        calls: sqlx::query_as!(
            Call,
            "select model, tokens_in, tokens_cached, tokens_out, latency_ms, outcome, prompt, created_at as ended_at
             from llm_usage where update_ref = $1 order by id",
            update.0,
        )
        .fetch_all(pool)
        .await?,
        sent: sqlx::query_as!(
            Sending,
            r#"select state, char_length(plain) as "characters!", created_at, sent_at, error
               from outgoing_messages where update_ref = $1 order by id"#,
            update.0,
        )
        .fetch_all(pool)
        .await?,
    })
}

/// Telegram's ids of stored messages of a chat, as far as Telegram has named them. Answers of several parts go by the first.
///
/// # Errors
/// When the database does not answer.
pub async fn message_ids(pool: &PgPool, chat: ChatId, history: &[i64]) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select telegram_message_id as "id!" from chat_history
           where id = any($2) and telegram_chat_id = $1 and telegram_message_id is not null order by id"#,
        chat.0,
        history,
    )
    .fetch_all(pool)
    .await
}
