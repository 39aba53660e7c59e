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
        r#"select exists (select from account_users where account_id = $1 and telegram_user_id = $2) as "known!""#,
        account.0,
        person.0,
    )
    .fetch_one(pool)
    .await
}
