//! Reading messages for facts: who may (a lease on the account), up to where it was read, what comes next.

use std::time::Duration;

use chrono::{DateTime, Utc};
use sqlx::PgPool;

use crate::{
    db::facts,
    ids::{AccountId, ChatId, Conversation, Fence, HistoryId, ThreadId},
    memory::{Author, Fact, Remembered},
};

/// The most messages of one reading: what a summary begins with fits one.
const BATCH: i64 = 250;
/// Edited messages that are read again in one reading: one, which always fits.
const EDITED: i64 = 1;

/// Claims the right to read the account's messages for facts, or renews it. `None`: somebody else has it.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(pool: &PgPool, account: AccountId, for_so_long: Duration) -> sqlx::Result<Option<Fence>> {
    let fence = sqlx::query_scalar!(
        "update accounts set reading_fence = greatest(reading_fence + 1, (extract(epoch from clock_timestamp()) * 1e6)::bigint),
             reading_until = clock_timestamp() + make_interval(secs => $2)
         where id = $1 and (reading_until is null or reading_until <= clock_timestamp())
         returning reading_fence",
        account.0,
        for_so_long.as_secs_f64(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(fence.map(Fence))
}

/// Keeps the right for longer. `false`: it is not ours any more.
///
/// # Errors
/// When the database does not answer.
pub async fn renew(
    pool: &PgPool,
    account: AccountId,
    fence: Fence,
    for_so_long: Duration,
) -> sqlx::Result<bool> {
    let renewed = sqlx::query!(
        "update accounts set reading_until = clock_timestamp() + make_interval(secs => $3) where id = $1 and reading_fence = $2",
        account.0,
        fence.0,
        for_so_long.as_secs_f64(),
    )
    .execute(pool)
    .await?;
    Ok(renewed.rows_affected() > 0)
}

/// Gives the right back.
///
/// # Errors
/// When the database does not answer; it runs out by itself.
pub async fn release(pool: &PgPool, account: AccountId, fence: Fence) -> sqlx::Result<()> {
    sqlx::query!(
        "update accounts set reading_until = null where id = $1 and reading_fence = $2",
        account.0,
        fence.0
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// When the conversation's next reading may begin, in the cluster's pace of `rate` in any minute. The place is kept until it is
/// [taken](take_place).
///
/// # Errors
/// When the database does not answer.
pub async fn reserve(
    pool: &PgPool,
    at: Conversation,
    rate: u32,
    now: DateTime<Utc>,
) -> sqlx::Result<DateTime<Utc>> {
    sqlx::query_scalar!(
        r#"select private.reserve_reading($1, $2, $3, $4) as "due!""#,
        at.chat.0,
        at.thread.0,
        i32::try_from(rate.max(1)).unwrap_or(i32::MAX),
        now,
    )
    .fetch_one(pool)
    .await
}

/// The reading begins: the next one needs another place.
///
/// # Errors
/// When the database does not answer.
pub async fn take_place(pool: &PgPool, at: Conversation) -> sqlx::Result<()> {
    sqlx::query!(
        "delete from reading_slots where telegram_chat_id = $1 and thread_id = $2",
        at.chat.0,
        at.thread.0
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Which messages a reading takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Up to where short-term begins.
    BeforeShortTerm,
    /// Up to the newest.
    All,
}

/// What there is to read.
#[derive(Clone, Debug)]
pub struct Batch {
    /// Whose.
    pub account: AccountId,
    /// Where.
    pub at: Conversation,
    /// Up to where it was read before.
    pub read_through: HistoryId,
    /// New messages, oldest first.
    pub messages: Vec<Remembered>,
    /// Messages that were edited after they had been read, with the time of the edit.
    pub edited: Vec<(Remembered, DateTime<Utc>)>,
    /// Of the new messages, those that were edited before they were loaded, with the time of the edit. Whoever edits one while it is
    /// read leaves another time.
    pub edits: Vec<(i64, DateTime<Utc>)>,
    /// What is true now and may be changed, without what came only from messages that were edited since.
    pub facts: Vec<Fact>,
    /// The conversation so far, in short.
    pub narrative: Option<String>,
}

impl Batch {
    /// Whether there is nothing to do at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.messages.is_empty() && self.edited.is_empty()
    }

    /// Whether a person said anything: the bot's own words are no evidence, and need no model.
    #[must_use]
    pub fn has_evidence(&self) -> bool {
        let edited = self.edited.iter().map(|(message, _)| message);
        self.messages.iter().chain(edited).any(|message| message.author == Author::User)
    }
}

/// The conversation's account.
///
/// # Errors
/// When the database does not answer.
pub async fn account_of(pool: &PgPool, chat: ChatId) -> sqlx::Result<Option<AccountId>> {
    let account =
        sqlx::query_scalar!("select account_id from account_chats where telegram_chat_id = $1", chat.0)
            .fetch_optional(pool)
            .await?;
    Ok(account.map(AccountId))
}

/// Loads what there is to read next in the conversation, 250 messages at most.
///
/// Messages are read in the order of their ids, which is the order in which they came. Short-term ones in between (an import
/// has brought older ones after them) are waited for, so that none is skipped.
///
/// # Errors
/// When the database does not answer.
pub async fn load(pool: &PgPool, account: AccountId, at: Conversation, reach: Reach) -> sqlx::Result<Batch> {
    let mut connection = pool.acquire().await?;
    // The row must be there: whether it still says the same decides at the end whether these messages count as read.
    let read_through = sqlx::query_scalar!(
        r#"with made as (
               insert into conversations (account_id, telegram_chat_id, thread_id) values ($3, $1, $2)
               on conflict do nothing
           )
           select coalesce((select read_through from conversations where telegram_chat_id = $1 and thread_id = $2), 0) as "mark!""#,
        at.chat.0,
        at.thread.0,
        account.0,
    )
    .fetch_one(&mut *connection)
    .await?;
    // Before the messages: an edit in between is one that is read once too often.
    let edits = sqlx::query!(
        "select history_id, edited_at from edited_messages
         where telegram_chat_id = $1 and thread_id = $2 and history_id > $3",
        at.chat.0,
        at.thread.0,
        read_through,
    )
    .fetch_all(&mut *connection)
    .await?;
    let messages = sqlx::query!(
        r#"select id, role, content, timestamp, speaker_name from chat_history
           where telegram_chat_id = $1 and thread_id = $2 and id > $3 and account_id = $6
             and ($4 or id < coalesce((
                 select min(s.id) from chat_history s
                 where s.telegram_chat_id = $1 and s.thread_id = $2 and s.memory_type = 'short_term' and s.id > $3
             ), 9223372036854775807))
           order by id limit $5"#,
        at.chat.0,
        at.thread.0,
        read_through,
        reach == Reach::All,
        BATCH,
        account.0,
    )
    .fetch_all(&mut *connection)
    .await?;
    let edited = sqlx::query!(
        "select h.id, h.role, h.content, h.timestamp, h.speaker_name, e.edited_at
         from edited_messages e join chat_history h on h.id = e.history_id
         where e.telegram_chat_id = $1 and e.thread_id = $2 and h.id <= $3 and h.account_id = $4
         order by h.id limit $5",
        at.chat.0,
        at.thread.0,
        read_through,
        account.0,
        EDITED,
    )
    .fetch_all(&mut *connection)
    .await?;
    let edited: Vec<(Remembered, DateTime<Utc>)> = edited
        .into_iter()
        .map(|row| {
            let message = remembered(row.id, &row.role, row.content, row.timestamp, row.speaker_name);
            (message, row.edited_at)
        })
        .collect();
    let edited_ids: Vec<i64> = edited.iter().map(|(message, _)| message.id.0).collect();
    let doubtful = facts::only_from(&mut connection, account, &edited_ids).await?;
    let mut facts = facts::of_chat(&mut connection, account, at.chat).await?;
    facts.retain(|fact| !doubtful.contains(&fact.id));
    let narrative = sqlx::query_scalar!(
        "select narrative from account_chats where telegram_chat_id = $1 and account_id = $2",
        at.chat.0,
        account.0
    )
    .fetch_optional(&mut *connection)
    .await?
    .flatten();
    Ok(Batch {
        account,
        at,
        read_through: HistoryId(read_through),
        messages: messages
            .into_iter()
            .map(|row| remembered(row.id, &row.role, row.content, row.timestamp, row.speaker_name))
            .collect(),
        edited,
        edits: edits.into_iter().map(|row| (row.history_id, row.edited_at)).collect(),
        facts,
        narrative,
    })
}

fn remembered(
    id: i64,
    role: &str,
    text: String,
    said_at: DateTime<Utc>,
    speaker: Option<String>,
) -> Remembered {
    let author = if role == "assistant" { Author::Assistant } else { Author::User };
    Remembered { id: HistoryId(id), author, speaker, text, said_at }
}

/// Who has said most of these messages, where that is known.
///
/// # Errors
/// When the database does not answer.
pub async fn most_said_by(pool: &PgPool, messages: &[i64]) -> sqlx::Result<Option<i64>> {
    let speaker = sqlx::query_scalar!(
        "select speaker_id from chat_history where id = any($1) and speaker_id is not null
         group by speaker_id order by sum(length(content)) desc, speaker_id limit 1",
        messages
    )
    .fetch_optional(pool)
    .await?;
    Ok(speaker.flatten())
}

/// How many readings of the chat in a row have come to nothing because of what the model answered.
///
/// # Errors
/// When the database does not answer.
pub async fn failures(pool: &PgPool, account: AccountId, chat: ChatId) -> sqlx::Result<u32> {
    let failures = sqlx::query_scalar!(
        r#"select count(*) as "failures!" from llm_usage
           where account_id = $1 and telegram_chat_id = $2 and purpose in ('summary', 'analysis')
             and outcome in ('unusable', 'refused', 'empty')
             and id > coalesce((select max(id) from llm_usage
                                where account_id = $1 and telegram_chat_id = $2 and purpose in ('summary', 'analysis')
                                  and outcome = 'ok'), 0)"#,
        account.0,
        chat.0,
    )
    .fetch_one(pool)
    .await?;
    Ok(u32::try_from(failures).unwrap_or(u32::MAX))
}

/// The account's conversations with messages that nobody has read for facts yet.
///
/// # Errors
/// When the database does not answer.
pub async fn unread(pool: &PgPool, account: AccountId) -> sqlx::Result<Vec<Conversation>> {
    let rows = sqlx::query!(
        "select v.telegram_chat_id, v.thread_id from conversations v
         where v.account_id = $1 and (
             exists (select from chat_history h
                     where h.telegram_chat_id = v.telegram_chat_id and h.thread_id = v.thread_id and h.id > v.read_through)
             or exists (select from edited_messages e
                        where e.telegram_chat_id = v.telegram_chat_id and e.thread_id = v.thread_id and e.history_id <= v.read_through))
         order by v.telegram_chat_id, v.thread_id",
        account.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Conversation { chat: ChatId(row.telegram_chat_id), thread: ThreadId(row.thread_id) })
        .collect())
}

/// Accounts with messages that nobody has read for facts yet, after `after`, in order; so many at most.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts_with_news(pool: &PgPool, after: AccountId, limit: i64) -> sqlx::Result<Vec<AccountId>> {
    let rows = sqlx::query_scalar!(
        "select a.id from accounts a
         where a.id > $1 and exists (
             select from conversations v where v.account_id = a.id and (
                 exists (select from chat_history h
                         where h.telegram_chat_id = v.telegram_chat_id and h.thread_id = v.thread_id and h.id > v.read_through)
                 or exists (select from edited_messages e
                            where e.telegram_chat_id = v.telegram_chat_id and e.thread_id = v.thread_id and e.history_id <= v.read_through)))
         order by a.id limit $2",
        after.0,
        limit,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(AccountId).collect())
}
