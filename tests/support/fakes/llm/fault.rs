//! What can go wrong with a call of the model.

use std::time::Duration;

use super::super::http::{Answer, Reply};
use super::{
    answer::{completion, error, finished},
    request::LlmRequest,
};

/// One thing that goes wrong with one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// 429 with `Retry-After`.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 500, 503 or another status of that kind.
    ServerError(u16),
    /// The connection closes in the middle of the answer's body.
    Cut,
    /// No answer, until the client leaves.
    Hang,
    /// An answer after this time.
    Late(Duration),
    /// An answer without text.
    EmptyAnswer,
    /// The model declines in these words.
    Refusal(&'static str),
    /// 400 `context_length_exceeded`.
    ContextTooLong,
    /// 401 `invalid_api_key`.
    BadKey,
    /// 404 `model_not_found`.
    UnknownModel,
    /// 400 for this parameter.
    UnsupportedParameter(&'static str),
    /// 200 with a page instead of JSON, as from a proxy that asks for a login.
    Garbage,
}

impl Fault {
    /// What the client gets; a hang never comes back.
    pub async fn reply(self, request: &LlmRequest, place: usize) -> Reply {
        const INVALID: &str = "invalid_request_error";
        let (model, tokens) = (&request.model, request.prompt_tokens());
        Reply::Whole(match self {
            Self::Hang => std::future::pending().await,
            Self::Late(after) => {
                tokio::time::sleep(after).await;
                completion(request, place, &finished("At last."))
            }
            Self::Cut => {
                return Reply::Half(completion(request, place, &finished("This is cut off in the middle.")));
            }
            Self::TooManyRequests { retry_after } => {
                let text = format!("Rate limit reached for {model}. Please try again in {retry_after}s.");
                error(429, &text, "requests", None, Some("rate_limit_exceeded")).retry_after(retry_after)
            }
            Self::ServerError(status) => error(
                status,
                "The server had an error while processing your request.",
                "server_error",
                None,
                None,
            ),
            Self::EmptyAnswer => completion(request, place, &finished("")),
            Self::Refusal(words) => {
                let message = serde_json::json!({ "role": "assistant", "content": null, "refusal": words });
                completion(request, place, &message)
            }
            Self::ContextTooLong => {
                let text = format!(
                    "This model's maximum context length is {} tokens. However, your messages resulted in {tokens} \
                     tokens. Please reduce the length of the messages.",
                    tokens / 2
                );
                error(400, &text, INVALID, Some("messages"), Some("context_length_exceeded"))
            }
            Self::BadKey => error(401, "Incorrect API key provided.", INVALID, None, Some("invalid_api_key")),
            Self::UnknownModel => {
                let text = format!("The model `{model}` does not exist or you do not have access to it.");
                error(404, &text, INVALID, None, Some("model_not_found"))
            }
            Self::UnsupportedParameter(name) => {
                let text = format!("Unsupported parameter: '{name}' is not supported with this model.");
                error(400, &text, INVALID, Some(name), Some("unsupported_parameter"))
            }
            Self::Garbage => Answer::html(200, "<!DOCTYPE html><title>Sign in</title><p>Please sign in."),
        })
    }
}
