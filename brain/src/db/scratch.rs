//! An account for a measurement, made in a transaction that is never committed: whatever ends the measurement, nothing stays.

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use crate::{
    ids::{AccountId, ChatId, HistoryId},
    memory::Author,
};

/// A message as it is written into a scratch chat.
#[derive(Clone, Debug)]
pub struct Said<'a> {
    /// Person or bot.
    pub author: Author,
    /// Who.
    pub speaker: &'a str,
    /// What.
    pub text: &'a str,
    /// When; not before the message before it.
    pub at: DateTime<Utc>,
}

/// Makes an account with one chat that holds `said`, oldest first. The ids are in the same order.
///
/// # Errors
/// When the database does not answer or does not take a text.
pub async fn chat(
    connection: &mut PgConnection,
    said: &[Said<'_>],
) -> sqlx::Result<(AccountId, ChatId, Vec<HistoryId>)> {
    let account = sqlx::query_scalar!("insert into accounts (name) values ('scratch') returning id")
        .fetch_one(&mut *connection)
        .await?;
    // No chat of Telegram has such a number.
    let chat = i64::MIN + account;
    let roles: Vec<&str> = said
        .iter()
        .map(|said| match said.author {
            Author::User => "user",
            Author::Assistant => "assistant",
        })
        .collect();
    let speakers: Vec<&str> = said.iter().map(|said| said.speaker).collect();
    let texts: Vec<&str> = said.iter().map(|said| said.text).collect();
    let times: Vec<DateTime<Utc>> = said.iter().map(|said| said.at).collect();
    let ids = sqlx::query_scalar!(
        "insert into chat_history (account_id, telegram_chat_id, role, speaker_name, content, timestamp, memory_type)
         select $1, $2, said.role, said.speaker, said.content, said.at, 'whole_history'
         from unnest($3::text[], $4::text[], $5::text[], $6::timestamptz[]) with ordinality
             as said (role, speaker, content, at, place)
         order by said.place
         returning id",
        account,
        chat,
        &roles as &[&str],
        &speakers as &[&str],
        &texts as &[&str],
        &times,
    )
    .fetch_all(&mut *connection)
    .await?;
    sqlx::query!("analyze chat_history").execute(connection).await?;
    Ok((AccountId(account), ChatId(chat), ids.into_iter().map(HistoryId).collect()))
}
