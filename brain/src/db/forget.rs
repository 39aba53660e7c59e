//! Real deletion: a fact with its past and its copies, its messages where that is wanted, or everything of a chat.
//!
//! Whoever deletes, deletes everywhere: the inbox's raw bodies and the outbox's texts quote what was said, and go too.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::{
    db::{audit, facts::Row},
    ids::{AccountId, ChatId},
    memory::{Fact, hashed_words},
};

/// What would go with a fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The fact, what it was before and what came of it, and facts of the same words, by number.
    pub facts: Vec<Fact>,
    /// The messages that they came from, in this chat.
    pub messages: i64,
    /// Facts that came from none but these messages, and go with them.
    pub with_messages: Vec<Fact>,
}

/// What is gone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Receipt {
    /// Facts.
    pub facts: u64,
    /// Messages, the answers to them included.
    pub messages: u64,
}

/// What would go with the fact.
///
/// # Errors
/// When the database does not answer.
pub async fn plan(pool: &PgPool, account: AccountId, chat: ChatId, fact: i64) -> sqlx::Result<Plan> {
    let mut connection = pool.acquire().await?;
    let facts = family(&mut connection, account, chat, fact).await?;
    let ids: Vec<i64> = facts.iter().map(|fact| fact.id).collect();
    let messages = sqlx::query_scalar!(
        r#"select distinct s.history_id as "id!"
           from fact_sources s join chat_history h on h.id = s.history_id
           where s.fact_id = any($1) and h.telegram_chat_id = $2"#,
        &ids,
        chat.0,
    )
    .fetch_all(&mut *connection)
    .await?;
    let with_messages = sqlx::query_as!(
        Row,
        "select f.id, f.number, f.telegram_chat_id, f.scope, f.content, f.kind, f.about, f.valid_from, f.valid_to, f.confirmed
         from history_context f
         where f.account_id = $1 and f.id <> all($2) and not f.confirmed
           and exists (select from fact_sources s where s.fact_id = f.id)
           and not exists (select from fact_sources s where s.fact_id = f.id and s.history_id <> all($3))
         order by f.number",
        account.0,
        &ids,
        &messages,
    )
    .fetch_all(&mut *connection)
    .await?;
    Ok(Plan {
        facts,
        messages: i64::try_from(messages.len()).unwrap_or(i64::MAX),
        with_messages: with_messages.into_iter().map(Fact::from).collect(),
    })
}

/// The fact, the chain of what it was and became, and what has the same words, as far as it was learned in this chat.
async fn family(
    connection: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    fact: i64,
) -> sqlx::Result<Vec<Fact>> {
    let rows = sqlx::query_as!(
        Row,
        r#"with recursive kin as (
               select id, superseded_by, fingerprint from history_context
               where id = $3 and account_id = $1 and telegram_chat_id = $2
               union
               select f.id, f.superseded_by, f.fingerprint from history_context f join kin k
                 on f.superseded_by = k.id or f.id = k.superseded_by or f.fingerprint = k.fingerprint
               where f.account_id = $1 and f.telegram_chat_id = $2
           )
           select f.id, f.number, f.telegram_chat_id, f.scope, f.content, f.kind, f.about, f.valid_from, f.valid_to, f.confirmed
           from history_context f where f.id in (select id from kin) order by f.number"#,
        account.0,
        chat.0,
        fact,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Fact::from).collect())
}

/// Forgets, for the person `by`, the fact and all that belongs to it, and leaves word that it is not to be learned again from what was said before.
///
/// # Errors
/// When the database does not answer; then nothing is gone.
pub async fn fact(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    fact: i64,
    with_messages: bool,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Receipt> {
    let mut tx = pool.begin().await?;
    audit::acts(&mut tx, by).await?;
    break_off_reading(&mut tx, account).await?;
    let facts = family(&mut tx, account, chat, fact).await?;
    let ids: Vec<i64> = facts.iter().map(|fact| fact.id).collect();
    for text in facts.iter().map(|fact| fact.text.as_str()).collect::<BTreeSet<_>>() {
        sqlx::query!(
            "insert into forgotten_facts (account_id, telegram_chat_id, words, messages, forgotten_at)
             select $1, $2, $3, coalesce(array_agg(distinct s.history_id), '{}'), $4 from fact_sources s where s.fact_id = any($5)",
            account.0,
            chat.0,
            &hashed_words(account, text),
            now,
            &ids,
        )
        .execute(&mut *tx)
        .await?;
    }
    let messages = if with_messages { messages_of(&mut tx, chat, &ids).await? } else { 0 };
    let deleted = sqlx::query!(
        // What came from messages that are gone now goes with it.
        "delete from history_context f where f.account_id = $1 and (
             f.id = any($2) or ($3 and not f.confirmed and f.imported_from is null
                                and not exists (select from fact_sources s where s.fact_id = f.id)))",
        account.0,
        &ids,
        messages > 0,
    )
    .execute(&mut *tx)
    .await?;
    scrub(&mut tx, account, chat).await?;
    let receipt = Receipt { facts: deleted.rows_affected(), messages };
    audit(&mut tx, account, chat, "forget_fact", receipt).await?;
    tx.commit().await?;
    Ok(receipt)
}

