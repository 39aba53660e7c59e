//! Links and codes that prove who somebody is. All are made from the program's own key, so that the database holds nothing that opens
//! anything, and messages with them can be written down before they are sent. Pure rules.

use std::fmt::Write as _;

use chrono::Duration;
use hmac::{Hmac, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use sqlx::types::Uuid;

use crate::seal::Seal;

/// How long a link can be used, and how long a chat's wish to be registered stands.
pub const LINK_LIFE: Duration = Duration::minutes(15);

/// Stands in a message for its [`Secret`]. A noncharacter: no text of people has it.
pub const PLACE: &str = "\u{FDD0}";

/// What opens something and is in a message only once it is sent; until then the outbox names it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Secret {
    /// The address that signs in with this link: `sign_in_links.id`.
    Link(Uuid),
    /// The digits of a registration: `registrations.id`.
    Digits(Uuid),
    /// The code that lets one more chat into an account, by what it is made from.
    LinkCode(Uuid),
    /// A link to the dashboard for this mail address, from the service that people sign in through.
    ServiceLink(String),
}

/// Letters and digits that are not taken for one another.
const LETTERS: &[u8; 32] = b"ABCDEFGHJKLMNPQRSTUVWXYZ23456789";

/// Makes links and codes.
#[derive(Clone)]
pub struct Prover {
    links: [u8; 32],
    codes: [u8; 32],
    digits: [u8; 32],
    link_codes: [u8; 32],
    link_code_hashes: [u8; 32],
}

impl Prover {
    /// With keys that are derived from the program's.
    #[must_use]
    pub fn new(seal: &Seal) -> Self {
        Self {
            links: seal.derive("sign-in links"),
            codes: seal.derive("registration codes"),
            digits: seal.derive("registration digits"),
            link_codes: seal.derive("link codes"),
            link_code_hashes: seal.derive("link code hashes"),
        }
    }

    /// The secret part of a link: 64 hexadecimal digits. The same for the same link, so that a mail that is sent again after
    /// a failure has the same one.
    #[must_use]
    pub fn token(&self, link: Uuid) -> String {
        hex(&keyed(&self.links, &[link.as_bytes()]))
    }

    /// A registration's code: four digits, always the same ones for the same registration.
    #[must_use]
    pub fn digits(&self, registration: Uuid) -> String {
        let [a, b, c, d, ..] = keyed(&self.digits, &[registration.as_bytes()]);
        format!("{:04}", u32::from_be_bytes([a, b, c, d]) % 10_000)
    }

    /// The code that lets a chat in: eight letters in two groups, one of 2^40, always the same one for the same seed.
    #[must_use]
    pub fn link_code(&self, seed: Uuid) -> String {
        let random = keyed(&self.link_codes, &[seed.as_bytes()]);
        let letters: String =
            random[..8].iter().map(|byte| char::from(LETTERS[usize::from(*byte) % LETTERS.len()])).collect();
        format!("{}-{}", &letters[..4], &letters[4..])
    }

    /// That code as it is kept, however it was typed.
    #[must_use]
    pub fn link_code_hash(&self, code: &str) -> Vec<u8> {
        let typed: String = code.chars().filter(char::is_ascii_alphanumeric).collect();
        keyed(&self.link_code_hashes, &[typed.to_ascii_uppercase().as_bytes()]).to_vec()
    }

    /// A registration's code as it is kept. Typed with spaces it is the same.
    #[must_use]
    pub fn code_hash(&self, registration: Uuid, code: &str) -> Vec<u8> {
        let digits: String = code.chars().filter(|letter| !letter.is_whitespace()).collect();
        keyed(&self.codes, &[registration.as_bytes(), digits.as_bytes()]).to_vec()
    }
}

/// A secret as it is kept.
#[must_use]
pub fn hash(secret: &str) -> Vec<u8> {
    Sha256::digest(secret).to_vec()
}

/// What the secret part of a link is called in its address.
const TOKEN: &str = "token_hash=";

/// The text without the secret parts of links, which people forward and quote.
#[must_use]
pub fn without_tokens(text: &str) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find(TOKEN) {
        let (before, token) = rest.split_at(at + TOKEN.len());
        kept.push_str(before);
        kept.push('…');
        rest = token.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'));
    }
    kept + rest
}

