//! `link_codes`, and how a chat joins another account: by a code from one of its chats, or because its person has that account.

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, PgPool};

use crate::{
    db::audit,
    ids::{AccountId, ChatId},
    sign_in::Prover,
};

/// How long a code can be used.
pub const CODE_LIFE: Duration = Duration::minutes(10);
/// Wrong codes that a chat may try within [`CODE_LIFE`].
pub const TRIES: i32 = 5;

/// Keeps a code that lets one more chat into the chat's account. The one before it is good for nothing any more.
/// `false`: the account is temporary, or the chat has none; it has room for one chat only.
///
/// # Errors
/// When the database does not answer.
pub async fn give_out(
    tx: &mut PgConnection,
    prover: &Prover,
    chat: ChatId,
    code: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let kept = sqlx::query!(
        "insert into link_codes as l (telegram_chat_id, account_id, code_hash, expires_at)
         select c.telegram_chat_id, c.account_id, $2, $3 from account_chats c
         where c.telegram_chat_id = $1 and not exists (select from temporary_accounts t where t.account_id = c.account_id)
         on conflict (telegram_chat_id) do update
         set account_id = excluded.account_id, code_hash = excluded.code_hash, expires_at = excluded.expires_at, used_by = null",
        chat.0,
        prover.link_code_hash(code),
        now + CODE_LIFE,
    )
    .execute(tx)
    .await?;
    Ok(kept.rows_affected() > 0)
}

/// What a code is good for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Looked {
    /// It lets this chat into the account, and from now on no other chat.
    Opens {
        /// Which one.
        account: AccountId,
        /// What stands for the code in a key under a message, so that the code itself does not.
        key: String,
    },
    /// The chat is in the code's account.
    Already,
    /// It is in another permanent account, and stays there.
    Elsewhere,
    /// No such code, not any more, or it was given in another chat.
    Wrong,
    /// Too many wrong codes from this person; none is looked at until then.
    TooMany(DateTime<Utc>),
}

/// Looks at a code and joins nothing. Every wrong one is counted against the person who gave it (`by`), for all processes: others in the chat
/// are not kept from trying.
///
/// # Errors
/// When the database does not answer.
pub async fn look(
    pool: &PgPool,
    prover: &Prover,
    chat: ChatId,
    code: &str,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Looked> {
    let mut tx = pool.begin().await?;
    let bucket = format!("link:{by}");
    // Held to the end, so that tries of one person come one after the other.
    sqlx::query!("insert into rate_buckets (bucket) values ($1) on conflict do nothing", bucket)
        .execute(&mut *tx)
        .await?;
    let free = sqlx::query_scalar!(
        "select private.next_slot(slots, $2, $3) from rate_buckets where bucket = $1 for update",
        bucket,
        TRIES,
        sqlx::postgres::types::PgInterval::try_from(CODE_LIFE).map_err(sqlx::Error::Encode)?,
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some(free) = free.filter(|free| *free > now) {
        return Ok(Looked::TooMany(free));
    }
    let found = sqlx::query!(
        r#"select l.account_id, encode(substring(l.code_hash for 16), 'hex') as "key!", c.account_id = l.account_id as "is_in!",
                  not exists (select from temporary_accounts t where t.account_id = c.account_id) as "is_elsewhere!"
           from link_codes l, account_chats c where l.code_hash = $1 and l.expires_at > $2 and c.telegram_chat_id = $3"#,
        prover.link_code_hash(code),
        now,
        chat.0,
    )
    .fetch_optional(&mut *tx)
    .await?;
    match found {
        Some(found) if found.is_in => return Ok(Looked::Already),
        Some(found) if found.is_elsewhere => return Ok(Looked::Elsewhere),
        Some(found) => {
            // In a group everybody has read it by now: it is for this chat only.
            let taken = sqlx::query!(
                "update link_codes set used_by = $2 where code_hash = $1 and expires_at > $3 and coalesce(used_by, $2) = $2",
                prover.link_code_hash(code),
                chat.0,
                now,
            );
            if taken.execute(&mut *tx).await?.rows_affected() > 0 {
                tx.commit().await?;
                return Ok(Looked::Opens { account: AccountId(found.account_id), key: found.key });
            }
        }
        None => {}
    }
    sqlx::query!(
        "update rate_buckets set slots = (slots || $2::timestamptz)[greatest(1, cardinality(slots) + 2 - $3):],
             used_at = greatest(clock_timestamp(), $2)
         where bucket = $1",
        bucket,
        now,
        TRIES,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await?;
    Ok(Looked::Wrong)
}

/// Joins the chat to the account whose code was given in it ([`Looked::Opens`]), for the person `by` who has said yes.
///
/// # Errors
/// When the database does not answer; then nothing has changed.
pub async fn use_code(
    pool: &PgPool,
    chat: ChatId,
    key: &str,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Joined> {
    let mut tx = pool.begin().await?;
    audit::acts(&mut tx, by).await?;
    // The code is held, so that nobody takes it back meanwhile.
    let account = sqlx::query_scalar!(
        "select account_id from link_codes
         where encode(substring(code_hash for 16), 'hex') = $1 and used_by = $2 and expires_at > $3 for update",
        key,
        chat.0,
        now,
    )
    .fetch_optional(&mut *tx)
    .await?;
    let Some(account) = account else { return Ok(Joined::Gone) };
    let joined = join(&mut tx, chat, AccountId(account), now).await?;
    if joined == Joined::Now {
        tx.commit().await?;
    }
    Ok(joined)
}

/// Takes the chat out of its account, for the person `by`. `false`: not now, because a message to it is on its way.
///
/// # Errors
/// When the database does not answer.
pub async fn unlink(
    pool: &PgPool,
    chat: ChatId,
    account: AccountId,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    // `object_in_use`: https://www.postgresql.org/docs/current/errcodes-appendix.html
    const IN_USE: &str = "55006";
    let mut tx = pool.begin().await?;
    audit::acts(&mut tx, by).await?;
    let left =
        sqlx::query_scalar!(r#"select private.unlink_chat($1, $2, $3) as "left!""#, chat.0, account.0, now)
            .fetch_one(&mut *tx)
            .await;
    match left {
        Ok(_) => tx.commit().await.map(|()| true),
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(IN_USE) => Ok(false),
        Err(error) => Err(error),
    }
}

/// What came of joining an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Joined {
    /// With everything that the chat has. Its temporary account is gone.
    Now,
    /// It was in this account before.
    Already,
    /// It is in another permanent account, and stays there.
    Elsewhere,
    /// The chat has no account (any more), or the account is gone or temporary.
    Gone,
}

/// Moves a chat with a temporary account into a permanent one, within the caller's transaction: history, facts, rules, settings,
/// everything, each once. The chat and the account's administrators are told. Locks the chat's turn, then both accounts in the order of their numbers; the caller holds no other
/// account's row and no other turn.
///
/// # Errors
/// When the database does not answer; then the transaction is to be rolled back.
pub async fn join(
    tx: &mut PgConnection,
    chat: ChatId,
    account: AccountId,
    now: DateTime<Utc>,
) -> sqlx::Result<Joined> {
    let joined = sqlx::query_scalar!(
        r#"select private.join_account($1, $2, $3) as "joined!""#,
        chat.0,
        account.0,
        now
    )
    .fetch_one(tx)
    .await?;
    Ok(match joined.as_str() {
        "joined" => Joined::Now,
        "joined_already" => Joined::Already,
        "elsewhere" => Joined::Elsewhere,
        _ => Joined::Gone,
    })
}
