//! `migration_mapping`: which chats of the old files have come over, and taking back what failed.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use serde_json::Value;
use sqlx::{Connection, PgConnection, PgExecutor, PgPool};

use crate::{
    db::{import::ids, outgoing},
    ids::{AccountId, ChatId, Conversation, ThreadId},
    jobs::ImportFiles,
    queue,
    reply::Part,
};

/// How far a chat's old memory has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Migration {
    /// Waits for its import.
    Pending,
    /// Is being brought over.
    Running,
    /// Is here.
    Done,
    /// Could not be brought over; the files are as they were.
    Failed,
}

impl Migration {
    /// The state of that name.
    #[must_use]
    pub fn parse(name: &str) -> Option<Self> {
        match name {
            "pending" => Some(Self::Pending),
            "running" => Some(Self::Running),
            "done" => Some(Self::Done),
            "failed" => Some(Self::Failed),
            _ => None,
        }
    }
}

/// Notes that the chat's old memory waits, and puts the job that brings it over on the queue, within the caller's
/// transaction. A chat whose memory came over once is left alone: what was deleted since does not come back by itself.
///
/// # Errors
/// When the database does not answer.
pub async fn expect(tx: &mut PgConnection, chat: ChatId) -> sqlx::Result<()> {
    let is_new = sqlx::query_scalar!(
        "insert into migration_mapping (old_chat_id, new_account_id)
         select telegram_chat_id, account_id from account_chats where telegram_chat_id = $1
         on conflict do nothing returning old_chat_id",
        chat.0
    )
    .fetch_optional(&mut *tx)
    .await?;
    if is_new.is_some() {
        queue::enqueue(tx, &ImportFiles { chat_id: chat }, None).await?;
    }
    Ok(())
}

/// The account of each chat that has one.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts_of(
    connection: &mut PgConnection,
    chats: &[ChatId],
) -> sqlx::Result<BTreeMap<ChatId, AccountId>> {
    let rows = sqlx::query!(
        "select telegram_chat_id, account_id from account_chats where telegram_chat_id = any($1)",
        &ids(chats) as &[i64]
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (ChatId(row.telegram_chat_id), AccountId(row.account_id))).collect())
}

/// When each of these chats has forgotten everything, where it has.
///
/// # Errors
/// When the database does not answer.
pub async fn forgotten(
    connection: impl PgExecutor<'_>,
    chats: &[ChatId],
) -> sqlx::Result<BTreeMap<ChatId, DateTime<Utc>>> {
    let rows = sqlx::query!(
        r#"select old_chat_id, forgotten_at as "forgotten_at!" from migration_mapping
           where old_chat_id = any($1) and forgotten_at is not null"#,
        &ids(chats) as &[i64]
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (ChatId(row.old_chat_id), row.forgotten_at)).collect())
}

/// Whether all these chats have come over into the account from these very files.
///
/// # Errors
/// When the database does not answer.
pub async fn is_done(
    connection: &mut PgConnection,
    account: AccountId,
    chats: &[ChatId],
    checksums: &Value,
) -> sqlx::Result<bool> {
    let done = sqlx::query_scalar!(
        r#"select count(*) as "done!" from migration_mapping
           where old_chat_id = any($1) and new_account_id = $2 and migration_status = 'done' and checksums @> $3"#,
        &ids(chats) as &[i64],
        account.0,
        checksums,
    )
    .fetch_one(connection)
    .await?;
    Ok(usize::try_from(done) == Ok(chats.len()))
}

/// An import that has begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Begun {
    /// Its number.
    pub import: i64,
    /// Whose memory it becomes.
    pub account: AccountId,
    /// The account was made for it, by this run or one that was killed.
    pub is_made: bool,
}

