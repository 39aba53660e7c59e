//! `account_users`: the people of a permanent account, by their mail address.

use sqlx::PgPool;

use crate::ids::{AccountId, ChatId};

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
        r#"select exists (
               select from account_users u join private_chats p on p.person_id = u.id
               where u.account_id = $1 and p.telegram_user_id = $2
           ) as "known!""#,
        account.0,
        person.0,
    )
    .fetch_one(pool)
    .await
}

/// Whether the person whose private chat this is administers the account.
///
/// # Errors
/// When the database does not answer.
pub async fn administers(pool: &PgPool, person: ChatId, account: AccountId) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from account_users u join private_chats p on p.person_id = u.id
               where u.account_id = $1 and p.telegram_user_id = $2 and u.is_admin
           ) as "administers!""#,
        account.0,
        person.0,
    )
    .fetch_one(pool)
    .await
}
