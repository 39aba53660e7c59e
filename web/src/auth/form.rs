//! A form that was sent in: only from our own pages (`Origin`), and only from a page that we gave to this browser (a token).

use std::collections::HashMap;

use salvo::{
    http::header::{CONTENT_TYPE, HOST, ORIGIN},
    prelude::*,
};

use super::Visitor;
use crate::{body, site::Site};

/// Our forms hold a few hundred bytes.
pub(crate) const MAX_FORM: usize = 16 * 1024;

/// What was filled in.
pub(crate) struct Form(HashMap<String, String>);

/// Why a form is not looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refused {
    /// It comes from a page of somebody else.
    Foreign,
    /// Its page was made for another browser, or before signing in or out.
    Stale,
    /// It is none.
    Unreadable,
}

impl Form {
    pub(crate) async fn read(site: &Site, request: &mut Request, visitor: &Visitor) -> Result<Self, Refused> {
        let header = |name| request.headers().get(name).and_then(|value| value.to_str().ok());
        if !header(ORIGIN).is_some_and(|origin| site.is_ours(origin, header(HOST))) {
            return Err(Refused::Foreign);
        }
        if !header(CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
            return Err(Refused::Unreadable);
        }
        let body = body::read(request, MAX_FORM).await.map_err(|_| Refused::Unreadable)?;
        let fields: HashMap<String, String> = url::form_urlencoded::parse(body).into_owned().collect();
        let token = fields.get("form").map_or("", String::as_str);
        // Both are made with a key that nobody else has: how long the comparison takes tells nothing that could be used.
        if token != visitor.form_token(site) {
            return Err(Refused::Stale);
        }
        Ok(Self(fields))
    }

    /// A field without the space around it; empty where there is none.
    pub(crate) fn text(&self, name: &str) -> &str {
        self.0.get(name).map_or("", |value| value.trim())
    }

    /// A field that is a number.
    pub(crate) fn number(&self, name: &str) -> Option<i64> {
        self.text(name).parse().ok()
    }
}
