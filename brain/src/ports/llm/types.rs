//! What goes to a language model and what comes back, whichever server answers.

use std::time::Duration;

use super::prompt::Prompt;
use crate::ports::reason::Reason;

/// One call of a model.
#[derive(Clone, Debug)]
pub struct ChatRequest {
    /// The model's id as its server knows it.
    pub model: String,
    /// What it is asked.
    pub prompt: Prompt,
    /// The most tokens that the answer may have.
    pub max_tokens: u32,
}

/// What a model answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChatAnswer {
    /// The text, never empty.
    pub text: String,
    /// The model that answered, as the server names it.
    pub model: String,
    /// Tokens of the prompt, as the server counted them.
    pub tokens_in: u32,
    /// Of those, how many the server had cached.
    pub tokens_cached: u32,
    /// Tokens of the answer.
    pub tokens_out: u32,
}

/// Why a model did not answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LlmError {
    /// 429: ask again later, at the soonest after the given time.
    #[error("the model's server asks to wait")]
    RateLimited {
        /// What `Retry-After` said.
        retry_after: Option<Duration>,
    },
    /// 5xx, or no connection: the server has not taken the request.
    #[error("the model's server failed: {0}")]
    Unavailable(Reason),
    /// The server took the request, and its answer broke off or is none.
    #[error("the model's server failed: {0}")]
    Broken(Reason),
    /// No answer within the time limit.
    #[error("the model did not answer within {0:?}")]
    TimedOut(Duration),
    /// An answer without any text.
    #[error("the model answered nothing")]
    Empty,
    /// The model declined; its own words are for the person who asked.
    #[error("the model refused")]
    Refused(String),
    /// The prompt is longer than the model takes.
    #[error("the prompt is longer than the model takes")]
    ContextTooLong,
    /// 401 or 403: the key is wrong or not allowed. Asking again does not help.
    #[error("the model's server refused the key: {0}")]
    BadKey(Reason),
    /// The model's id is not known there. Asking again does not help, another model does.
    #[error("the model is not known to its server: {0}")]
    UnknownModel(Reason),
    /// Another 4xx. Asking again does not help.
    #[error("the model's server refused the request: {0}")]
    Rejected(Reason),
}

impl From<&LlmError> for Reason {
    fn from(error: &LlmError) -> Self {
        Self::of(error)
    }
}
