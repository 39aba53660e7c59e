//! What an import writes besides messages: facts, rules, settings, dates, tiers, and the note of it all. In the one transaction
//! that ends it.

use std::{collections::BTreeMap, ops::Range};

use chrono::{DateTime, Duration, Utc};
use serde_json::Value;
use sqlx::PgConnection;

use crate::{
    db::{import::ids, learned, tiers::MID_TERM},
    ids::{AccountId, ChatId, HistoryId},
    memory::{Scope, fingerprint},
};

/// What an account that had expired in the files is given before it goes.
pub const GRACE: Duration = Duration::days(7);

/// Locks the account, because facts are numbered and nobody else may write any meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn lock(tx: &mut PgConnection, account: AccountId) -> sqlx::Result<()> {
    sqlx::query!("select from accounts where id = $1 for update", account.0).execute(tx).await?;
    Ok(())
}

/// A rule as it is written.
#[derive(Clone, Copy, Debug)]
pub struct Rule<'a> {
    /// One of the categories here.
    pub category: &'a str,
    /// What the model is told.
    pub content: &'a str,
    /// Higher comes first.
    pub priority: i32,
    /// Whether the model is told.
    pub is_active: bool,
    /// Since when.
    pub created_at: DateTime<Utc>,
}

/// Writes a fact of the file, known since `at`. `false` where it is known, was known, or is to be forgotten. The account must be locked.
///
/// # Errors
/// When the database does not answer.
pub async fn fact(
    tx: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    text: &str,
    at: DateTime<Utc>,
    file: &str,
) -> sqlx::Result<bool> {
    // It came from no message that is kept here.
    let nowhere = [HistoryId(0)];
    if learned::forgotten(tx, account).await?.iter().any(|gone| gone.is(text, &nowhere, at)) {
        return Ok(false);
    }
    let written = sqlx::query!(
        "insert into history_context (account_id, number, telegram_chat_id, scope, content, kind, fingerprint, valid_from, imported_from)
         select $1, coalesce((select max(number) from history_context where account_id = $1), 0) + 1, $2, $3, $4, 'other', $5, $6, $7
         where not exists (
             select from history_context where account_id = $1 and telegram_chat_id = $2 and fingerprint = $5
         )",
        account.0,
        chat.0,
        Scope::of_chat(chat).name(),
        text,
        fingerprint(text),
        at,
        file,
    )
    .execute(tx)
    .await?;
    Ok(written.rows_affected() > 0)
}

/// Whether the chat knows, or knew, the fact.
///
/// # Errors
/// When the database does not answer.
pub async fn knows(
    connection: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    text: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from history_context where account_id = $1 and telegram_chat_id = $2 and fingerprint = $3
           ) as "known!""#,
        account.0,
        chat.0,
        fingerprint(text),
    )
    .fetch_one(connection)
    .await
}

/// Writes a rule of the file. `false` where the account has one with the same words.
///
/// # Errors
/// When the database does not answer.
pub async fn rule(tx: &mut PgConnection, account: AccountId, rule: Rule<'_>) -> sqlx::Result<bool> {
    let written = sqlx::query!(
        "insert into bot_rules (account_id, category, content, priority, is_active, created_at)
         select $1, $2, $3, $4, $5, $6 where not exists (select from bot_rules where account_id = $1 and content = $3)",
        account.0,
        rule.category,
        rule.content,
        rule.priority,
        rule.is_active,
        rule.created_at,
    )
    .execute(tx)
    .await?;
    Ok(written.rows_affected() > 0)
}

/// Whether the account has a rule with these words.
///
/// # Errors
/// When the database does not answer.
pub async fn has_rule(
    connection: &mut PgConnection,
    account: AccountId,
    content: &str,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from bot_rules where account_id = $1 and content = $2) as "has!""#,
        account.0,
        content
    )
    .fetch_one(connection)
    .await
}

/// Keeps settings that the account has not made itself. Says which are new.
///
/// # Errors
/// When the database does not answer.
pub async fn settings(
    tx: &mut PgConnection,
    account: AccountId,
    settings: &BTreeMap<&str, Value>,
) -> sqlx::Result<usize> {
    let mut new = 0;
    for (key, value) in settings {
        let written = sqlx::query!(
            "insert into account_settings (account_id, setting_key, setting_value) values ($1, $2, $3) on conflict do nothing",
            account.0,
            key,
            value
        )
        .execute(&mut *tx)
        .await?;
        new += usize::from(written.rows_affected() > 0);
    }
    Ok(new)
}

