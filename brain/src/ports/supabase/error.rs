//! Why the project's sign-in did not do what was asked, told apart by what to do next.

use std::time::Duration;

use reqwest::{StatusCode, header};
use serde::Deserialize;

use crate::ports::{
    http,
    reason::{Reason, Sent},
};

/// How long to wait where the project does not say: it sends one mail per address and minute.
/// <https://supabase.com/docs/guides/auth/rate-limits>
const MAIL_PACE: Duration = Duration::from_mins(1);

/// A failed call. What it says holds no address, no token and no key.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AuthError {
    /// 429: the same call may be made after this time.
    #[error("Supabase asks to wait {0:?}")]
    TooManyRequests(Duration),
    /// The link has been used, is too old, or was never one.
    #[error("the sign-in link is used or too old")]
    LinkOver,
    /// The session was ended, or its refresh token has been used before: sign in again.
    #[error("the session is over")]
    SessionOver,
    /// Nobody with this address is known, and none was to be made.
    #[error("the address is not known")]
    UnknownAddress,
    /// The project takes no mail for this address.
    #[error("the address is refused")]
    BadAddress,
    /// The keys or the project's settings are wrong; asking again does not help. The project's own word for it.
    #[error("Supabase refused: {0}")]
    Misconfigured(Reason),
    /// No answer, a broken one, or 5xx. Whether it was done nobody knows.
    #[error("Supabase did not answer: {0}")]
    Unavailable(Reason),
}

/// An answer that is not 2xx.
pub(super) struct Refusal {
    status: StatusCode,
    /// What the sign-in says. The gateway before it, which looks at the keys, has no such word.
    code: Option<String>,
    /// What was asked with, which the code may repeat.
    sent: Sent,
    retry_after: Option<Duration>,
}

impl Refusal {
    /// Reads status, headers and body. The body's sentences are left alone: they can hold addresses.
    pub(super) fn read(status: StatusCode, headers: &header::HeaderMap, body: &[u8], sent: Sent) -> Self {
        #[derive(Deserialize)]
        struct Coded {
            error_code: String,
        }
        let seconds = headers.get(header::RETRY_AFTER).and_then(|value| value.to_str().ok()?.parse().ok());
        Self {
            status,
            code: serde_json::from_slice(body).ok().map(|coded: Coded| coded.error_code),
            sent,
            retry_after: seconds.map(Duration::from_secs),
        }
    }

    /// What it means where an address was handed in, or nothing.
    pub(super) fn into_error(self) -> AuthError {
        match (self.status, self.code.as_deref()) {
            (StatusCode::TOO_MANY_REQUESTS, _) => {
                AuthError::TooManyRequests(self.retry_after.unwrap_or(MAIL_PACE))
            }
            (StatusCode::REQUEST_TIMEOUT, _) => AuthError::Unavailable(Reason::status(self.status.as_u16())),
            (status, _) if !status.is_client_error() => {
                AuthError::Unavailable(Reason::status(status.as_u16()))
            }
            (_, Some("otp_disabled" | "signup_disabled" | "user_not_found")) => AuthError::UnknownAddress,
            (_, Some("email_address_invalid" | "validation_failed")) => AuthError::BadAddress,
            (_, Some(code)) => AuthError::Misconfigured(Reason::said(code, &self.sent)),
            (status, None) => AuthError::Misconfigured(
                Reason::status(status.as_u16()).and("and no code: are the keys this project's?"),
            ),
        }
    }

    /// What it means where a link or a token was handed in: one that does not hold is `over`.
    pub(super) fn into_error_or(self, over: AuthError) -> AuthError {
        let is_coded = self.code.is_some();
        match self.into_error() {
            AuthError::UnknownAddress | AuthError::BadAddress => over,
            AuthError::Misconfigured(_) if is_coded => over,
            other => other,
        }
    }
}

impl From<&AuthError> for Reason {
    fn from(error: &AuthError) -> Self {
        Self::of(error)
    }
}

impl From<reqwest::Error> for AuthError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unavailable(http::what_broke(&error).into())
    }
}
