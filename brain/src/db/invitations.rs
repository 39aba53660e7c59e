//! `invitations`: who was asked into an account and has not answered. The dashboard answers through the schema `api`; here is what the
//! bot's side does.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::PgPool;

use super::account_summary::AccountSummary;
use crate::ids::ChatId;

/// An invitation that waits.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Invitation {
    /// `invitations.id`.
    pub id: i64,
    /// Whether it makes an administrator.
    pub is_admin: bool,
    /// Until when it can be answered.
    pub expires_at: DateTime<Utc>,
    /// Into what.
    pub account: AccountSummary,
}

/// The person whose private chat this is says yes or no. `false`: there is nothing to answer, or not for anybody who is known to write here.
///
/// # Errors
/// When the database does not answer.
pub async fn answer(
    pool: &PgPool,
    invitation: i64,
    person: ChatId,
    accept: bool,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select private.answer_invitation_in_chat($1, $2, $3, $4) as "answered!""#,
        invitation,
        person.0,
        accept,
        now,
    )
    .fetch_one(pool)
    .await
}

/// Deletes up to `limit` invitations that nobody has answered in time; of each a row of the audit log stays, without the address. Says how many.
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, limit: i64, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let gone = sqlx::query!(
        "with gone as (
             delete from invitations where id in (
                 select id from invitations where expires_at <= $2 order by expires_at limit $1
             )
             returning id, account_id
         )
         insert into audit_log (account_id, action, details, created_at)
         select account_id, 'invitation_expired', jsonb_build_object('invitation', id), $2 from gone",
        limit,
        now,
    )
    .execute(pool)
    .await?;
    Ok(gone.rows_affected())
}
