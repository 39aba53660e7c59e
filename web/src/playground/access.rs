//! Who may use the local chat: programs and browsers of this machine, and of the browser's pages only our own.
//!
//! The peer's address keeps other machines out, and so do the headers of a proxy that passes them on. The `Host` header keeps out a page of elsewhere whose name was made to
//! point at this machine (DNS rebinding), the `Origin` header a page that posts to us (cross-site request forgery).

use std::net::IpAddr;

use salvo::{
    http::{
        HeaderMap, HeaderName, HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_SECURITY_POLICY, ORIGIN, REFERRER_POLICY, X_CONTENT_TYPE_OPTIONS},
    },
    prelude::*,
};

use crate::this_machine;

/// Everything comes from us, nothing is inline, nobody frames the page.
const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; \
                      base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

const NOT_HERE: &str = "The local chat is only for the machine that it runs on. From elsewhere, forward the port: \
                        ssh -L 8080:localhost:8080 that-machine, and open http://localhost:8080/playground\n";
const NOT_LOCALHOST: &str = "The local chat answers only under the names localhost, 127.0.0.1 and [::1].\n";
const NOT_OURS: &str = "The local chat takes nothing from pages of other sites.\n";

/// Lets nobody else in, and tells the browser what the page may do.
#[handler]
pub(super) fn only_this_machine(request: &mut Request, response: &mut Response, ctrl: &mut FlowCtrl) {
    let headers = response.headers_mut();
    for (name, value) in [
        (CONTENT_SECURITY_POLICY, POLICY),
        (X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (REFERRER_POLICY, "no-referrer"),
        (CACHE_CONTROL, "no-store"),
        (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if let Some(reason) = refusal(request.remote_addr().ip(), request.headers()) {
        response.status_code(StatusCode::FORBIDDEN);
        response.render(Text::Plain(reason));
        ctrl.skip_rest();
    }
}

/// Why a request is refused, if it is.
fn refusal(peer: Option<IpAddr>, headers: &HeaderMap) -> Option<&'static str> {
    if !this_machine::is_asking(peer, headers) {
        return Some(NOT_HERE);
    }
    let Some(host) = this_machine::name(headers) else {
        return Some(NOT_LOCALHOST);
    };
    match headers.get(ORIGIN).map(HeaderValue::to_str) {
        None => None,
        Some(Ok(origin)) if is_origin_of(origin, host) => None,
        Some(_) => Some(NOT_OURS),
    }
}

fn is_origin_of(origin: &str, host: &str) -> bool {
    let name = origin.strip_prefix("http://").or_else(|| origin.strip_prefix("https://"));
    name.is_some_and(|name| name.eq_ignore_ascii_case(host))
}

#[cfg(test)]
mod tests {
    use salvo::http::header::HOST;

    use super::*;

    fn refused(peer: &str, headers: &[(HeaderName, &'static str)]) -> Option<&'static str> {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect();
        refusal(peer.parse().ok(), &headers)
    }

    #[test]
    fn programs_and_our_own_page_of_this_machine_come_in() {
        for peer in ["127.0.0.1", "127.8.8.8", "::1", "::ffff:127.0.0.1"] {
            assert_eq!(refused(peer, &[(HOST, "localhost:8080")]), None, "{peer}");
        }
        for (host, origin) in [
            ("localhost:8080", "http://localhost:8080"),
            ("127.0.0.1:80", "http://127.0.0.1:80"),
            ("[::1]:8080", "http://[::1]:8080"),
            ("[::1]", "http://[::1]"),
            ("LocalHost", "http://localhost"),
        ] {
            assert_eq!(refused("::1", &[(HOST, host), (ORIGIN, origin)]), None, "{host}");
        }
    }

    #[test]
    fn other_machines_stay_out() {
        for peer in ["192.168.1.7", "::ffff:10.0.0.1", "fe80::1", "2001:db8::1", "unknown"] {
            assert_eq!(refused(peer, &[(HOST, "localhost")]), Some(NOT_HERE), "{peer}");
        }
    }

    #[test]
    fn who_comes_through_a_proxy_of_this_machine_stays_out() {
        for header in ["x-forwarded-for", "forwarded", "x-real-ip", "via"] {
            let headers = [(HOST, "localhost:8080"), (HeaderName::from_static(header), "127.0.0.1")];
            assert_eq!(refused("127.0.0.1", &headers), Some(NOT_HERE), "{header}");
        }
    }

    #[test]
    fn a_name_that_was_pointed_at_this_machine_stays_out() {
        for host in
            ["evil.example", "localhost.evil.example:8080", "127.0.0.1.evil.example", "192.168.1.7:8080", ""]
        {
            assert_eq!(refused("127.0.0.1", &[(HOST, host)]), Some(NOT_LOCALHOST), "{host}");
        }
        assert_eq!(refused("127.0.0.1", &[]), Some(NOT_LOCALHOST));
    }

    #[test]
    fn a_page_of_elsewhere_stays_out() {
        for origin in [
            "https://evil.example",
            "null",
            "http://localhost:3000",
            "http://localhost:8080.evil.example",
            "",
        ] {
            let headers = [(HOST, "localhost:8080"), (ORIGIN, origin)];
            assert_eq!(refused("127.0.0.1", &headers), Some(NOT_OURS), "{origin}");
        }
    }
}
