//! What all pages have in common: what the browser may do with them, and how they are written out.

use askama::Template;
use salvo::{
    http::{
        HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    prelude::*,
};

use crate::{
    auth::{Form, Refused, Unavailable, Visitor},
    site::Site,
};

/// No scripts at all, nothing from elsewhere, forms to ourselves only, and nobody frames a page.
const POLICY: &str = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// Tells the browser what a page may do. Addresses with a link's secret in them are told to nobody (`same-origin`; with `no-referrer`
/// browsers would hide the origin of our own forms too), and nothing is kept in a cache.
#[handler]
pub(super) fn guard(response: &mut Response) {
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "same-origin"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        response.headers_mut().insert(name, HeaderValue::from_static(value));
    }
}

/// Writes a page out.
pub(super) fn render(response: &mut Response, status: StatusCode, page: &impl Template) {
    match page.render() {
        Ok(html) => {
            response.status_code(status);
            response.render(Text::Html(html));
        }
        Err(error) => {
            tracing::error!(error = %error, "a page could not be written");
            response.status_code(StatusCode::INTERNAL_SERVER_ERROR);
        }
    }
}

/// A page that says one thing.
#[derive(Template)]
#[template(path = "message.html")]
pub(super) struct Message<'a> {
    pub(super) title: &'a str,
    pub(super) text: &'a str,
    /// Where to go from here: address and words.
    pub(super) next: Option<(&'a str, &'a str)>,
}

impl Message<'_> {
    pub(super) fn send(&self, response: &mut Response, status: StatusCode) {
        render(response, status, self);
    }
}

/// Who sends a form, and what is in it; `None`: it is not looked at, and the answer says why.
pub(super) async fn sent(
    site: &Site,
    request: &mut Request,
    response: &mut Response,
) -> Option<(Visitor, Form)> {
    let visitor = match Visitor::of(site, request, response).await {
        Ok(visitor) => visitor,
        Err(error) => {
            unavailable(response, error);
            return None;
        }
    };
    match Form::read(site, request, &visitor).await {
        Ok(form) => Some((visitor, form)),
        Err(reason) => {
            refused(response, reason);
            None
        }
    }
}

/// The database is away.
pub(super) fn unavailable(response: &mut Response, _: Unavailable) {
    let text = "Our database does not answer right now. Nothing has happened; please try again in a moment.";
    Message { title: "Not right now", text, next: None }.send(response, StatusCode::SERVICE_UNAVAILABLE);
}

/// A form of which not all has come, or more than there can be.
pub(super) fn not_read(response: &mut Response, status: StatusCode) {
    let text =
        "Not all of it arrived, or it is too long, so nothing was done. Open the page here and try again.";
    Message { title: "Not a form", text, next: Some(("/account", "Go on")) }.send(response, status);
}

/// A form that is not looked at.
fn refused(response: &mut Response, refused: Refused) {
    let (title, text, status) = match refused {
        Refused::Foreign => {
            let text = "This came from a page that is not ours, so nothing was done. Open the page here and try again.";
            ("Not from here", text, StatusCode::FORBIDDEN)
        }
        Refused::Stale => {
            let text = "That page was open for too long, or you have signed in or out since, so nothing was done. Open it again and try again. Without cookies it cannot work.";
            ("This page is too old", text, StatusCode::FORBIDDEN)
        }
        Refused::Unreadable => ("Not a form", "What came in is no form of ours.", StatusCode::BAD_REQUEST),
    };
    Message { title, text, next: Some(("/account", "Go on")) }.send(response, status);
}

/// After a form: to this page of ours.
pub(super) fn go_to(response: &mut Response, address: &str) {
    response.render(Redirect::other(address));
}
