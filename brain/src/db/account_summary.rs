//! What people are shown of an account before they, or a chat of theirs, come into it: `private.account_summary`.

use serde::Deserialize;
use sqlx::PgPool;

use super::sign_in::read;
use crate::ids::AccountId;

/// An account as somebody sees it who is not in it yet.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct AccountSummary {
    /// Its number.
    pub id: AccountId,
    /// What it is called; one short line, perhaps empty, and anybody's words.
    pub name: String,
    /// Its administrators' addresses.
    pub administrators: Vec<String>,
    /// How many people are in it.
    pub people: i64,
    /// How many chats.
    pub chats: i64,
    /// The host of its own model's server, where it has one.
    pub model_server: Option<String>,
}

/// The account's; `None` where there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn of_account(pool: &PgPool, account: AccountId) -> sqlx::Result<Option<AccountSummary>> {
    let summary =
        sqlx::query_scalar!("select private.account_summary($1)", account.0).fetch_one(pool).await?;
    summary.map(read).transpose()
}
