//! `history_context` and `fact_sources`: facts, and the messages that they came from.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::{
    ids::{AccountId, ChatId, HistoryId},
    memory::{Fact, FactKind, Scope, Wording, fingerprint},
};

/// A fact as its row has it.
pub(super) struct Row {
    pub(super) id: i64,
    pub(super) number: i32,
    pub(super) telegram_chat_id: i64,
    pub(super) scope: String,
    pub(super) content: String,
    pub(super) kind: String,
    pub(super) about: Option<String>,
    pub(super) valid_from: DateTime<Utc>,
    pub(super) valid_to: Option<DateTime<Utc>>,
    pub(super) confirmed: bool,
}

impl From<Row> for Fact {
    fn from(row: Row) -> Self {
        Self {
            id: row.id,
            number: row.number,
            text: row.content,
            kind: FactKind::parse(&row.kind),
            about: row.about,
            learned_in: ChatId(row.telegram_chat_id),
            scope: if row.scope == "account" { Scope::Account } else { Scope::Chat },
            valid_from: row.valid_from,
            valid_to: row.valid_to,
            confirmed: row.confirmed,
        }
    }
}

/// A fact with where it came from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Sourced {
    /// The fact.
    pub fact: Fact,
    /// How many messages it came from.
    pub sources: i64,
    /// Who said the first of them, and when.
    pub first: Option<(String, DateTime<Utc>)>,
    /// The old file that it was brought from.
    pub imported_from: Option<String>,
    /// The number of the fact that followed it.
    pub followed_by: Option<i32>,
}

/// The facts that are true now, as the chat may see them, by number.
///
/// # Errors
/// When the database does not answer.
pub async fn of_chat(
    connection: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
) -> sqlx::Result<Vec<Fact>> {
    let rows = sqlx::query_as!(
        Row,
        r#"select id as "id!", number as "number!", telegram_chat_id as "telegram_chat_id!", scope as "scope!",
                  content as "content!", kind as "kind!", about, valid_from as "valid_from!", valid_to, confirmed as "confirmed!"
           from private.facts_of_chat($1, $2) order by number"#,
        account.0,
        chat.0,
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(Fact::from).collect())
}

/// All facts that the chat may see, those of the past too, with their sources, by number.
///
/// # Errors
/// When the database does not answer.
pub async fn with_sources(pool: &PgPool, account: AccountId, chat: ChatId) -> sqlx::Result<Vec<Sourced>> {
    let rows = sqlx::query!(
        r#"select f.id, f.number, f.telegram_chat_id, f.scope, f.content, f.kind, f.about, f.valid_from, f.valid_to, f.confirmed, f.imported_from,
                  n.number as "followed_by?", s.sources as "sources!", s.speaker, s.said_at
           from history_context f
           left join history_context n on n.id = f.superseded_by
           cross join lateral (
               select count(*) as sources, min(h.timestamp) as said_at,
                      (array_agg(h.speaker_name order by h.timestamp, h.id))[1] as speaker
               from fact_sources s join chat_history h on h.id = s.history_id
               -- Who has said it in a private chat is for that chat.
               where s.fact_id = f.id and (h.telegram_chat_id = $2 or h.telegram_chat_id < 0)
           ) s
           where f.account_id = $1 and (f.scope = 'account' or f.telegram_chat_id = $2)
           order by f.number"#,
        account.0,
        chat.0,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Sourced {
            sources: row.sources,
            first: row.speaker.zip(row.said_at),
            imported_from: row.imported_from,
            followed_by: row.followed_by,
            fact: Row {
                id: row.id,
                number: row.number,
                telegram_chat_id: row.telegram_chat_id,
                scope: row.scope,
                content: row.content,
                kind: row.kind,
                about: row.about,
                valid_from: row.valid_from,
                valid_to: row.valid_to,
                confirmed: row.confirmed,
            }
            .into(),
        })
        .collect())
}

/// A fact to be written down.
pub(super) struct NewFact<'a> {
    pub(super) account: AccountId,
    pub(super) chat: ChatId,
    pub(super) scope: Scope,
    pub(super) wording: &'a Wording,
    pub(super) from: DateTime<Utc>,
    /// For a fact that was the past already when it was learned: until when, and what followed it.
    pub(super) until: Option<(DateTime<Utc>, Option<i64>)>,
    /// The account's fact that it corrects in this chat only.
    pub(super) overrides: Option<i64>,
    pub(super) sources: &'a [HistoryId],
}

/// Writes a fact with its sources. The account's row must be locked, because numbers count up.
pub(super) async fn insert(tx: &mut PgConnection, fact: &NewFact<'_>) -> sqlx::Result<i64> {
    let sources: Vec<i64> = fact.sources.iter().map(|id| id.0).collect();
    sqlx::query_scalar!(
        r#"with counted as (
               update accounts set fact_numbers = greatest(fact_numbers, (
                   select coalesce(max(number), 0) from history_context where account_id = $1)) + 1
               where id = $1 returning fact_numbers
           ), fact as (
               insert into history_context (account_id, number, telegram_chat_id, scope, content, kind, about, fingerprint,
                                            valid_from, valid_to, superseded_by, overrides)
               select $1, fact_numbers, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11 from counted
               returning id
           ), sourced as (
               insert into fact_sources (fact_id, history_id) select fact.id, source from fact, unnest($12::bigint[]) source
           )
           select id from fact"#,
        fact.account.0,
        fact.chat.0,
        fact.scope.name(),
        fact.wording.text,
        fact.wording.kind.name(),
        fact.wording.about,
        fingerprint(&fact.wording.text),
        fact.from,
        fact.until.map(|(until, _)| until),
        fact.until.and_then(|(_, by)| by),
        fact.overrides,
        &sources,
    )
    .fetch_one(tx)
    .await
}

