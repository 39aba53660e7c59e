//! The bot's side of Telegram.

use std::fmt::Write as _;

use hmac::{Hmac, Mac};
use secrecy::SecretString;
use sha2::Sha256;

use super::{ConfigError, Env, is_secret};

/// How to reach Telegram, and how Telegram proves that it is the one who calls.
#[derive(Clone, Debug)]
pub struct TelegramConfig {
    /// The bot's token.
    pub token: SecretString,
    /// What Telegram sends in `X-Telegram-Bot-Api-Secret-Token`.
    pub webhook_secret: SecretString,
    /// Where the Bot API is, without a slash at the end.
    pub api_url: String,
    /// The bot's id: the digits before the token's colon.
    pub bot_id: i64,
}

impl TelegramConfig {
    /// Reads `TELEGRAM_TOKEN`, `TELEGRAM_WEBHOOK_SECRET` and `TELEGRAM_API_URL`.
    ///
    /// # Errors
    /// When the token is missing or is not one, or the secret has characters that Telegram does not allow.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let token = env.require(
            "TELEGRAM_TOKEN",
            "ask @BotFather for a bot's token, or run `pykhbrain dev`, which needs none",
        )?;
        let bot_id =
            token.split_once(':').and_then(|(id, _)| id.parse().ok()).ok_or_else(|| ConfigError {
                variable: "TELEGRAM_TOKEN",
                problem: "must look like 123456:ABC-DEF, as @BotFather gave it".into(),
            })?;
        let webhook_secret = match env.get("TELEGRAM_WEBHOOK_SECRET") {
            Some(secret) if is_allowed_secret(secret) => secret.to_owned(),
            Some(_) => {
                return Err(ConfigError {
                    variable: "TELEGRAM_WEBHOOK_SECRET",
                    problem: "must be 1 to 256 characters of A-Z, a-z, 0-9, _ and -".into(),
                });
            }
            None => derived_secret(token),
        };
        Ok(Self {
            token: SecretString::from(token),
            webhook_secret: SecretString::from(webhook_secret),
            api_url: env
                .get("TELEGRAM_API_URL")
                .unwrap_or("https://api.telegram.org")
                .trim_end_matches('/')
                .to_owned(),
            bot_id,
        })
    }

    /// Whether `given` is the webhook's secret, compared in constant time.
    #[must_use]
    pub fn is_webhook_secret(&self, given: &[u8]) -> bool {
        is_secret(given, &self.webhook_secret)
    }
}

/// The characters that `setWebhook` takes: <https://core.telegram.org/bots/api#setwebhook>.
fn is_allowed_secret(secret: &str) -> bool {
    (1..=256).contains(&secret.len())
        && secret.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

/// A secret that every process derives alike from the token, so that nobody has to invent one.
fn derived_secret(token: &str) -> String {
    let mac = keyed(token.as_bytes()).chain_update(b"pykhbrain webhook secret").finalize().into_bytes();
    mac.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

fn keyed(key: &[u8]) -> Hmac<Sha256> {
    Hmac::<Sha256>::new_from_slice(key).expect("HMAC takes keys of any length")
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    fn config(variables: &[(&str, &str)]) -> Result<TelegramConfig, ConfigError> {
        TelegramConfig::from_env(&variables.iter().copied().collect())
    }

    #[test]
    fn the_secret_is_derived_from_the_token_and_does_not_hold_it() {
        let config = config(&[("TELEGRAM_TOKEN", "42:secret")]).unwrap();
        let secret = config.webhook_secret.expose_secret();
        assert_eq!(secret.len(), 64);
        assert!(is_allowed_secret(secret));
        assert!(config.is_webhook_secret(secret.as_bytes()));
        assert!(!config.is_webhook_secret(b"") && !config.is_webhook_secret(&secret.as_bytes()[1..]));
        assert_eq!(config.bot_id, 42);
    }

    #[test]
    fn a_token_without_an_id_is_refused_without_being_shown() {
        let error = config(&[("TELEGRAM_TOKEN", "hunter2")]).unwrap_err().to_string();
        assert!(!error.contains("hunter2"), "{error}");
    }
}