/// Takes the right to read from whoever reads the account now: what it has loaded may be what is forgotten here, and so it must
/// write nothing, no narrative either, and load anew.
async fn break_off_reading(tx: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query!(
        "update accounts set reading_fence = reading_fence + 1, reading_until = null where id = $1",
        account.0
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes the facts' messages in the chat and the bot's answers to them.
async fn messages_of(tx: &mut PgConnection, chat: ChatId, facts: &[i64]) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "with said as (
             select h.id, h.thread_id, h.timestamp from fact_sources s join chat_history h on h.id = s.history_id
             where s.fact_id = any($2) and h.telegram_chat_id = $1
         ), answers as (
             select a.id from said cross join lateral (
                 select n.id, n.role from chat_history n
                 where n.telegram_chat_id = $1 and n.thread_id = said.thread_id and n.id > said.id order by n.id limit 1
             ) a where a.role = 'assistant'
         )
         delete from chat_history where id in (select id from said union select id from answers)",
        chat.0,
        facts,
    )
    .execute(tx)
    .await?;
    Ok(deleted.rows_affected())
}

/// Takes texts out of what is kept for operators only: raw updates that are done, messages that are sent, and the narratives,
/// which the next reading writes anew. Of the whole account, because a fact may have been shown in any of its chats.
async fn scrub(tx: &mut PgConnection, account: AccountId, chat: ChatId) -> sqlx::Result<()> {
    sqlx::query!(
        "with chats as (
             select telegram_chat_id from account_chats where account_id = $1 union select $2
         ), inbox as (
             update telegram_updates set body = '' where outcome is not null and body <> ''
               and telegram_chat_id in (select telegram_chat_id from chats)
         ), outbox as (
             update outgoing_messages set html = '', plain = '' where state in ('sent', 'failed') and plain <> ''
               and telegram_chat_id in (select telegram_chat_id from chats)
         )
         update account_chats set narrative = null, narrative_at = null where account_id = $1 and narrative is not null",
        account.0,
        chat.0,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Deletes everything that is kept of the chat, for the person `by`. The account stays, with how much of today's allowance is used.
///
/// # Errors
/// When the database does not answer; then nothing is gone.
pub async fn everything(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Receipt> {
    let mut tx = pool.begin().await?;
    audit::acts(&mut tx, by).await?;
    break_off_reading(&mut tx, account).await?;
    let receipt = of_chat(&mut tx, account, chat).await?;
    // Nor does it come back from old files that are imported again.
    sqlx::query!("update migration_mapping set forgotten_at = $2 where old_chat_id = $1", chat.0, now)
        .execute(&mut *tx)
        .await?;
    audit(&mut tx, account, chat, "forget_all", receipt).await?;
    tx.commit().await?;
    Ok(receipt)
}

/// The same within the caller's transaction, which holds the account's row. What waits to be answered or sent stays.
pub(super) async fn of_chat(
    tx: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
) -> sqlx::Result<Receipt> {
    let facts = sqlx::query!(
        "delete from history_context where account_id = $1 and telegram_chat_id = $2",
        account.0,
        chat.0
    )
    .execute(&mut *tx)
    .await?
    .rows_affected();
    // A reading under way finds its mark gone, and drops what it has.
    sqlx::query!("delete from conversations where telegram_chat_id = $1", chat.0).execute(&mut *tx).await?;
    let messages = sqlx::query!("delete from chat_history where telegram_chat_id = $1", chat.0)
        .execute(&mut *tx)
        .await?
        .rows_affected();
    sqlx::query!("delete from llm_usage where account_id = $1 and telegram_chat_id = $2", account.0, chat.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "delete from forgotten_facts where account_id = $1 and telegram_chat_id = $2",
        account.0,
        chat.0
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!("delete from sign_in_links where telegram_chat_id = $1", chat.0).execute(&mut *tx).await?;
    sqlx::query!("delete from registrations where telegram_chat_id = $1", chat.0).execute(&mut *tx).await?;
    sqlx::query!("delete from reading_slots where telegram_chat_id = $1", chat.0).execute(&mut *tx).await?;
    sqlx::query!("delete from model_consents where telegram_chat_id = $1", chat.0).execute(&mut *tx).await?;
    sqlx::query!("delete from analysis_requests where telegram_chat_id = $1", chat.0)
        .execute(&mut *tx)
        .await?;
    sqlx::query!(
        "delete from outgoing_messages where telegram_chat_id = $1 and state in ('sent', 'failed')",
        chat.0
    )
    .execute(&mut *tx)
    .await?;
    // What stands in old files and has not come over yet is not wanted any more, and an import under way takes itself back.
    sqlx::query!(
        "update migration_mapping set migration_status = 'done' where old_chat_id = $1 and migration_status <> 'done'",
        chat.0
    )
    .execute(&mut *tx)
    .await?;
    scrub(tx, account, chat).await?;
    Ok(Receipt { facts, messages })
}

async fn audit(
    tx: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    action: &str,
    receipt: Receipt,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_log (account_id, telegram_chat_id, action, details) values ($1, $2, $3, $4)",
        account.0,
        chat.0,
        action,
        json!({"facts": receipt.facts, "messages": receipt.messages}),
    )
    .execute(tx)
    .await?;
    Ok(())
}
