//! Whether a request comes from the machine that the program runs on.

use std::net::IpAddr;

use salvo::http::{HeaderMap, header::HOST};

/// What proxies add: where one of these is, the asker may be anywhere, whatever the address of the connection.
const FORWARDED: [&str; 6] =
    ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];

/// Whether the peer is a program of this machine that asks for itself.
pub(crate) fn is_asking(peer: Option<IpAddr>, headers: &HeaderMap) -> bool {
    peer.is_some_and(|peer| peer.to_canonical().is_loopback())
        && FORWARDED.iter().all(|name| !headers.contains_key(*name))
}

/// The name by which it asked for us, where that is one of this machine's own. Another that leads here was made to (DNS rebinding),
/// or a proxy has passed it on.
pub(crate) fn name(headers: &HeaderMap) -> Option<&str> {
    headers.get(HOST).and_then(|host| host.to_str().ok()).filter(|host| is_local(host))
}

fn is_local(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|byte| byte.is_ascii_digit()) => name,
        _ => host,
    };
    name.eq_ignore_ascii_case("localhost") || name == "127.0.0.1" || name == "[::1]"
}