/// Begins the import of these chats into the account, or a new one, or goes on with one that was killed. Chats that have no
/// account join it; `None` where one has got another account meanwhile, or has forgotten everything at another time than is
/// known.
///
/// # Errors
/// When the database does not answer.
pub async fn begin(
    connection: &mut PgConnection,
    account: Option<AccountId>,
    name: &str,
    old_account: Option<i64>,
    chats: &[ChatId],
    forgotten: &BTreeMap<ChatId, DateTime<Utc>>,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Begun>> {
    let mut tx = connection.begin().await?;
    let killed = sqlx::query_scalar!(
        "select import_id from migration_mapping where old_chat_id = any($1) and migration_status = 'running' order by import_id limit 1",
        &ids(chats) as &[i64]
    )
    .fetch_optional(&mut *tx)
    .await?
    .flatten();
    let import = match killed {
        Some(import) => import,
        None => {
            sqlx::query_scalar!(r#"select nextval('private.import_ids') as "id!""#)
                .fetch_one(&mut *tx)
                .await?
        }
    };
    let (account, is_made) = match account {
        Some(account) => (account, false),
        None => (make_account(&mut tx, name, now).await?, true),
    };
    sqlx::query!(
        "insert into account_chats (account_id, telegram_chat_id, kind, created_at)
         select $1, chat, case when chat > 0 then 'private' when chat < -1000000000000 then 'supergroup' else 'group' end, $3
         from unnest($2::bigint[]) chat
         on conflict do nothing",
        account.0,
        &ids(chats) as &[i64],
        now,
    )
    .execute(&mut *tx)
    .await?;
    let here = accounts_of(&mut tx, chats).await?;
    if here.values().any(|of_chat| *of_chat != account) {
        return Ok(None);
    }
    let mapped = sqlx::query!(
        "insert into migration_mapping as m
             (old_chat_id, old_account_id, new_account_id, migration_status, import_id, made_account)
         select chat, $2, $3, 'running', $4, $5 from unnest($1::bigint[]) chat
         on conflict (old_chat_id) do update set old_account_id = $2, new_account_id = $3, migration_status = 'running', import_id = $4,
             made_account = excluded.made_account or (m.made_account and m.new_account_id = $3 and m.migration_status = 'running')
         returning old_chat_id, forgotten_at, made_account",
        &ids(chats) as &[i64],
        old_account,
        account.0,
        import,
        is_made,
    )
    .fetch_all(&mut *tx)
    .await?;
    if mapped.iter().any(|row| row.forgotten_at.as_ref() != forgotten.get(&ChatId(row.old_chat_id))) {
        return Ok(None);
    }
    tx.commit().await?;
    Ok(Some(Begun { import, account, is_made: mapped.iter().any(|row| row.made_account) }))
}

async fn make_account(tx: &mut PgConnection, name: &str, now: DateTime<Utc>) -> sqlx::Result<AccountId> {
    let account = sqlx::query_scalar!(
        "with account as (insert into accounts (name, created_at) values ($1, $2) returning id),
         rules as (
             insert into bot_rules (account_id, category, content, priority)
             select account.id, r.category, r.content, r.priority from account, private.default_rules() r
         )
         select id from account",
        name,
        now,
    )
    .fetch_one(tx)
    .await?;
    Ok(AccountId(account))
}

/// Whether the import is still what these chats wait for. Locks them until the transaction ends.
///
/// # Errors
/// When the database does not answer.
pub async fn is_wanted(tx: &mut PgConnection, import: i64, chats: &[ChatId]) -> sqlx::Result<bool> {
    let rows = sqlx::query!(
        "select from migration_mapping where old_chat_id = any($1) and import_id = $2 and migration_status = 'running' for update",
        &ids(chats) as &[i64],
        import,
    )
    .fetch_all(tx)
    .await?;
    Ok(rows.len() == chats.len())
}

/// Notes that the chats have come over, from files with these checksums.
///
/// # Errors
/// When the database does not answer.
pub async fn finish(
    tx: &mut PgConnection,
    chats: &[ChatId],
    checksums: &Value,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update migration_mapping set migration_status = 'done', migrated_at = $3, checksums = coalesce(checksums, '{}') || $2, made_account = false
         where old_chat_id = any($1)",
        &ids(chats) as &[i64],
        checksums,
        now,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Takes back all that the import has written.
///
/// # Errors
/// When the database does not answer; then the import still counts as running.
pub async fn take_back(connection: &mut PgConnection, begun: Begun, chats: &[ChatId]) -> sqlx::Result<()> {
    let mut tx = connection.begin().await?;
    sqlx::query!(
        "delete from chat_history where telegram_chat_id = any($1) and import_id = $2",
        &ids(chats) as &[i64],
        begun.import
    )
    .execute(&mut *tx)
    .await?;
    // Whoever has written to the bot since has an account to stay in.
    sqlx::query!(
        "delete from accounts a where a.id = $1
           and exists (select from migration_mapping m where m.new_account_id = a.id and m.import_id = $2 and m.made_account)
           and not exists (select from chat_history h where h.account_id = a.id)",
        begun.account.0,
        begun.import,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "update migration_mapping set migration_status = 'failed', made_account = false
         where old_chat_id = any($1) and import_id = $2 and migration_status = 'running'",
        &ids(chats) as &[i64],
        begun.import,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
}

/// Notes that the chat's old memory could not be brought over, and says so there. Once: `false` where it is known already.
///
/// # Errors
/// When the database does not answer.
pub async fn give_up(pool: &PgPool, chat: ChatId, word: &[Part], now: DateTime<Utc>) -> sqlx::Result<bool> {
    let mut tx = pool.begin().await?;
    let told = sqlx::query!(
        "update migration_mapping set migration_status = 'failed', told_at = $2
         where old_chat_id = $1 and migration_status <> 'done' and told_at is null",
        chat.0,
        now,
    )
    .execute(&mut *tx)
    .await?;
    if told.rows_affected() == 0 {
        return Ok(false);
    }
    tell(&mut tx, chat, word).await?;
    tx.commit().await?;
    Ok(true)
}

/// Notes that the files hold nothing of the chat that could be brought.
///
/// # Errors
/// When the database does not answer.
pub async fn nothing_to_bring(pool: &PgPool, chat: ChatId) -> sqlx::Result<()> {
    sqlx::query!(
        "update migration_mapping set migration_status = 'done' where old_chat_id = $1 and migration_status = 'pending'",
        chat.0
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Says something in the chat, out of turn, within the caller's transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn tell(tx: &mut PgConnection, chat: ChatId, word: &[Part]) -> sqlx::Result<()> {
    for part in word {
        outgoing::post(tx, Conversation { chat, thread: ThreadId(0) }, part, None, None).await?;
    }
    super::chat_turns::call(tx, chat).await
}
