//! `chat_history`: every message, one row each.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    db::tiers::MID_TERM,
    ids::{AccountId, ChatId, Conversation, HistoryId, ThreadId},
    memory::{Author, Remembered, TierStats},
};

/// The conversation's short-term messages, oldest first: those of the last session that were not cleared, the newest `limit`.
/// By time, not by `memory_type`, which may be a minute late.
///
/// # Errors
/// When the database does not answer.
pub async fn short_term(
    pool: &PgPool,
    account: AccountId,
    at: Conversation,
    since: DateTime<Utc>,
    cleared_through: HistoryId,
    limit: i64,
) -> sqlx::Result<Vec<Remembered>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id, role, content, timestamp, speaker_name from (
               select id, role, content, timestamp, speaker_name from chat_history
               where telegram_chat_id = $2 and timestamp > $4 and thread_id = $3
                 and account_id = $1 and id > $6
               order by timestamp desc, id desc limit $5
           ) newest order by timestamp, id"#,
        account.0,
        at.chat.0,
        at.thread.0,
        since,
        limit,
        cleared_through.0,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Remembered::from).collect())
}

/// Which messages are counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Counted {
    /// The conversation's, said after this and not cleared.
    ShortTerm(DateTime<Utc>),
    /// The conversation's, said until this and not cleared, the last 200.
    MidTerm(DateTime<Utc>),
    /// The whole chat's, of all topics.
    All,
}

/// Counts a tier. Exact, because it goes by time and not by `memory_type`.
///
/// # Errors
/// When the database does not answer.
pub async fn stats(pool: &PgPool, at: Conversation, counted: Counted) -> sqlx::Result<TierStats> {
    let (after, until, limit) = match counted {
        Counted::ShortTerm(since) => (Some(since), None, None),
        Counted::MidTerm(since) => (None, Some(since), Some(MID_TERM)),
        Counted::All => (None, None, None),
    };
    let row = sqlx::query!(
        r#"select count(*) as "total!", count(*) filter (where role = 'user') as "user!",
                  min(timestamp) as first, max(timestamp) as last
           from (
               select role, timestamp from chat_history
               where telegram_chat_id = $1
                 and ($3::timestamptz is null or timestamp > $3) and ($4::timestamptz is null or timestamp <= $4)
                 and ($6 or (thread_id = $2 and id > coalesce((
                     select cleared_through from conversations where telegram_chat_id = $1 and thread_id = $2), 0)))
               order by timestamp desc, id desc limit $5
           ) tier"#,
        at.chat.0,
        at.thread.0,
        after,
        until,
        limit,
        counted == Counted::All,
    )
    .fetch_one(pool)
    .await?;
    Ok(TierStats { total: row.total, user: row.user, range: row.first.zip(row.last) })
}

/// Empties the conversation's short-term and mid-term: the rows stay, as whole history, and recall looks no further back.
/// Says how many rows were moved. One statement, safe to run again.
///
/// # Errors
/// When the database does not answer.
pub async fn clear(pool: &PgPool, account: AccountId, at: Conversation) -> sqlx::Result<u64> {
    let moved = sqlx::query_scalar!(
        r#"with marked as (
               insert into conversations (account_id, telegram_chat_id, thread_id, cleared_through)
               select $1, $2, $3, coalesce(max(id), 0) from chat_history where telegram_chat_id = $2 and thread_id = $3
               on conflict (telegram_chat_id, thread_id) do update set cleared_through = excluded.cleared_through
               returning telegram_chat_id
           ), moved as (
               -- After the mark, in the order in which a reading takes its locks.
               update chat_history set memory_type = 'whole_history'
               where telegram_chat_id = (select telegram_chat_id from marked) and thread_id = $3
                 and (memory_type = 'short_term' or memory_type = 'mid_term')
               returning id
           )
           select count(*) as "moved!" from moved"#,
        account.0,
        at.chat.0,
        at.thread.0,
    )
    .fetch_one(pool)
    .await?;
    Ok(u64::try_from(moved).unwrap_or(0))
}

/// Puts an edited text in the place of the old one, and leaves word for whoever reads or has read it for facts. `false` where
/// the message was never remembered.
///
/// # Errors
/// When the database does not answer.
pub async fn edit(
    pool: &PgPool,
    chat: ChatId,
    message_id: i64,
    text: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let edited = sqlx::query!(
        "with edited as (
             update chat_history set content = $3, edited_at = $4
             where telegram_chat_id = $1 and telegram_message_id = $2 and role = 'user'
             returning id, thread_id
         ), again as (
             insert into edited_messages (history_id, telegram_chat_id, thread_id, edited_at)
             select e.id, $1, e.thread_id, clock_timestamp() from edited e
             on conflict (history_id) do update set edited_at = excluded.edited_at
         )
         select id from edited",
        chat.0,
        message_id,
        text,
        now,
    )
    .fetch_all(pool)
    .await?;
    Ok(!edited.is_empty())
}

/// The topic in which a message of the chat stands.
///
/// # Errors
/// When the database does not answer.
pub async fn thread_of(pool: &PgPool, chat: ChatId, message_id: i64) -> sqlx::Result<Option<ThreadId>> {
    sqlx::query_scalar!(
        "select thread_id from chat_history where telegram_chat_id = $1 and telegram_message_id = $2 limit 1",
        chat.0,
        message_id,
    )
    .fetch_optional(pool)
    .await
    .map(|thread| thread.map(ThreadId))
}

/// A message as its row has it.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) role: String,
    pub(super) content: String,
    pub(super) timestamp: DateTime<Utc>,
    pub(super) speaker_name: Option<String>,
}

impl From<Row> for Remembered {
    fn from(row: Row) -> Self {
        Self {
            id: HistoryId(row.id),
            author: if row.role == "assistant" { Author::Assistant } else { Author::User },
            speaker: row.speaker_name,
            text: row.content,
            said_at: row.timestamp,
        }
    }
}
