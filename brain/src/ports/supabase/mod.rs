//! A Supabase project as the sign-in uses it: its mails, its tokens, and who a token says that somebody is.

mod auth;
mod error;
mod jwks;
mod jwt;

pub use auth::{Auth, LinkKind, OneTimeLink, Tokens};
pub use error::AuthError;
pub use jwt::{TokenError, Verifier};
