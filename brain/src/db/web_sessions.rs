//! `web_sessions`: signed-in browsers, as the web process sees them through functions ([`sign_in`](super::sign_in) makes them).

use chrono::{DateTime, Utc};
use serde::Deserialize;
use sqlx::{PgConnection, PgPool, types::Uuid};

use super::{api::Identity, sign_in::read};
use crate::sign_in::{hash, hex, unhex};

/// A signed-in browser.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Session {
    /// `web_sessions.id`.
    pub id: i64,
    /// The address.
    pub email: String,
    /// The identity, where another service gave one.
    pub user: Option<Uuid>,
}

impl Session {
    /// Whose it is.
    #[must_use]
    pub fn identity(&self) -> Identity {
        Identity { user: self.user, email: self.email.clone() }
    }
}

/// The session whose secret the browser has; `None` where there is none or it is over.
///
/// # Errors
/// When the database does not answer.
pub async fn session(pool: &PgPool, secret: &str, now: DateTime<Utc>) -> sqlx::Result<Option<Session>> {
    let session =
        sqlx::query_scalar!("select private.web_session($1, $2)", hash(secret), now).fetch_one(pool).await?;
    session.map(read).transpose()
}

/// The session's tokens. `None`: it is over, or has none.
///
/// # Errors
/// When the database does not answer.
pub async fn tokens(pool: &PgPool, secret: &str) -> sqlx::Result<Option<SealedTokens>> {
    read_tokens(sqlx::query_scalar!("select private.web_tokens($1)", hash(secret)).fetch_one(pool).await?)
}

/// Takes the session's tokens and holds them for the length of the caller's transaction. `None`: it is over, or has none.
///
/// # Errors
/// When the database does not answer.
pub async fn hold_tokens(tx: &mut PgConnection, secret: &str) -> sqlx::Result<Option<SealedTokens>> {
    read_tokens(sqlx::query_scalar!("select private.web_hold_tokens($1)", hash(secret)).fetch_one(tx).await?)
}

fn read_tokens(held: Option<serde_json::Value>) -> sqlx::Result<Option<SealedTokens>> {
    #[derive(Deserialize)]
    struct Held {
        access: Option<String>,
        access_expires_at: Option<DateTime<Utc>>,
        refresh: Option<String>,
    }
    let Some(held) = held.map(read::<Held>).transpose()? else { return Ok(None) };
    let bytes = |text: Option<String>| text.as_deref().and_then(unhex);
    Ok(bytes(held.access)
        .zip(held.access_expires_at)
        .zip(bytes(held.refresh))
        .map(|((access, expires_at), refresh)| SealedTokens { access, expires_at, refresh }))
}

/// Keeps the session's renewed tokens.
///
/// # Errors
/// When the database does not answer.
pub async fn keep_tokens(tx: &mut PgConnection, secret: &str, tokens: &SealedTokens) -> sqlx::Result<()> {
    sqlx::query!(
        "select private.web_keep_tokens($1, $2, $3, $4)",
        hash(secret),
        tokens.access,
        tokens.expires_at,
        tokens.refresh,
    )
    .fetch_one(tx)
    .await?;
    Ok(())
}

/// Ends the session whose secret the browser has.
///
/// # Errors
/// When the database does not answer.
pub async fn end(pool: &PgPool, secret: &str) -> sqlx::Result<()> {
    sqlx::query!("select private.web_end_session($1)", hash(secret)).fetch_one(pool).await?;
    Ok(())
}

/// Supabase's tokens of a session, sealed.
#[derive(Clone)]
pub struct SealedTokens {
    /// Says who it is, for an hour or so.
    pub access: Vec<u8>,
    /// Until when.
    pub expires_at: DateTime<Utc>,
    /// Renews both, once.
    pub refresh: Vec<u8>,
}

impl std::fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "SealedTokens(until {})", self.expires_at)
    }
}

/// What a session's token is sealed for; `kind` is `access` or `refresh`. A row's own key, so that a token opens nowhere else.
#[must_use]
pub fn token_context(secret: &str, kind: &str) -> String {
    format!("web_session:{}:{kind}", hex(&hash(secret)))
}