/// Makes an account that the import has made temporary, with this chat and this life. One whose life is over lives on for
/// the [grace](GRACE). The end of an account that was here before is only ever put off. Says until when a file's temporary
/// account lives, where that was changed.
///
/// # Errors
/// When the database does not answer.
pub async fn temporary(
    tx: &mut PgConnection,
    account: AccountId,
    is_made: bool,
    chat: ChatId,
    life: Range<DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let expires_at = if life.end > now { life.end } else { now + GRACE };
    let written = sqlx::query_scalar!(
        "insert into temporary_accounts as t (account_id, telegram_chat_id, created_at, expires_at)
         select $1, $2, $3, $4
         where $5 or exists (select from temporary_accounts where account_id = $1)
         on conflict (account_id) do update set expires_at = excluded.expires_at, created_at = least(t.created_at, excluded.created_at)
             where t.expires_at < excluded.expires_at
         returning expires_at",
        account.0,
        chat.0,
        life.start,
        expires_at,
        is_made,
    )
    .fetch_optional(tx)
    .await?;
    Ok(written)
}

/// Puts the conversations in order after their messages have come: each has its row, and the newest 200 beyond short-term
/// that were not cleared are mid-term.
///
/// # Errors
/// When the database does not answer.
pub async fn settle(
    tx: &mut PgConnection,
    account: AccountId,
    chats: &[ChatId],
    import: i64,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into conversations (account_id, telegram_chat_id, thread_id) select $1, chat, 0 from unnest($2::bigint[]) chat
         on conflict do nothing",
        account.0,
        &ids(chats) as &[i64],
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update chat_history h set memory_type = 'mid_term'
         from unnest($1::bigint[]) chat
         cross join lateral (
             select n.id from chat_history n
             where n.telegram_chat_id = chat and n.thread_id = 0 and n.memory_type <> 'short_term'
               and n.id > (select v.cleared_through from conversations v where v.telegram_chat_id = chat and v.thread_id = 0)
             order by n.timestamp desc, n.id desc limit $2
         ) newest
         where h.id = newest.id and h.memory_type = 'whole_history' and h.import_id = $3",
        &ids(chats) as &[i64],
        MID_TERM,
        import,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// A chat's tiers after an import.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InTiers {
    /// Imported messages that are in short-term and should not be, or the other way.
    pub misplaced: i64,
    /// The last 200 before short-term, and what nobody has read yet.
    pub mid_term: i64,
    /// Messages beyond short-term that were not cleared.
    pub older: i64,
}

/// Counts the tiers of a chat's conversation anew. `began`: when the session began as the import saw it, and by now; what
/// lies between may have left short-term meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn tiers(
    connection: &mut PgConnection,
    chat: ChatId,
    import: i64,
    began: DateTime<Utc>,
    began_by_now: DateTime<Utc>,
) -> sqlx::Result<InTiers> {
    let row = sqlx::query!(
        r#"select count(*) filter (where h.import_id = $2 and case
                      when h.memory_type = 'short_term' then h.timestamp <= $3 else h.timestamp > greatest($3, $4) end) as "misplaced!",
                  count(*) filter (where h.memory_type = 'mid_term') as "mid_term!",
                  count(*) filter (where h.memory_type <> 'short_term' and h.id > coalesce(v.cleared_through, 0)) as "older!"
           from chat_history h
           left join conversations v on v.telegram_chat_id = h.telegram_chat_id and v.thread_id = 0
           where h.telegram_chat_id = $1 and h.thread_id = 0"#,
        chat.0,
        import,
        began,
        began_by_now,
    )
    .fetch_one(connection)
    .await?;
    Ok(InTiers { misplaced: row.misplaced, mid_term: row.mid_term, older: row.older })
}

/// Notes who had what brought over, with counts and checksums and never with texts.
///
/// # Errors
/// When the database does not answer.
pub async fn audit(
    tx: &mut PgConnection,
    account: AccountId,
    chat: ChatId,
    details: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into audit_log (account_id, telegram_chat_id, action, details, created_at) values ($1, $2, 'import', $3, $4)",
        account.0,
        chat.0,
        details,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}
