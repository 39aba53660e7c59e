//! Where a request comes from, for counting tries and for the list of sessions.
//!
//! Hosts such as Render and Railway put a proxy before the program, whose own address is a private one and which appends the browser's
//! address to `X-Forwarded-For`. Only what such a proxy has appended counts: everything to the left of it can be made up.

use std::net::{IpAddr, Ipv6Addr};

use salvo::prelude::*;

/// The address of a browser.
pub(crate) struct Origin(Option<IpAddr>);

impl Origin {
    pub(crate) fn of(request: &Request) -> Self {
        let peer = request.remote_addr().ip().map(|ip| ip.to_canonical());
        let forwarded =
            request.headers().get_all("x-forwarded-for").iter().filter_map(|list| list.to_str().ok());
        let forwarded: Vec<&str> = forwarded.flat_map(|list| list.split(',')).collect();
        Self(browser(peer, &forwarded))
    }

    /// As people and `audit_log` see it.
    pub(crate) fn text(&self) -> String {
        self.0.map(|ip| ip.to_string()).unwrap_or_default()
    }

    /// Whose tries are counted together: one IPv4 address, or the /64 that one subscriber has.
    pub(crate) fn network(&self) -> String {
        match self.0 {
            Some(IpAddr::V6(ip)) => Ipv6Addr::from_bits(ip.to_bits() >> 64 << 64).to_string(),
            Some(IpAddr::V4(ip)) => ip.to_string(),
            None => String::new(),
        }
    }
}

/// The last address that is not a proxy's own.
fn browser(peer: Option<IpAddr>, forwarded: &[&str]) -> Option<IpAddr> {
    let mut browser = peer?;
    for hop in forwarded.iter().rev() {
        if !is_inside(browser) {
            break;
        }
        let Ok(hop) = hop.trim().parse::<IpAddr>() else { break };
        browser = hop.to_canonical();
    }
    Some(browser)
}

fn is_inside(ip: IpAddr) -> bool {
    match ip {
        // 100.64.0.0/10 is what providers use between their own machines (RFC 6598).
        IpAddr::V4(ip) => {
            ip.is_loopback()
                || ip.is_private()
                || ip.is_link_local()
                || ip.octets()[0] == 100 && ip.octets()[1] & 0xc0 == 64
        }
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local() || ip.is_unicast_link_local(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(peer: &str, forwarded: &[&str]) -> String {
        Origin(browser(peer.parse().ok(), forwarded)).text()
    }

    #[test]
    fn without_a_proxy_the_header_is_not_believed() {
        assert_eq!(seen("203.0.113.7", &["198.51.100.1"]), "203.0.113.7");
    }

    #[test]
    fn behind_a_proxy_what_it_has_appended_counts_and_not_what_the_browser_made_up() {
        assert_eq!(seen("10.0.0.2", &["1.2.3.4", " 203.0.113.7"]), "203.0.113.7");
        assert_eq!(seen("10.0.0.2", &["203.0.113.7", " 100.64.1.1"]), "203.0.113.7");
        assert_eq!(seen("127.0.0.1", &["rubbish"]), "127.0.0.1");
        assert_eq!(seen("10.0.0.2", &[]), "10.0.0.2");
    }

    #[test]
    fn a_subscriber_of_ipv6_is_one_network() {
        let network = |ip: &str| Origin(ip.parse().ok()).network();
        assert_eq!(network("2001:db8:1:2:3::1"), network("2001:db8:1:2:ffff::9"));
        assert_ne!(network("2001:db8:1:2::1"), network("2001:db8:1:3::1"));
        assert_eq!(network("203.0.113.7"), "203.0.113.7");
    }
}
