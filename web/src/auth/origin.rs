//! Where a request comes from, for counting tries and for the list of sessions.
//!
//! Each proxy appends to `X-Forwarded-For` the address that it was asked from. Read from the right, the first address that is none of
//! `TRUSTED_PROXIES` is the browser's: what stands to the left of it was there before any proxy of ours had a say, and can be made up.

use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use brain::config::TrustedProxies;
use salvo::prelude::*;

/// The address of a browser.
#[derive(Clone, Copy)]
pub(crate) struct Origin(Option<IpAddr>);

impl Origin {
    /// As it was found when the request came in.
    pub(crate) fn of(request: &Request) -> Self {
        request.extensions().get().copied().unwrap_or(Self(None))
    }

    /// Finds it out.
    pub(crate) fn find(request: &Request, proxies: &TrustedProxies) -> Self {
        let peer = request.remote_addr().ip().map(|ip| ip.to_canonical());
        let forwarded =
            request.headers().get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok());
        let forwarded: Vec<&str> = forwarded.flat_map(|list| list.split(',')).collect();
        Self(browser(peer, &forwarded, proxies))
    }

    /// As people and `audit_log` see it.
    pub(crate) fn text(&self) -> String {
        self.0.map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// Whose tries are counted together.
    pub(crate) fn network(&self) -> String {
        self.0.map(|ip| network(ip).to_string()).unwrap_or_default()
    }
}

/// What one subscriber has: an IPv4 address, or a /64.
pub(crate) fn network(ip: IpAddr) -> IpAddr {
    match ip {
        IpAddr::V6(ip) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).into(),
        IpAddr::V4(_) => ip,
    }
}

/// The last address that is none of our proxies'.
fn browser(peer: Option<IpAddr>, forwarded: &[&str], proxies: &TrustedProxies) -> Option<IpAddr> {
    let mut browser = peer?;
    for hop in forwarded.iter().rev() {
        if !proxies.trusts(browser) {
            break;
        }
        // A proxy of ours that writes something else has said nothing.
        let Some(hop) = address(hop.trim()) else { break };
        browser = hop.to_canonical();
    }
    Some(browser)
}

/// Some proxies write the port too.
fn address(hop: &str) -> Option<IpAddr> {
    hop.parse().or_else(|_| hop.parse().map(|socket: SocketAddr| socket.ip())).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(proxies: &str, peer: &str, forwarded: &[&str]) -> String {
        let env = [("TRUSTED_PROXIES", proxies)].into_iter().collect();
        let proxies = TrustedProxies::from_env(&env).unwrap();
        Origin(browser(peer.parse().ok(), forwarded, &proxies)).text()
    }

    #[test]
    fn nobody_is_believed_who_is_not_named() {
        for peer in ["203.0.113.7", "10.0.0.2", "127.0.0.1", "100.64.0.2", "fd00::1"] {
            assert_eq!(seen("", peer, &["198.51.100.1"]), peer);
            assert_eq!(seen("192.0.2.1", peer, &["198.51.100.1"]), peer);
        }
    }

    #[test]
    fn the_last_address_that_is_no_proxy_s_counts_and_not_what_the_browser_made_up() {
        let ours = "10.0.0.0/8, 172.68.0.0/16";
        assert_eq!(seen(ours, "10.0.0.2", &["1.2.3.4", " 203.0.113.7"]), "203.0.113.7");
        assert_eq!(
            seen(ours, "10.0.0.2", &["1.2.3.4", "203.0.113.7", " 172.68.1.1", "10.9.9.9"]),
            "203.0.113.7"
        );
        assert_eq!(seen(ours, "::ffff:10.0.0.2", &["::ffff:203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen(ours, "10.0.0.2", &["203.0.113.7:50123"]), "203.0.113.7");
        assert_eq!(seen(ours, "10.0.0.2", &["[2001:db8::7]:443"]), "2001:db8::7");
        // What comes from outside of the proxies cannot name one of them to have more believed.
        assert_eq!(seen(ours, "10.0.0.2", &["9.9.9.9", "10.0.0.3", "203.0.113.7"]), "203.0.113.7");
    }

    #[test]
    fn a_proxy_that_says_nothing_is_itself_the_asker() {
        for forwarded in [&[][..], &["rubbish"], &[""], &["1.2.3.4", "unknown"]] {
            assert_eq!(seen("10.0.0.0/8", "10.0.0.2", forwarded), "10.0.0.2");
        }
        assert_eq!(seen("10.0.0.0/8", "10.0.0.2", &["10.0.0.3"]), "10.0.0.3");
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_network() {
        let network = |ip: &str| Origin(ip.parse().ok()).network();
        assert_eq!(network("2001:db8:1:2:3::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
    }
}
