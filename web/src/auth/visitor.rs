//! The browser that asks for a page, and who is signed in with it.

use brain::db::web_sessions::{self, Session};
use salvo::prelude::*;

use super::cookie::{Cookie, keep_form_secret};
use crate::site::Site;

/// The database does not answer.
#[derive(Debug)]
pub(crate) struct Unavailable;

impl From<sqlx::Error> for Unavailable {
    fn from(error: sqlx::Error) -> Self {
        tracing::warn!(error = %error, "a page could not be made");
        Self
    }
}

/// A browser.
pub(crate) struct Visitor {
    /// Who is signed in with it.
    pub(crate) session: Option<Session>,
    /// What it keeps: of its session, or else for its forms.
    secret: String,
}

impl Visitor {
    /// Looks up who asks. A browser that has nothing yet gets something to tie forms to.
    pub(crate) async fn of(
        site: &Site,
        request: &Request,
        response: &mut Response,
    ) -> Result<Self, Unavailable> {
        if let Some(secret) = Cookie::Session.read(site, request.headers())
            && let Some(session) = web_sessions::session(&site.pool, &secret, site.clock.now()).await?
        {
            return Ok(Self { session: Some(session), secret });
        }
        let secret = Cookie::Form
            .read(site, request.headers())
            .unwrap_or_else(|| keep_form_secret(site, response.headers_mut()));
        Ok(Self { session: None, secret })
    }

    /// A browser that has just been signed in.
    pub(crate) fn signed_in(session: Session, secret: String) -> Self {
        Self { session: Some(session), secret }
    }

    /// What its forms bring back.
    pub(crate) fn form_token(&self, site: &Site) -> String {
        site.form_token(&self.secret)
    }

    /// What it keeps: of its session, where it has one.
    pub(crate) fn secret(&self) -> &str {
        &self.secret
    }
}
