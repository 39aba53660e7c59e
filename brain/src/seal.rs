//! Secrets that are kept: sealed before they reach the database, so that whoever has its rows only has nothing.
//!
//! A sealed secret is `version (1 byte), key id (4), nonce (12), ciphertext, tag (16)`, by AES-256-GCM-SIV
//! (RFC 8452): a nonce that came twice would tell no more than that two equal secrets are equal. The context, which names the
//! row and the column, is authenticated with it: a value that is moved to another row does not open there.

use std::{fmt, sync::Arc};

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use base64::{Engine as _, prelude::BASE64_STANDARD};
use hmac::{Hmac, Mac};
use secrecy::{ExposeSecret, SecretBox, SecretSlice, SecretString};
use sha2::Sha256;

use crate::config::EncryptionConfig;

const VERSION: u8 = 1;
/// The version and the key's id.
const HEADER_LEN: usize = 5;

/// The keys of `ENCRYPTION_KEY`. The first one seals, all open.
#[derive(Clone)]
pub struct Seal {
    keys: Arc<[Key]>,
}

/// One key. What it is used for has keys of its own, derived from it.
struct Key {
    id: [u8; 4],
    sealing: RandomizedNonceKey,
    root: SecretBox<[u8; 32]>,
}

/// Why a sealed secret does not open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// It is no sealed secret, or of a version that this program does not know.
    #[error("it is nothing that this program has sealed")]
    NotSealed,
    /// Its key is not in `ENCRYPTION_KEY`.
    #[error("its key is not in ENCRYPTION_KEY")]
    UnknownKey,
    /// It was changed, or it was sealed for another place.
    #[error("it was changed, or belongs elsewhere")]
    Tampered,
}

impl Seal {
    /// Seals with the configured keys.
    #[must_use]
    pub fn from_keys(config: &EncryptionConfig) -> Self {
        Self { keys: config.keys().map(Key::new).collect() }
    }

    /// Seals a secret for the place that `context` names (`account:42:api_key`). Each time it looks different.
    ///
    /// # Panics
    /// When the operating system gives no random bytes.
    #[must_use]
    pub fn seal(&self, context: &str, plain: &[u8]) -> Vec<u8> {
        let key = self.first();
        let header = key.header();
        let mut body = plain.to_vec();
        let nonce = key.sealing.seal_in_place_append_tag(bound_to(header, context), &mut body);
        let nonce = nonce.expect("random bytes, and a secret of less than 64 GiB");
        [&header, nonce.as_ref().as_slice(), &body].concat()
    }

    /// Opens what was sealed for the same context.
    ///
    /// # Errors
    /// When it was sealed by nobody, by another key, for another place, or was changed since.
    pub fn open(&self, context: &str, sealed: &[u8]) -> Result<SecretSlice<u8>, OpenError> {
        let (header, rest) = sealed.split_first_chunk::<HEADER_LEN>().ok_or(OpenError::NotSealed)?;
        let (nonce, body) = rest.split_first_chunk::<NONCE_LEN>().ok_or(OpenError::NotSealed)?;
        if header[0] != VERSION {
            return Err(OpenError::NotSealed);
        }
        let mut error = OpenError::UnknownKey;
        for key in self.keys.iter().filter(|key| key.header() == *header) {
            let mut body = body.to_vec();
            let nonce = Nonce::assume_unique_for_key(*nonce);
            match key.sealing.open_in_place(nonce, bound_to(*header, context), &mut body) {
                Ok(plain) => {
                    let length = plain.len();
                    body.truncate(length);
                    return Ok(body.into());
                }
                Err(_) => error = OpenError::Tampered,
            }
        }
        Err(error)
    }

    /// Whether the first key has sealed it. Does not look whether it opens.
    #[must_use]
    pub fn is_current(&self, sealed: &[u8]) -> bool {
        sealed.starts_with(&self.first().header())
    }

    /// A key for `purpose`, always the same one for the same first key; what is known of it says nothing of any other.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        derived(&self.first().root, b"derive ", purpose.as_bytes())
    }

    fn first(&self) -> &Key {
        &self.keys[0]
    }
}

impl Key {
    fn new(root: &SecretBox<[u8; 32]>) -> Self {
        let [a, b, c, d, ..] = derived(root, b"id", b"");
        let sealing = RandomizedNonceKey::new(&AES_256_GCM_SIV, &derived(root, b"seal", b""));
        Self {
            id: [a, b, c, d],
            sealing: sealing.expect("it takes keys of 32 bytes"),
            root: SecretBox::new(Box::new(*root.expose_secret())),
        }
    }

    fn header(&self) -> [u8; HEADER_LEN] {
        let [a, b, c, d] = self.id;
        [VERSION, a, b, c, d]
    }
}

impl fmt::Debug for Seal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Seal({} keys)", self.keys.len())
    }
}

/// A new key, as `ENCRYPTION_KEY` takes it.
#[must_use]
pub fn new_key() -> SecretString {
    BASE64_STANDARD.encode(rand::random::<[u8; 32]>()).into()
}

