//! The keys that stored secrets are sealed with.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use secrecy::SecretBox;

use super::{ConfigError, Env};

const VARIABLE: &str = "ENCRYPTION_KEY";

/// `ENCRYPTION_KEY`: one key, or several while they are changed.
#[derive(Debug)]
pub struct EncryptionConfig {
    seals: SecretBox<[u8; 32]>,
    opens_too: Vec<SecretBox<[u8; 32]>>,
}

impl EncryptionConfig {
    /// Reads `ENCRYPTION_KEY`: 32 bytes in base64, or several such, separated by commas. The first one seals.
    ///
    /// # Errors
    /// When it is missing, or one of them is not 32 bytes in base64. The value is in no error.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let list = env.require(
            VARIABLE,
            "make one with `openssl rand -base64 32` and give the same to all processes; `pykhbrain dev` makes its own",
        )?;
        let mut keys = list.split(',').map(|key| key_of(key.trim()));
        // A split gives at least one part.
        let seals = keys.next().unwrap_or_else(|| key_of(""))?;
        Ok(Self { seals, opens_too: keys.collect::<Result<_, _>>()? })
    }

    /// The keys, the one that seals first.
    pub fn keys(&self) -> impl Iterator<Item = &SecretBox<[u8; 32]>> {
        std::iter::once(&self.seals).chain(&self.opens_too)
    }
}

fn key_of(text: &str) -> Result<SecretBox<[u8; 32]>, ConfigError> {
    let bytes = BASE64_STANDARD.decode(text).ok().and_then(|bytes| <[u8; 32]>::try_from(bytes).ok());
    bytes.map(|bytes| SecretBox::new(Box::new(bytes))).ok_or_else(|| ConfigError {
        variable: VARIABLE,
        problem: "must be 32 bytes in base64, as `openssl rand -base64 32` makes them, or several such, separated by commas"
            .into(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(value: &str) -> Result<usize, ConfigError> {
        let env = [(VARIABLE, value)].into_iter().collect();
        EncryptionConfig::from_env(&env).map(|config| config.keys().count())
    }

    #[test]
    fn one_key_or_a_list_of_keys() {
        let key = BASE64_STANDARD.encode([7; 32]);
        assert_eq!(read(&key), Ok(1));
        assert_eq!(read(&format!("{key}, {key}")), Ok(2));
    }

    #[test]
    fn a_wrong_one_is_refused_with_the_way_to_make_one_and_without_being_shown() {
        let key = BASE64_STANDARD.encode([7; 32]);
        for value in [
            "",
            "hunter2",
            &key[..43],
            &format!("{key},"),
            &format!("{key},hunter2"),
            &BASE64_STANDARD.encode([7; 31]),
            &BASE64_STANDARD.encode([7; 33]),
        ] {
            let error = read(value).unwrap_err().to_string();
            assert!(error.contains("openssl rand -base64 32"), "{error}");
            assert!(!error.contains("hunter2") && !error.contains(&key), "{error}");
        }
    }
}
