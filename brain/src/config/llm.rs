//! Which model answers.

use std::time::Duration;

use secrecy::SecretString;

use super::{ConfigError, Env};

/// The `OPENAI_MODEL` that asks for the built-in model, whatever key there is.
pub const OFFLINE: &str = "offline";

/// The model's server.
#[derive(Clone, Debug)]
pub struct LlmConfig {
    /// `None`: the built-in offline model answers.
    pub api_key: Option<SecretString>,
    /// The program that answers on this machine, where it was found there and not configured.
    pub found: Option<&'static str>,
    /// Where `chat/completions` lives, without a slash at the end.
    pub base_url: String,
    /// The model's id.
    pub model: String,
    /// The longest that one call may take.
    pub timeout: Duration,
}

impl LlmConfig {
    /// Reads `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_MODEL` and `LLM_TIMEOUT` (seconds).
    ///
    /// # Errors
    /// When the timeout is not a number of seconds between 1 and 600, or the address is not one.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let base_url =
            env.get("OPENAI_BASE_URL").unwrap_or("https://api.openai.com/v1").trim_end_matches('/');
        if url::Url::parse(base_url).is_err() {
            return Err(ConfigError {
                variable: "OPENAI_BASE_URL",
                problem: "must be an address such as https://api.openai.com/v1".into(),
            });
        }
        let seconds: u64 = env.parse_or("LLM_TIMEOUT", 60, "a number of seconds")?;
        if !(1..=600).contains(&seconds) {
            return Err(ConfigError { variable: "LLM_TIMEOUT", problem: "must be 1 to 600 seconds".into() });
        }
        let model = env.get("OPENAI_MODEL").unwrap_or("gpt-6-luna");
        Ok(Self {
            api_key: env.get("OPENAI_API_KEY").filter(|_| model != OFFLINE).map(SecretString::from),
            found: None,
            base_url: base_url.to_owned(),
            model: model.to_owned(),
            timeout: Duration::from_secs(seconds),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_built_in_model_can_be_asked_for_in_spite_of_a_key() {
        let mut env = Env::default();
        env.replace("OPENAI_API_KEY", "sk-test");
        assert!(LlmConfig::from_env(&env).unwrap().api_key.is_some());
        env.replace("OPENAI_MODEL", OFFLINE);
        assert!(LlmConfig::from_env(&env).unwrap().api_key.is_none());
    }
}