/// One more message that says the same.
pub(super) async fn add_sources(tx: &mut PgConnection, fact: i64, sources: &[HistoryId]) -> sqlx::Result<()> {
    let sources: Vec<i64> = sources.iter().map(|id| id.0).collect();
    sqlx::query!(
        "insert into fact_sources (fact_id, history_id) select $1, source from unnest($2::bigint[]) source on conflict do nothing",
        fact,
        &sources,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Ends a fact: it was true until then, and `by` followed it.
pub(super) async fn end(
    tx: &mut PgConnection,
    fact: i64,
    at: DateTime<Utc>,
    by: Option<i64>,
) -> sqlx::Result<()> {
    sqlx::query!(
        // What followed a private correction of the account's fact corrects it too.
        "with corrected as (
             update history_context n set overrides = o.overrides from history_context o
             where n.id = $3 and o.id = $1 and o.overrides is not null and n.overrides is null
         )
         update history_context set valid_to = greatest($2, valid_from), superseded_by = $3 where id = $1",
        fact,
        at,
        by
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The current facts of the account that came from none but these messages, and that no person has confirmed.
pub(super) async fn only_from(
    connection: &mut PgConnection,
    account: AccountId,
    messages: &[i64],
) -> sqlx::Result<Vec<i64>> {
    sqlx::query_scalar!(
        r#"select f.id from history_context f
           where f.account_id = $1 and f.valid_to is null and not f.confirmed
             and exists (select from fact_sources s where s.fact_id = f.id and s.history_id = any($2))
             and not exists (select from fact_sources s where s.fact_id = f.id and s.history_id <> all($2))"#,
        account.0,
        messages,
    )
    .fetch_all(connection)
    .await
}

/// Deletes facts for real.
pub(super) async fn delete(tx: &mut PgConnection, facts: &[i64]) -> sqlx::Result<u64> {
    let deleted = sqlx::query!("delete from history_context where id = any($1)", facts).execute(tx).await?;
    Ok(deleted.rows_affected())
}

/// Facts by their ids, whatever became of them, as far as they still exist.
///
/// # Errors
/// When the database does not answer.
pub async fn by_ids(pool: &PgPool, account: AccountId, chat: ChatId, ids: &[i64]) -> sqlx::Result<Vec<Fact>> {
    let rows = sqlx::query_as!(
        Row,
        "select id, number, telegram_chat_id, scope, content, kind, about, valid_from, valid_to, confirmed
         from history_context
         where account_id = $1 and (scope = 'account' or telegram_chat_id = $2) and id = any($3) order by number",
        account.0,
        chat.0,
        ids,
    )
    .fetch_all(pool)
    .await?;
    Ok(rows.into_iter().map(Fact::from).collect())
}

/// A fact of the account that the chat may see, by its number, of the past too.
///
/// # Errors
/// When the database does not answer.
pub async fn by_number(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
    number: i32,
) -> sqlx::Result<Option<Fact>> {
    let row = sqlx::query_as!(
        Row,
        "select id, number, telegram_chat_id, scope, content, kind, about, valid_from, valid_to, confirmed
         from history_context
         where account_id = $1 and (scope = 'account' or telegram_chat_id = $2) and number = $3",
        account.0,
        chat.0,
        number,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(Fact::from))
}

/// Makes a private chat's fact known to all chats of the account. What it had corrected for this chat only is now past for all.
/// `false` where the account knows the same already.
///
/// # Errors
/// When the database does not answer.
pub async fn share(pool: &PgPool, account: AccountId, fact: i64) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    sqlx::query!("select from accounts where id = $1 for no key update", account.0).execute(&mut *tx).await?;
    sqlx::query!(
        "update history_context o set valid_to = greatest(o.valid_from, f.valid_from), superseded_by = f.id
         from history_context f where f.id = $1 and o.id = f.overrides and o.valid_to is null",
        fact
    )
    .execute(&mut *tx)
    .await?;
    let shared = sqlx::query!(
        "update history_context f set scope = 'account', confirmed = true
         where f.id = $1 and f.account_id = $2 and f.scope = 'chat' and f.valid_to is null and not exists (
             select from history_context o
             where o.account_id = $2 and o.scope = 'account' and o.fingerprint = f.fingerprint and o.valid_to is null
         )",
        fact,
        account.0,
    )
    .execute(&mut *tx)
    .await?;
    if shared.rows_affected() == 0 {
        return Ok(false);
    }
    tx.commit().await?;
    Ok(true)
}

/// A person keeps the fact as it is.
///
/// # Errors
/// When the database does not answer.
pub async fn confirm(pool: &PgPool, fact: i64) -> sqlx::Result<()> {
    sqlx::query!("update history_context set confirmed = true where id = $1", fact).execute(pool).await?;
    Ok(())
}

/// A person says how the fact should read. The wrong words are gone, not past: they never were true. `false` where another
/// fact says the same already.
///
/// # Errors
/// When the database does not answer.
pub async fn reword(pool: &PgPool, fact: i64, text: &str) -> sqlx::Result<bool> {
    let done = sqlx::query!(
        "update history_context f set content = $2, fingerprint = $3, confirmed = true
         where f.id = $1 and not exists (
             select from history_context o
             where o.id <> f.id and o.account_id = f.account_id and o.telegram_chat_id = f.telegram_chat_id and o.scope = f.scope
               and o.fingerprint = $3 and o.valid_to is null
         )",
        fact,
        text,
        fingerprint(text),
    )
    .execute(pool)
    .await?;
    Ok(done.rows_affected() > 0)
}
