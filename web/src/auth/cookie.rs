//! The two cookies: of a session, and of a form before there is one.
//!
//! With https their names begin with `__Host-`, which browsers take only with `Secure`, for one host and every path (RFC 6265bis): another
//! host of the same domain cannot plant them. Plain http on localhost could not set these at all.

use brain::sign_in::new_secret;
use salvo::http::{
    HeaderMap, HeaderValue,
    header::{COOKIE, SET_COOKIE},
};

use crate::site::Site;

/// Browsers cut longer times off: 400 days. A session is over after 30 days without a request, whatever the cookie says.
const KEPT_FOR: u32 = 400 * 86_400;

#[derive(Clone, Copy)]
pub(super) enum Cookie {
    Session,
    Form,
}

impl Cookie {
    fn name(self, site: &Site) -> &'static str {
        match (self, site.is_secure()) {
            (Self::Session, true) => "__Host-pykhbrain",
            (Self::Form, true) => "__Host-pykhbrain_form",
            (Self::Session, false) => "pykhbrain",
            (Self::Form, false) => "pykhbrain_form",
        }
    }

    /// The secret that the browser has sent, if it has the shape of one of ours.
    pub(super) fn read(self, site: &Site, headers: &HeaderMap) -> Option<String> {
        let name = self.name(site);
        let cookies = headers.get_all(COOKIE).iter().filter_map(|header| header.to_str().ok());
        cookies
            .flat_map(|header| header.split(';'))
            .filter_map(|cookie| cookie.trim().split_once('='))
            .find(|(found, value)| *found == name && is_secret(value))
            .map(|(_, value)| value.to_owned())
    }

    fn set(self, site: &Site, headers: &mut HeaderMap, secret: &str, seconds: u32) {
        let (name, secure) = (self.name(site), if site.is_secure() { "; Secure" } else { "" });
        let cookie = format!("{name}={secret}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}");
        if let Ok(cookie) = HeaderValue::from_str(&cookie) {
            headers.append(SET_COOKIE, cookie);
        }
    }
}

fn is_secret(value: &str) -> bool {
    value.len() == 64 && value.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// Ties the forms of a page to a browser that is not signed in.
pub(super) fn keep_form_secret(site: &Site, headers: &mut HeaderMap) -> String {
    let secret = new_secret();
    Cookie::Form.set(site, headers, &secret, 86_400);
    secret
}

/// Has the browser keep the secret of its new session.
pub(crate) fn keep_session(site: &Site, headers: &mut HeaderMap, secret: &str) {
    Cookie::Session.set(site, headers, secret, KEPT_FOR);
}

/// Has the browser forget its session.
pub(crate) fn forget_session(site: &Site, headers: &mut HeaderMap) {
    Cookie::Session.set(site, headers, "", 0);
}