/// 256 random bits: what a browser keeps of a session.
#[must_use]
pub fn new_secret() -> String {
    hex(&rand::random::<[u8; 32]>())
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Hexadecimal digits as bytes; `None` where they are none.
#[must_use]
pub fn unhex(text: &str) -> Option<Vec<u8>> {
    let digits = text.as_bytes();
    if !digits.len().is_multiple_of(2) || !digits.iter().all(u8::is_ascii_hexdigit) {
        return None;
    }
    digits.chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
}

/// HMAC-SHA256.
///
/// # Panics
/// Never: HMAC takes keys of any length.
#[must_use]
pub fn keyed(key: &[u8; 32], parts: &[&[u8]]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length");
    parts.iter().fold(mac, Mac::chain_update).finalize().into_bytes().into()
}

/// The address as it is kept, in lower case; `None` where mail cannot go: RFC 5321 without quotes and address literals, at most
/// 254 characters, and a name with a dot behind the `@`.
#[must_use]
pub fn address(typed: &str) -> Option<String> {
    let address = typed.trim().to_lowercase();
    let (local, domain) = address.split_once('@')?;
    let local_is_right = (1..=64).contains(&local.len())
        && local.split('.').all(|part| {
            !part.is_empty() && part.chars().all(|c| c.is_alphanumeric() || "!#$%&'*+-/=?^_`{|}~".contains(c))
        });
    let labels: Vec<&str> = domain.split('.').collect();
    let domain_is_right = labels.len() > 1
        && labels.iter().all(|label| {
            (1..=63).contains(&label.len())
                && label.chars().all(|c| c.is_alphanumeric() || c == '-')
                && !label.starts_with('-')
                && !label.ends_with('-')
        });
    (local_is_right && domain_is_right && address.len() <= 254).then_some(address)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::EncryptionConfig;

    fn prover() -> Prover {
        let env = [("ENCRYPTION_KEY", "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=")].into_iter().collect();
        Prover::new(&Seal::from_keys(&EncryptionConfig::from_env(&env).unwrap()))
    }

    #[test]
    fn an_address_is_kept_in_lower_case_and_a_broken_one_is_none() {
        assert_eq!(address("  Olena.P+bot@Example.COM "), Some("olena.p+bot@example.com".into()));
        assert!(address("олена@приклад.укр").is_some());
        for broken in [
            "",
            "me",
            "@example.com",
            "me@",
            "me@example",
            "me@@example.com",
            "me@exa mple.com",
            "me@example..com",
            ".me@example.com",
            "me@-example.com",
            "a b@example.com",
            "me@example.com\r\nBcc: x@y.z",
            "<me@example.com>",
            "me@example.com,you@example.com",
            "\"me\"@example.com",
            "me@[127.0.0.1]",
        ] {
            assert_eq!(address(broken), None, "{broken}");
        }
        assert_eq!(address(&format!("{}@example.com", "x".repeat(65))), None);
    }

    #[test]
    fn bytes_are_written_and_read() {
        assert_eq!(unhex(&hex(&[0, 9, 255])), Some(vec![0, 9, 255]));
        assert_eq!((unhex("0"), unhex("zz"), unhex("+1"), unhex("")), (None, None, None, Some(vec![])));
    }

    #[test]
    fn a_link_has_one_token_and_another_link_another() {
        let (prover, link) = (prover(), Uuid::from_u128(7));
        assert_eq!(prover.token(link), prover.token(link));
        assert_ne!(prover.token(link), prover.token(Uuid::from_u128(8)));
        assert_eq!(prover.token(link).len(), 64);
    }

    #[test]
    fn a_code_holds_for_its_registration_only_however_it_was_typed() {
        let (prover, one) = (prover(), Uuid::from_u128(1));
        assert_eq!(prover.code_hash(one, " 12 34 "), prover.code_hash(one, "1234"));
        assert_ne!(prover.code_hash(one, "1234"), prover.code_hash(Uuid::from_u128(2), "1234"));
        assert_ne!(prover.code_hash(one, "1234"), prover.code_hash(one, "1235"));
        let code = prover.digits(one);
        assert!(code.len() == 4 && code.bytes().all(|digit| digit.is_ascii_digit()), "{code}");
        assert_eq!(code, prover.digits(one));
    }

    #[test]
    fn every_code_is_as_likely_as_every_other() {
        let prover = prover();
        let seeds = (0..40_000).map(Uuid::from_u128);
        let digits: std::collections::HashSet<String> =
            seeds.clone().map(|seed| prover.digits(seed)).collect();
        assert!(digits.len() > 9_700, "of four for each some are missing: {}", digits.len());
        let codes: std::collections::HashSet<String> = seeds.map(|seed| prover.link_code(seed)).collect();
        assert!(
            codes.len() == 40_000 && codes.iter().all(|code| code.len() == 9 && code.as_bytes()[4] == b'-')
        );
    }

    #[test]
    fn a_link_code_is_the_same_however_it_was_typed_and_is_kept_under_the_key() {
        let prover = prover();
        assert_eq!(prover.link_code_hash("abcd efgh"), prover.link_code_hash("ABCD-EFGH"));
        assert_ne!(prover.link_code_hash("ABCD-EFGH"), prover.link_code_hash("ABCD-EFGJ"));
        assert_ne!(prover.link_code_hash("ABCDEFGH"), hash("ABCDEFGH"));
    }

    #[test]
    fn a_link_that_is_passed_on_opens_nothing() {
        assert_eq!(
            without_tokens(
                "see https://x.y/auth/confirm?r=&token_hash=0a1b&type=magiclink, and token_hash=2c"
            ),
            "see https://x.y/auth/confirm?r=&token_hash=…&type=magiclink, and token_hash=…"
        );
        assert_eq!(without_tokens("nothing"), "nothing");
    }
}
