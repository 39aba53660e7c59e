//! The proxies whose word is taken for where a request comes from.

use std::net::IpAddr;

use ipnet::IpNet;

use super::{ConfigError, Env};

const VARIABLE: &str = "TRUSTED_PROXIES";

/// `TRUSTED_PROXIES`: nobody, where it is not set.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TrustedProxies(Vec<IpNet>);

impl TrustedProxies {
    /// Reads `TRUSTED_PROXIES`: addresses and networks, separated by commas.
    ///
    /// # Errors
    /// When one of them is neither, or is everybody.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let list = env.get(VARIABLE).unwrap_or_default();
        let names = list.split([',', ' ']).filter(|name| !name.is_empty());
        names.map(network).collect::<Result<_, _>>().map(Self)
    }

    /// Whether a proxy of ours is at this address.
    #[must_use]
    pub fn trusts(&self, address: IpAddr) -> bool {
        let address = address.to_canonical();
        self.0.iter().any(|network| network.contains(&address))
    }
}

fn network(name: &str) -> Result<IpNet, ConfigError> {
    let network = match name.parse::<IpAddr>() {
        Ok(address) => Some(IpNet::from(address.to_canonical())),
        Err(_) => name.parse::<IpNet>().ok().map(canonical),
    };
    let wrong = |problem: String| ConfigError { variable: VARIABLE, problem };
    let network = network.ok_or_else(|| {
        wrong("must be addresses and networks such as 10.0.0.0/8, separated by commas".into())
    })?;
    if network.prefix_len() == 0 {
        return Err(wrong(format!(
            "must not hold {name}: everybody could claim to come from anywhere. Name your host's own proxies"
        )));
    }
    Ok(network)
}

/// `::ffff:10.0.0.0/104` is `10.0.0.0/8`: addresses are compared as IPv4 where they are.
fn canonical(network: IpNet) -> IpNet {
    let mapped = match network {
        IpNet::V6(v6) => v6.addr().to_ipv4_mapped().zip(v6.prefix_len().checked_sub(96)),
        IpNet::V4(_) => None,
    };
    mapped.and_then(|(v4, prefix)| IpNet::new(v4.into(), prefix).ok()).unwrap_or(network)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(list: &str) -> Result<TrustedProxies, String> {
        let env: Env = [(VARIABLE, list)].into_iter().collect();
        TrustedProxies::from_env(&env).map_err(|error| error.to_string())
    }

    #[test]
    fn nobody_is_trusted_unless_named() {
        let nobody = read("").unwrap();
        for address in ["127.0.0.1", "10.0.0.1", "100.64.0.1", "::1", "fd00::1"] {
            assert!(!nobody.trusts(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn addresses_and_networks_of_both_kinds_are_trusted() {
        let proxies =
            read("10.0.0.0/8, 192.0.2.7,2001:db8::/32 ::ffff:172.16.0.0/108, ::ffff:192.0.2.9").unwrap();
        for address in [
            "10.1.2.3",
            "::ffff:10.1.2.3",
            "192.0.2.7",
            "2001:db8:1::9",
            "172.16.8.9",
            "::ffff:172.31.0.1",
            "192.0.2.9",
        ] {
            assert!(proxies.trusts(address.parse().unwrap()), "{address}");
        }
        for address in ["11.0.0.1", "192.0.2.8", "2001:db9::1", "172.32.0.1", "::ffff:11.0.0.1"] {
            assert!(!proxies.trusts(address.parse().unwrap()), "{address}");
        }
    }

    #[test]
    fn what_is_no_network_is_refused_and_so_is_everybody() {
        for list in ["proxy.example.com", "10.0.0.0/33", "10.0.0.1:80", "*"] {
            let error = read(list).unwrap_err();
            assert!(error.starts_with("TRUSTED_PROXIES must be addresses and networks"), "{list}: {error}");
        }
        for list in ["0.0.0.0/0", "::/0", "10.0.0.1,::ffff:0.0.0.0/96"] {
            assert!(read(list).unwrap_err().contains("everybody"), "{list}");
        }
    }
}
