//! `chat_history.memory_type`: moving messages from tier to tier. Set-based, and it waits for nobody's lock: a row that
//! somebody holds is moved the next time.

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::ids::{ChatId, Conversation, HistoryId, ThreadId};

/// So many messages stay in mid-term.
pub const MID_TERM: i64 = 200;
/// So many unread messages beyond the last reading are worth the next one.
pub const WORTH_READING: i64 = 50;
/// Rows of one statement: short enough that nobody waits for its locks.
const BATCH: i64 = 10_000;

/// Moves what has left short-term into mid-term, in all chats or one, and what the model has read already of more than 200
/// mid-term messages into whole history. Says which conversations have enough for a summary: over 200 mid-term messages, 50
/// of them unread.
///
/// # Errors
/// When the database does not answer. What was moved until then stays moved.
pub async fn promote(
    pool: &PgPool,
    chat: Option<ChatId>,
    now: DateTime<Utc>,
) -> sqlx::Result<Vec<Conversation>> {
    let mut full = Vec::new();
    loop {
        let moved = sqlx::query!(
            r#"with old as (
                   select h.id, h.telegram_chat_id, h.thread_id
                   from chat_history h join account_chats c on c.telegram_chat_id = h.telegram_chat_id
                   where h.memory_type = 'short_term' and ($1::bigint is null or h.telegram_chat_id = $1)
                     and h.timestamp <= $2::timestamptz - case c.session_length
                         when 'short' then interval '3 hours' when 'long' then interval '12 hours' else interval '6 hours' end
                   limit $3
                   for update of h skip locked
               ), moved as (
                   update chat_history h set memory_type = 'mid_term' from old where h.id = old.id
                   returning set_config('synchronous_commit', 'off', true)
               )
               select telegram_chat_id, thread_id, count(*) as "moved!", (select count(*) from moved) as "all!"
               from old group by 1, 2"#,
            chat.map(|chat| chat.0),
            now,
            BATCH,
        )
        .fetch_all(pool)
        .await?;
        let in_batch = moved.first().map_or(0, |row| row.all);
        let chats: Vec<i64> = moved.iter().map(|row| row.telegram_chat_id).collect();
        let threads: Vec<i64> = moved.iter().map(|row| row.thread_id).collect();
        if !chats.is_empty() {
            full.extend(settle(pool, &chats, &threads).await?);
        }
        if in_batch < BATCH {
            full.sort_unstable_by_key(|at: &Conversation| (at.chat, at.thread));
            full.dedup();
            return Ok(full);
        }
    }
}

/// Moves what is beyond the last 200 mid-term messages and has been read into whole history.
///
/// # Errors
/// When the database does not answer.
pub async fn overflow(pool: &PgPool, at: Conversation) -> sqlx::Result<()> {
    settle(pool, &[at.chat.0], &[at.thread.0]).await.map(drop)
}

/// How far a conversation has been read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Unread {
    /// The last message that was read for facts.
    pub read_through: HistoryId,
    /// Mid-term messages after it.
    pub unread: i64,
    /// The first of them; 0 where there are none.
    pub first: HistoryId,
}

/// How far the conversation has been read, and how much of mid-term has not.
///
/// # Errors
/// When the database does not answer.
pub async fn unread(pool: &PgPool, at: Conversation) -> sqlx::Result<Unread> {
    let row = sqlx::query!(
        r#"select v.read_through as "read_through!", count(h.id) as "unread!", coalesce(min(h.id), 0) as "first!"
           from (select coalesce(max(read_through), 0) as read_through from conversations
                 where telegram_chat_id = $1 and thread_id = $2) v
           left join chat_history h on h.telegram_chat_id = $1 and h.thread_id = $2 and h.memory_type = 'mid_term'
                                   and h.id > v.read_through
           group by v.read_through"#,
        at.chat.0,
        at.thread.0,
    )
    .fetch_one(pool)
    .await?;
    Ok(Unread { read_through: HistoryId(row.read_through), unread: row.unread, first: HistoryId(row.first) })
}

async fn settle(pool: &PgPool, chats: &[i64], threads: &[i64]) -> sqlx::Result<Vec<Conversation>> {
    let rows = sqlx::query!(
        r#"with touched as (
               select a.chat, a.thread, coalesce(v.read_through, 0) as read_through
               from unnest($1::bigint[], $2::bigint[]) a (chat, thread)
               left join conversations v on v.telegram_chat_id = a.chat and v.thread_id = a.thread
           ), counted as (
               select t.chat, t.thread, t.read_through, m.total, m.unread, m.edge, m.edge_id
               from touched t cross join lateral (
                   select count(*) as total, count(*) filter (where h.id > t.read_through) as unread,
                          (array_agg(h.timestamp order by h.timestamp desc, h.id desc))[$3] as edge,
                          (array_agg(h.id order by h.timestamp desc, h.id desc))[$3] as edge_id
                   from chat_history h
                   where h.telegram_chat_id = t.chat and h.thread_id = t.thread and h.memory_type = 'mid_term'
               ) m
           ), beyond as (
               select h.id from counted c join chat_history h
                 on h.telegram_chat_id = c.chat and h.thread_id = c.thread and h.memory_type = 'mid_term'
                and (h.timestamp, h.id) < (c.edge, c.edge_id) and h.id <= c.read_through
               where c.total > $3
               for update of h skip locked
           ), retired as (
               update chat_history h set memory_type = 'whole_history' from beyond where h.id = beyond.id
               returning set_config('synchronous_commit', 'off', true)
           )
           select chat as "chat!", thread as "thread!" from counted where total > $3 and unread >= $4"#,
        chats,
        threads,
        i32::try_from(MID_TERM).expect("it is small"),
        WORTH_READING,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Conversation { chat: ChatId(row.chat), thread: ThreadId(row.thread) })
        .collect())
}
