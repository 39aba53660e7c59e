//! Telegram's way to refuse a call.

use serde_json::{Value, json};

/// A refusal with Telegram's code and words, which clients tell apart by their text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ApiError {
    code: u16,
    description: String,
    parameters: Option<Value>,
}

impl ApiError {
    /// Any refusal.
    pub fn new(code: u16, description: impl Into<String>) -> Self {
        Self { code, description: description.into(), parameters: None }
    }

    /// 400 for the reason given.
    pub fn bad_request(reason: &str) -> Self {
        Self::new(400, format!("Bad Request: {reason}"))
    }

    /// 404, for what is no method.
    pub fn not_found() -> Self {
        Self::new(404, "Not Found")
    }

    /// 429 with the seconds to wait.
    pub fn too_many_requests(retry_after: u64) -> Self {
        Self {
            parameters: Some(json!({ "retry_after": retry_after })),
            ..Self::new(429, format!("Too Many Requests: retry after {retry_after}"))
        }
    }

    /// 400 of a group that has become the supergroup with the given id.
    pub fn migrated(to: i64) -> Self {
        Self {
            parameters: Some(json!({ "migrate_to_chat_id": to })),
            ..Self::bad_request("group chat was upgraded to a supergroup chat")
        }
    }

    /// The status that it goes over the wire with.
    pub fn code(&self) -> u16 {
        self.code
    }

    /// Telegram's words.
    pub fn description(&self) -> &str {
        &self.description
    }

    /// The seconds to wait. Telegram's server has them in the header `Retry-After`, too.
    pub fn retry_after(&self) -> Option<u64> {
        self.parameters.as_ref()?["retry_after"].as_u64()
    }

    /// The body that it goes over the wire with.
    pub fn body(&self) -> Value {
        let mut body = json!({ "ok": false, "error_code": self.code, "description": self.description });
        if let Some(parameters) = &self.parameters {
            body["parameters"] = parameters.clone();
        }
        body
    }
}
