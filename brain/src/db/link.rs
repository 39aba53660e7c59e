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

/// What came of a code.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Linked {
    /// The chat is in the code's account now, or was before.
    Joined(Joined),
    /// No such code, not any more, or it has let in another chat.
    Wrong,
    /// Too many wrong codes from this chat; none is looked at until then.
    TooMany(DateTime<Utc>),
}

/// Joins the chat to the account whose code this is, for the person `by`. Every wrong code is counted, for all processes.
///
/// # Errors
/// When the database does not answer; then nothing has changed.
pub async fn use_code(
    pool: &PgPool,
    prover: &Prover,
    chat: ChatId,
    code: &str,
    by: i64,
    now: DateTime<Utc>,
) -> sqlx::Result<Linked> {
    let mut tx = pool.begin().await?;
    audit::acts(&mut tx, by).await?;
    let bucket = format!("link:{chat}");
    // Held to the end, so that tries of one chat come one after the other.
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
        return Ok(Linked::TooMany(free));
    }
    let account = sqlx::query_scalar!(
        "select account_id from link_codes where code_hash = $1 and expires_at > $2",
        prover.link_code_hash(code),
        now
    )
    .fetch_optional(&mut *tx)
    .await?;
    if let Some(account) = account {
        let joined = join(&mut tx, chat, AccountId(account), now).await?;
        let used = sqlx::query!(
            "update link_codes set used_by = $2
             where code_hash = $1 and account_id = $3 and expires_at > $4 and coalesce(used_by, $2) = $2",
            prover.link_code_hash(code),
            chat.0,
            account,
            now,
        );
        match joined {
            Joined::Now if used.execute(&mut *tx).await?.rows_affected() > 0 => {
                tx.commit().await?;
                return Ok(Linked::Joined(joined));
            }
            Joined::Already | Joined::Elsewhere => return Ok(Linked::Joined(joined)),
            // Somebody else was quicker: what was moved here is moved back.
            Joined::Now | Joined::Gone => {
                tx.rollback().await?;
                tx = pool.begin().await?;
            }
        }
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
    Ok(Linked::Wrong)
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
/// everything, each once. Locks the chat's turn, then both accounts in the order of their numbers; the caller holds no other
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
