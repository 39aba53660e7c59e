//! Signing in, as the web process does it: every statement is a function that its own login (`WEB_DATABASE_URL`) may call too, and
//! that login can read none of the tables behind them.

use chrono::{DateTime, Utc};
use serde::Deserialize;
use serde_json::json;
use sqlx::{PgPool, types::Uuid};

use crate::{
    db::{
        account_summary::AccountSummary, api::Identity, invitations::Invitation, web_sessions::SealedTokens,
    },
    ids::AccountId,
    sign_in::{Prover, hash, hex},
};

/// Asks for a link to be sent to the address, whoever it belongs to. `Some`: too many tries from where the browser is (`origin_key`),
/// until then.
///
/// # Errors
/// When the database does not answer.
pub async fn ask_for_link(
    pool: &PgPool,
    prover: &Prover,
    email: &str,
    origin_key: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let link = Uuid::new_v4();
    sqlx::query_scalar!(
        "select private.web_ask_for_link($1, $2, $3, $4, $5)",
        link,
        email,
        hash(&prover.token(link)),
        origin_key,
        now,
    )
    .fetch_one(pool)
    .await
}

/// What a link that nobody has used yet says.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Peeked {
    /// Its state.
    pub link: LinkState,
    /// Whom it signs in, where that is known before it is used.
    pub email: Option<String>,
    /// Whether it registers a chat, which takes the code that was shown there.
    pub needs_code: bool,
    /// What that chat is called.
    pub chat: Option<String>,
    /// `private`, `group` or `supergroup`.
    pub kind: Option<String>,
}

/// Whether a link still opens anything.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum LinkState {
    /// It does.
    Good,
    /// Somebody has used it.
    Used,
    /// Its time is over.
    Late,
    /// It is none of ours.
    Unknown,
}

/// Looks at a link without using it: mail programs open links before people do.
///
/// # Errors
/// When the database does not answer.
pub async fn peek(
    pool: &PgPool,
    token: &str,
    registration: Option<Uuid>,
    now: DateTime<Utc>,
) -> sqlx::Result<Peeked> {
    let peeked = sqlx::query_scalar!(
        r#"select private.web_peek_link($1, $2, $3) as "peeked!""#,
        hash(token),
        registration,
        now
    )
    .fetch_one(pool)
    .await?;
    read(peeked)
}

/// What somebody proves about themselves.
#[derive(Clone, Debug)]
pub enum Proof<'a> {
    /// They have the secret part of one of our links.
    Token(&'a str),
    /// The caller knows who they are: from their session, or because another service says so.
    Known(&'a Identity),
}

/// A chat that is to be registered with it.
#[derive(Clone, Debug)]
pub struct Registering<'a> {
    /// `registrations.id`; a link of ours knows its own.
    pub registration: Option<Uuid>,
    /// What was typed.
    pub code: &'a str,
    /// Which account the chat is to join; 0: one of its own, `None`: to be asked where there is a choice.
    pub account: Option<i64>,
}

/// The browser.
#[derive(Clone, Debug)]
pub struct Browser<'a> {
    /// What it will keep of its session; `None` where it has one already.
    pub secret: Option<&'a str>,
    /// What it calls itself.
    pub agent: &'a str,
    /// Where it is.
    pub origin: &'a str,
    /// What another service gave for the session, where one did.
    pub tokens: Option<&'a SealedTokens>,
}

/// Counts a try to sign in from a network. `Some`: there were too many, until then.
///
/// # Errors
/// When the database does not answer.
pub async fn count_try(
    pool: &PgPool,
    origin_key: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    sqlx::query_scalar!("select private.web_count_try($1, $2)", origin_key, now).fetch_one(pool).await
}

/// Whether a code is its registration's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    /// It is.
    Right,
    /// It is not; there are tries left.
    Wrong,
    /// It is not, five times.
    Closed,
    /// The registration is too old, or is none.
    Late,
}

