//! `account_users`: the people of a permanent account, by their mail address.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use crate::ids::{AccountId, ChatId};

/// Makes a temporary account permanent, with this person as its first administrator: nothing is copied. `telegram_user` is the
/// person's id on Telegram where the account was registered from their private chat, and `None` from a group.
/// `false`: the account is gone, has expired at `now`, or was permanent before; nothing was written.
///
/// # Errors
/// When the database does not answer, or the address has no `@`.
pub async fn make_permanent(
    tx: &mut PgConnection,
    account: AccountId,
    email: &str,
    telegram_user: Option<i64>,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    // Expiry deletes under the same lock: it comes wholly before this, or not at all.
    sqlx::query!("select from accounts where id = $1 for no key update", account.0).execute(&mut *tx).await?;
    let kept = sqlx::query!(
        "delete from temporary_accounts where account_id = $1 and expires_at > $2",
        account.0,
        now
    )
    .execute(&mut *tx)
    .await?;
    if kept.rows_affected() == 0 {
        return Ok(false);
    }
    add(tx, account, email, true, telegram_user).await?;
    Ok(true)
}

/// Adds a person to an account. Who is in it already stays what they are, and is tied to `telegram_user` if nobody was.
///
/// # Errors
/// When the database does not answer, there is no such account, or the address has no `@`.
pub async fn add(
    tx: &mut PgConnection,
    account: AccountId,
    email: &str,
    is_admin: bool,
    telegram_user: Option<i64>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into account_users as u (account_id, email, is_admin, telegram_user_id) values ($1, lower($2), $3, $4)
         on conflict (account_id, email) do update
         set telegram_user_id = coalesce(u.telegram_user_id, excluded.telegram_user_id)",
        account.0,
        email,
        is_admin,
        telegram_user,
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The accounts that the address is in, the oldest membership first.
///
/// # Errors
/// When the database does not answer.
pub async fn accounts_of(pool: &PgPool, email: &str) -> sqlx::Result<Vec<AccountId>> {
    let accounts = sqlx::query_scalar!(
        "select account_id from account_users where email = lower($1) order by id",
        email
    )
    .fetch_all(pool)
    .await?;
    Ok(accounts.into_iter().map(AccountId).collect())
}

/// Whether the person whose private chat this is is known by an address in the account.
///
/// # Errors
/// When the database does not answer.
pub async fn is_person_of(pool: &PgPool, person: ChatId, account: AccountId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (select from account_users where account_id = $1 and telegram_user_id = $2) as "known!""#,
        account.0,
        person.0,
    )
    .fetch_one(pool)
    .await
}
