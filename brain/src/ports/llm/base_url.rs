//! The address of a model server that an account names. Strangers give it: it must not lead to anything but a public server.

use std::net::IpAddr;

use url::{Host, Url};

use crate::ports::public::is_public;

/// Longer addresses nobody needs.
const MAX_LENGTH: usize = 500;

/// Where an account's own model server is. Its name is looked up, and what it leads to looked at, at each connection.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    url: String,
    host: String,
    is_house: bool,
}

/// Why an address is not taken. The words are for the person who gave it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BaseUrlError {
    /// It cannot be read as one.
    #[error("this is no address such as https://api.openai.com/v1")]
    NotAnAddress,
    /// It is not https.
    #[error("the address must begin with https://")]
    NotHttps,
    /// It has a name or a password in it.
    #[error("the address must have no user name and no password in it")]
    HasUserinfo,
    /// Something follows its path.
    #[error("the address must end with its path: no ? and no #")]
    HasQuery,
    /// It leads to this machine, or to a private network.
    #[error("the address must be one of the public internet")]
    NotPublic,
}

impl BaseUrl {
    /// Reads an address. The operator's own server (`house`) is always one, wherever it is and without https too: it is called anyway.
    ///
    /// # Errors
    /// When it is not the address of a public https server.
    pub fn parse(text: &str, house: &str) -> Result<Self, BaseUrlError> {
        let url = Url::parse(text.trim()).map_err(|_| BaseUrlError::NotAnAddress)?;
        let (host, written) = (url.host().ok_or(BaseUrlError::NotAnAddress)?, written(&url));
        if !matches!(url.scheme(), "http" | "https") || written.len() > MAX_LENGTH {
            return Err(BaseUrlError::NotAnAddress);
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(BaseUrlError::HasUserinfo);
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(BaseUrlError::HasQuery);
        }
        let is_house = Url::parse(house).is_ok_and(|house| self::written(&house) == written);
        if !is_house {
            if url.scheme() != "https" {
                return Err(BaseUrlError::NotHttps);
            }
            if !may_be_public(&host) {
                return Err(BaseUrlError::NotPublic);
            }
        }
        Ok(Self { host: host.to_string(), url: written, is_house })
    }

    /// The address, without a slash at the end: the same text for all ways of writing it.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.url
    }

    /// The server's name, as people know it.
    #[must_use]
    pub fn host(&self) -> &str {
        &self.host
    }

    /// Whether it is the operator's own server.
    pub(super) fn is_house(&self) -> bool {
        self.is_house
    }
}

/// A name may lead anywhere: that shows when it is looked up.
fn may_be_public(host: &Host<&str>) -> bool {
    match *host {
        Host::Domain(name) => {
            let name = name.trim_end_matches('.');
            name != "localhost" && !name.ends_with(".localhost")
        }
        Host::Ipv4(address) => is_public(IpAddr::V4(address)),
        Host::Ipv6(address) => is_public(IpAddr::V6(address)),
    }
}

fn written(url: &Url) -> String {
    url.as_str().trim_end_matches('/').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUSE: &str = "http://127.0.0.1:11434/v1";

    #[test]
    fn public_https_servers_are_taken_and_written_alike() {
        for (given, written) in [
            ("https://api.openai.com/v1", "https://api.openai.com/v1"),
            (" HTTPS://API.x.AI:443/v1/ ", "https://api.x.ai/v1"),
            ("https://example.com:8443", "https://example.com:8443"),
            ("https://8.8.8.8/v1", "https://8.8.8.8/v1"),
            ("https://[2606:4700::1111]/v1", "https://[2606:4700::1111]/v1"),
        ] {
            assert_eq!(BaseUrl::parse(given, HOUSE).unwrap().as_str(), written, "{given}");
        }
    }

    #[test]
    fn other_addresses_are_refused_with_the_reason() {
        use BaseUrlError::{HasQuery, HasUserinfo, NotAnAddress, NotHttps, NotPublic};
        for (given, reason) in [
            ("", NotAnAddress),
            ("api.openai.com/v1", NotAnAddress),
            ("ftp://example.com/v1", NotAnAddress),
            ("file:///etc/passwd", NotAnAddress),
            ("https://", NotAnAddress),
            (&format!("https://example.com/{}", "a".repeat(500)), NotAnAddress),
            ("http://example.com/v1", NotHttps),
            ("http://127.0.0.1:8080/v1", NotHttps),
            ("https://user@example.com/v1", HasUserinfo),
            ("https://:password@example.com/v1", HasUserinfo),
            ("https://example.com/delete?all=", HasQuery),
            ("https://example.com/delete?", HasQuery),
            ("https://example.com/delete#", HasQuery),
            ("https://localhost/v1", NotPublic),
            ("https://LOCALHOST./v1", NotPublic),
            ("https://db.localhost/v1", NotPublic),
            ("https://127.0.0.1/v1", NotPublic),
            ("https://127.1/v1", NotPublic),
            ("https://2130706433/v1", NotPublic),
            ("https://0x7f.1/v1", NotPublic),
            ("https://0177.0.0.1/v1", NotPublic),
            ("https://１２７.0.0.1/v1", NotPublic),
            ("https://10.0.0.1/v1", NotPublic),
            ("https://169.254.169.254/latest", NotPublic),
            ("https://[::1]/v1", NotPublic),
            ("https://[::ffff:127.0.0.1]/v1", NotPublic),
            ("https://[fd00:ec2::254]/v1", NotPublic),
        ] {
            assert_eq!(BaseUrl::parse(given, HOUSE), Err(reason), "{given}");
        }
    }

    #[test]
    fn the_operators_own_server_is_taken_as_it_is_and_nothing_else_there() {
        assert!(BaseUrl::parse("http://127.0.0.1:11434/v1/", HOUSE).unwrap().is_house());
        for other in ["http://127.0.0.1:11434", "http://127.0.0.1:11434/api", "http://127.0.0.1:5432/v1"] {
            assert!(BaseUrl::parse(other, HOUSE).is_err(), "{other}");
        }
        assert!(!BaseUrl::parse("https://api.x.ai/v1", HOUSE).unwrap().is_house());
    }
}
