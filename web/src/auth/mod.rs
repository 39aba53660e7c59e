//! Who a browser is, and whether what it sends is its person's own doing.
//!
//! A browser holds 32 random bytes in a cookie and nothing else. Signed in, their hash is a row of `web_sessions`; before that they only
//! tie forms to the browser. Signing in always makes new ones, so that nobody can be given a session that somebody else knows.

mod cookie;
mod form;
mod origin;
mod supabase;
mod visitor;

pub(crate) use cookie::{forget_session, keep_session};
pub(crate) use form::{Form, MAX_FORM, Refused};
pub(crate) use origin::{Origin, network};
pub(crate) use supabase::{NotMade, Supabase};
pub(crate) use visitor::{Unavailable, Visitor};