/// Tries a code before another service's link is used, which works once. Wrong ones are counted.
///
/// # Errors
/// When the database does not answer.
pub async fn try_code(
    pool: &PgPool,
    prover: &Prover,
    registration: Uuid,
    code: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Code> {
    let tried = sqlx::query_scalar!(
        r#"select private.try_code($1, $2, $3) as "tried!""#,
        registration,
        prover.code_hash(registration, code),
        now,
    )
    .fetch_one(pool)
    .await?;
    Ok(match tried.as_str() {
        "right" => Code::Right,
        "wrong" => Code::Wrong,
        "closed" => Code::Closed,
        _ => Code::Late,
    })
}

/// What came of signing in.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct SignedIn {
    /// How it ended.
    pub outcome: Outcome,
    /// Who it is; absent where nothing was used.
    pub email: Option<String>,
    /// What the registered chat is called.
    pub chat: Option<String>,
    /// Whether that is a group.
    pub is_group: Option<bool>,
    /// The account that it has come to.
    pub account: Option<AccountId>,
    /// The accounts that it may join: of those that the person is in, and for a group administers.
    pub accounts: Option<Vec<AccountSummary>>,
    /// What the person was asked into and has not answered.
    pub invitations: Option<Vec<Invitation>>,
    /// The new session, where there is one.
    pub session: Option<i64>,
}

impl SignedIn {
    /// Nothing came of it.
    #[must_use]
    pub const fn without(outcome: Outcome) -> Self {
        Self {
            outcome,
            email: None,
            chat: None,
            is_group: None,
            account: None,
            accounts: None,
            invitations: None,
            session: None,
        }
    }
}

/// How signing in ended. What each says of the session stands beside `private.web_sign_in`.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// Signed in; there was nothing to register.
    SignedIn,
    /// The chat's account is permanent now.
    Permanent,
    /// The chat has joined the person's account.
    Joined,
    /// It was in it before.
    Already,
    /// The person is in an account, or was asked into one, and has to say what the chat joins, if anything.
    Choose,
    /// The chat is in another permanent account.
    Elsewhere,
    /// The chat's account has expired.
    Gone,
    /// The registration is too old.
    Late,
    /// Not the code; there are tries left.
    WrongCode,
    /// Not the code, five times.
    Closed,
    /// Unknown, used or too old.
    BadLink,
    /// The address is in no account, and was asked into none.
    Nobody,
}

/// Signs in, and registers a chat where one is to be: all of it or nothing.
///
/// # Errors
/// When the database does not answer; then nothing has happened, and it can be tried again.
pub async fn sign_in(
    pool: &PgPool,
    prover: &Prover,
    proof: &Proof<'_>,
    registering: &Registering<'_>,
    browser: &Browser<'_>,
    now: DateTime<Utc>,
) -> sqlx::Result<SignedIn> {
    let mut args = json!({"agent": browser.agent, "origin": browser.origin});
    match proof {
        Proof::Token(token) => args["token_hash"] = hex(&hash(token)).into(),
        Proof::Known(identity) => {
            args["email"] = identity.email.as_str().into();
            args["user"] = identity.user.map(|user| user.to_string()).into();
        }
    }
    if let Some(secret) = browser.secret {
        args["secret_hash"] = hex(&hash(secret)).into();
    }
    if let Some(tokens) = browser.tokens {
        args["access_token"] = hex(&tokens.access).into();
        args["access_expires_at"] = json!(tokens.expires_at);
        args["refresh_token"] = hex(&tokens.refresh).into();
    }
    if let Some(registration) = registering.registration {
        args["registration"] = registration.to_string().into();
        args["code_hash"] = hex(&prover.code_hash(registration, registering.code)).into();
        args["account"] = registering.account.into();
    }
    let done = sqlx::query_scalar!(r#"select private.web_sign_in($1, $2) as "done!""#, args, now)
        .fetch_one(pool)
        .await?;
    read(done)
}

pub(super) fn read<T: serde::de::DeserializeOwned>(value: serde_json::Value) -> sqlx::Result<T> {
    serde_json::from_value(value).map_err(|error| sqlx::Error::Decode(error.into()))
}
