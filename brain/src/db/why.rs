//! What went into an answer, from the record that was kept with the model's call.

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::PgPool;

use crate::{
    db::facts,
    ids::{AccountId, ChatId, Conversation},
    memory::{Author, Fact},
};

/// What went into an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reasons {
    /// When it was given.
    pub answered_at: DateTime<Utc>,
    /// The facts, as far as they still exist.
    pub facts: Vec<Fact>,
    /// How many do not.
    pub facts_gone: usize,
    /// Older messages that bore on the question, oldest first.
    pub recalled: Vec<SaidThen>,
    /// How many of the conversation's recent messages, and since when; `None`: not one.
    pub recent: Option<(i64, DateTime<Utc>)>,
}

/// A message of then.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SaidThen {
    /// Person or bot.
    pub author: Author,
    /// The person's name.
    pub speaker: Option<String>,
    /// The text.
    pub text: String,
    /// When it was said.
    pub said_at: DateTime<Utc>,
}

/// What went into the answer that stands in Telegram as `message_id`, or into the conversation's last one. `None` where nothing
/// is kept of it.
///
/// # Errors
/// When the database does not answer.
pub async fn of_answer(
    pool: &PgPool,
    account: AccountId,
    at: Conversation,
    message_id: Option<i64>,
) -> sqlx::Result<Option<Reasons>> {
    let record = match message_id {
        None => last(pool, at).await?,
        Some(message_id) => of_message(pool, at.chat, message_id).await?,
    };
    let Some((answered_at, prompt)) = record else { return Ok(None) };
    let fact_ids = ids(&prompt["facts"]);
    let facts = facts::by_ids(pool, account, at.chat, &fact_ids).await?;
    let recalled = sqlx::query!(
        "select role, speaker_name, content, timestamp from chat_history
         where telegram_chat_id = $1 and id = any($2) order by timestamp, id",
        at.chat.0,
        &ids(&prompt["recalled"]),
    )
    .fetch_all(pool)
    .await?;
    let recent = sqlx::query!(
        r#"select count(*) as "count!", min(timestamp) as since from chat_history where telegram_chat_id = $1 and id = any($2)"#,
        at.chat.0,
        &ids(&prompt["short_term"]),
    )
    .fetch_one(pool)
    .await?;
    Ok(Some(Reasons {
        answered_at,
        facts_gone: fact_ids.len() - facts.len(),
        facts,
        recalled: recalled
            .into_iter()
            .map(|row| SaidThen {
                author: if row.role == "assistant" { Author::Assistant } else { Author::User },
                speaker: row.speaker_name,
                text: row.content,
                said_at: row.timestamp,
            })
            .collect(),
        recent: row_since(recent.count, recent.since),
    }))
}

fn row_since(count: i64, since: Option<DateTime<Utc>>) -> Option<(i64, DateTime<Utc>)> {
    since.map(|since| (count, since))
}

fn ids(list: &Value) -> Vec<i64> {
    list.as_array().map(|ids| ids.iter().filter_map(Value::as_i64).collect()).unwrap_or_default()
}

async fn last(pool: &PgPool, at: Conversation) -> sqlx::Result<Option<(DateTime<Utc>, Value)>> {
    let row = sqlx::query!(
        r#"select h.timestamp, u.prompt as "prompt!" from chat_history h join llm_usage u on u.answer_id = h.id
           where h.telegram_chat_id = $1 and h.thread_id = $2 and h.role = 'assistant' and u.prompt is not null
           order by h.timestamp desc, h.id desc limit 1"#,
        at.chat.0,
        at.thread.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.timestamp, row.prompt)))
}

/// An answer of several messages is remembered under the first one's number; the outbox knows the others for thirty days.
async fn of_message(
    pool: &PgPool,
    chat: ChatId,
    message_id: i64,
) -> sqlx::Result<Option<(DateTime<Utc>, Value)>> {
    let row = sqlx::query!(
        r#"select h.timestamp, u.prompt as "prompt!"
           from chat_history h join llm_usage u on u.answer_id = h.id
           where h.telegram_chat_id = $1 and u.prompt is not null and (
               h.telegram_message_id = $2
               or h.id = (select o.history_id from outgoing_messages o
                          where o.telegram_chat_id = $1 and o.telegram_message_id = $2 limit 1)
               or u.update_ref = (select o.update_ref from outgoing_messages o
                          where o.telegram_chat_id = $1 and o.telegram_message_id = $2 limit 1))
           order by h.id desc limit 1"#,
        chat.0,
        message_id,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (row.timestamp, row.prompt)))
}
