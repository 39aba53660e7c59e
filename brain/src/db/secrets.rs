//! The secrets of messages, when they are sent: made from their numbers with the program's key, and given only while they still open
//! something.

use chrono::{DateTime, Utc};
use sqlx::{PgPool, types::Uuid};

use super::sign_in_links::address;
use crate::sign_in::{Prover, hash};

/// The address that signs in with a link. `None`: it is used or too old.
///
/// # Errors
/// When the database does not answer.
pub async fn link(
    pool: &PgPool,
    prover: &Prover,
    public_url: &str,
    link: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let token = prover.token(link);
    let registration = sqlx::query_scalar!(
        "select registration_id from sign_in_links
         where id = $1 and token_hash = $2 and used_at is null and expires_at > $3",
        link,
        hash(&token),
        now,
    )
    .fetch_optional(pool)
    .await?;
    Ok(registration.map(|registration| address(public_url, &token, "magiclink", registration)))
}

/// The digits of a registration. `None`: it is confirmed or too old.
///
/// # Errors
/// When the database does not answer.
pub async fn digits(
    pool: &PgPool,
    prover: &Prover,
    registration: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let digits = prover.digits(registration);
    let stands = sqlx::query_scalar!(
        r#"select exists (
               select from registrations
               where id = $1 and code_hash = $2 and confirmed_at is null and expires_at > $3
           ) as "stands!""#,
        registration,
        prover.code_hash(registration, &digits),
        now,
    )
    .fetch_one(pool)
    .await?;
    Ok(stands.then_some(digits))
}

/// The code that lets a chat in. `None`: it is used, replaced or too old.
///
/// # Errors
/// When the database does not answer.
pub async fn link_code(
    pool: &PgPool,
    prover: &Prover,
    seed: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<String>> {
    let code = prover.link_code(seed);
    let stands = sqlx::query_scalar!(
        r#"select exists (
               select from link_codes where code_hash = $1 and used_by is null and expires_at > $2
           ) as "stands!""#,
        prover.link_code_hash(&code),
        now,
    )
    .fetch_one(pool)
    .await?;
    Ok(stands.then_some(code))
}
