//! The language model: an OpenAI-compatible server, or the built-in one that needs no network.

mod base_url;
mod offline;
mod openai;
mod own;
mod prompt;
pub(crate) mod render;
mod transport;
mod types;

use std::{sync::Arc, time::Duration};

use chrono::NaiveDate;

pub use base_url::{BaseUrl, BaseUrlError};
pub use offline::MODEL as OFFLINE_MODEL;
pub use openai::OpenAi;
pub use own::{OwnServer, OwnServers};
pub use prompt::{ExtractionPrompt, FORWARDED, KnownFact, Prompt, Quoted, Rejected, ReplyPrompt, Said};
pub use types::{ChatAnswer, ChatRequest, LlmError};

use crate::config::LlmConfig;

/// Whichever model is configured.
#[derive(Clone)]
pub enum Llm {
    /// The operator's server.
    Server(Arc<OpenAi>),
    /// An account's own server.
    Own(Arc<OwnServer>),
    /// The built-in offline model.
    Offline,
}

impl Llm {
    /// The server where there is a key, else the built-in model.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn from_config(config: &LlmConfig) -> Result<Self, reqwest::Error> {
        match &config.api_key {
            Some(key) => Ok(Self::Server(Arc::new(OpenAi::new(key, &config.base_url, config.timeout)?))),
            None => Ok(Self::Offline),
        }
    }

    /// The model's name as people should see it, where `configured` is what is set.
    #[must_use]
    pub fn display_name<'a>(&self, configured: &'a str) -> &'a str {
        match self {
            Self::Server(_) | Self::Own(_) => configured,
            Self::Offline => OFFLINE_MODEL,
        }
    }

    /// When the model goes away, where the operator's server names a day.
    ///
    /// # Errors
    /// When the server does not answer, or does not know the model.
    pub async fn shutdown_date(&self, model: &str) -> Result<Option<NaiveDate>, LlmError> {
        match self {
            Self::Server(server) => server.shutdown_date(model).await,
            Self::Own(_) | Self::Offline => Ok(None),
        }
    }

    /// Asks the model once. Waiting and asking again are the caller's.
    ///
    /// # Errors
    /// When it did not answer; the error says whether asking again can help.
    pub async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, LlmError> {
        match self {
            Self::Server(server) => server.complete(request).await,
            Self::Own(server) => server.complete(request).await,
            Self::Offline => Ok(offline::complete(request)),
        }
    }
}

impl LlmError {
    /// Whether the same call may succeed later.
    #[must_use]
    pub const fn is_transient(&self) -> bool {
        matches!(
            self,
            Self::RateLimited { .. }
                | Self::Unavailable(_)
                | Self::Broken(_)
                | Self::TimedOut(_)
                | Self::Empty
        )
    }

    /// Whether the server has sent no bill for sure: it turned the request down before the model had it. Whatever came of a
    /// request that it took, and whatever nobody knows the end of, costs.
    #[must_use]
    pub const fn is_free(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Unavailable(_)
            | Self::ContextTooLong
            | Self::BadKey(_)
            | Self::UnknownModel(_)
            | Self::Rejected(_) => true,
            Self::Broken(_) | Self::TimedOut(_) | Self::Empty | Self::Refused(_) => false,
        }
    }

    /// How long the server wants to be left alone.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after } => *retry_after,
            _ => None,
        }
    }

    /// One word for `llm_usage.outcome`.
    #[must_use]
    pub const fn word(&self) -> &'static str {
        match self {
            Self::RateLimited { .. } => "rate_limited",
            Self::Unavailable(_) => "unavailable",
            Self::Broken(_) => "broken",
            Self::TimedOut(_) => "timed_out",
            Self::Empty => "empty",
            Self::Refused(_) => "refused",
            Self::ContextTooLong => "context_too_long",
            Self::BadKey(_) => "bad_key",
            Self::UnknownModel(_) => "unknown_model",
            Self::Rejected(_) => "rejected",
        }
    }
}
