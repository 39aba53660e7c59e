//! HTTP clients for the outside services.

use std::time::Duration;

/// A client for the server at `address`. A proxy from the environment is not used for a server on this machine: it could not
/// reach it.
///
/// # Errors
/// When the client cannot be made.
pub(super) fn client(address: &str) -> Result<reqwest::Client, reqwest::Error> {
    let builder = reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_mins(1));
    if is_on_this_machine(address) { builder.no_proxy() } else { builder }.build()
}

fn is_on_this_machine(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use super::is_on_this_machine;

    #[test]
    fn only_loopback_is_on_this_machine() {
        for address in ["http://localhost:8080/v1", "http://127.0.0.1:1", "http://[::1]:11434/v1"] {
            assert!(is_on_this_machine(address), "{address}");
        }
        for address in ["https://api.openai.com/v1", "http://10.0.0.1", "localhost", ""] {
            assert!(!is_on_this_machine(address), "{address}");
        }
    }
}