/// What a ciphertext holds for: nothing of its header or its place can be exchanged.
fn bound_to(header: [u8; HEADER_LEN], context: &str) -> Aad<Vec<u8>> {
    Aad::from([&header, context.as_bytes()].concat())
}

/// HMAC-SHA256 under the root key: no use of a key is another's.
fn derived(root: &SecretBox<[u8; 32]>, label: &[u8], purpose: &[u8]) -> [u8; 32] {
    let mac = Hmac::<Sha256>::new_from_slice(root.expose_secret()).expect("HMAC takes keys of any length");
    mac.chain_update(b"pykhbrain ").chain_update(label).chain_update(purpose).finalize().into_bytes().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTEXT: &str = "account:42:api_key";

    /// Keys of one repeated byte each.
    fn keys(bytes: &[u8]) -> Seal {
        let list: Vec<String> = bytes.iter().map(|byte| BASE64_STANDARD.encode([*byte; 32])).collect();
        let env = [("ENCRYPTION_KEY", list.join(","))].into_iter().collect();
        Seal::from_keys(&EncryptionConfig::from_env(&env).unwrap())
    }

    fn open(seal: &Seal, context: &str, sealed: &[u8]) -> Result<Vec<u8>, OpenError> {
        seal.open(context, sealed).map(|plain| plain.expose_secret().to_vec())
    }

    #[test]
    fn what_is_sealed_opens_and_looks_different_each_time() {
        let seal = keys(&[1]);
        for plain in ["", "sk-secret", &"long ".repeat(1000)] {
            let (one, other) = (seal.seal(CONTEXT, plain.as_bytes()), seal.seal(CONTEXT, plain.as_bytes()));
            assert_ne!(one, other);
            assert_eq!(open(&seal, CONTEXT, &one).unwrap(), plain.as_bytes());
        }
    }

    #[test]
    fn a_change_of_any_byte_is_noticed_and_so_is_a_missing_one() {
        let seal = keys(&[1]);
        let sealed = seal.seal(CONTEXT, b"sk-secret");
        for at in 0..sealed.len() {
            for bit in 0..8 {
                let mut changed = sealed.clone();
                changed[at] ^= 1 << bit;
                assert!(seal.open(CONTEXT, &changed).is_err(), "byte {at}, bit {bit}");
            }
            assert!(seal.open(CONTEXT, &sealed[..at]).is_err(), "cut after {at}");
        }
        assert!(seal.open(CONTEXT, &[sealed.as_slice(), &[0]].concat()).is_err());
    }

    #[test]
    fn it_opens_in_its_own_place_only() {
        let seal = keys(&[1]);
        let sealed = seal.seal(CONTEXT, b"sk-secret");
        for context in ["account:43:api_key", "account:42:api_ke", "account:42:api_key ", ""] {
            assert_eq!(open(&seal, context, &sealed), Err(OpenError::Tampered), "{context}");
        }
    }

    #[test]
    fn keys_change_one_after_the_other_with_everything_open_all_the_time() {
        let (old, both, turned, new) = (keys(&[1]), keys(&[1, 2]), keys(&[2, 1]), keys(&[2]));
        let by_old = old.seal(CONTEXT, b"sk-secret");
        let by_new = turned.seal(CONTEXT, b"sk-secret");
        for (seal, sealed) in
            [(&old, &by_old), (&both, &by_old), (&both, &by_new), (&turned, &by_old), (&new, &by_new)]
        {
            assert_eq!(open(seal, CONTEXT, sealed).unwrap(), b"sk-secret");
        }
        assert!(both.is_current(&by_old) && turned.is_current(&by_new));
        assert!(!turned.is_current(&by_old) && !both.is_current(&by_new) && !both.is_current(b""));
        assert_eq!(open(&new, CONTEXT, &by_old), Err(OpenError::UnknownKey));
        assert_eq!(open(&old, CONTEXT, &by_new), Err(OpenError::UnknownKey));
    }

    #[test]
    fn what_nobody_has_sealed_is_said_to_be_that() {
        for bytes in [b"".as_slice(), b"sk-secret", &[0; 64], &[2; 64]] {
            assert_eq!(open(&keys(&[1]), CONTEXT, bytes), Err(OpenError::NotSealed));
        }
    }

    #[test]
    fn keys_for_other_purposes_are_their_own_and_come_from_the_first_key() {
        let purposes = ["csrf", "link", "", "seal"].map(|purpose| keys(&[1]).derive(purpose));
        for (place, key) in purposes.iter().enumerate() {
            assert!(!purposes[..place].contains(key) && *key != [1; 32]);
        }
        assert_eq!(keys(&[1, 2]).derive("csrf"), keys(&[1]).derive("csrf"));
        assert_ne!(keys(&[2, 1]).derive("csrf"), keys(&[1]).derive("csrf"));
    }

    #[test]
    fn neither_keys_nor_secrets_can_be_printed() {
        let seal = keys(&[1]);
        let plain = seal.open(CONTEXT, &seal.seal(CONTEXT, b"sk-secret")).unwrap();
        let shown = format!("{seal:?} {plain:?}");
        assert!(!shown.contains("sk-") && !shown.contains("1, 1"), "{shown}");
    }
}
