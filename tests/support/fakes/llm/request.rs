//! A request for a completion, as the tests look at it.

use std::time::Instant;

use serde_json::Value;

/// One message of a prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// `system`, `developer`, `user` or `assistant`.
    pub role: String,
    /// Its text; of several parts, the texts one after the other.
    pub content: String,
}

/// A request for a completion, and when it was open.
#[derive(Clone, Debug)]
pub struct LlmRequest {
    /// The model asked for.
    pub model: String,
    /// The prompt.
    pub messages: Vec<Message>,
    /// All other fields of the body.
    pub options: Value,
    /// The bearer key, if there was one.
    pub key: Option<String>,
    /// When it had come in.
    pub arrived: Instant,
    /// When its answer left, or its client; none while it is open. A client that leaves is noticed a moment later.
    pub ended: Option<Instant>,
}

impl LlmRequest {
    /// Reads a request's body. None where a field that the API requires is missing.
    pub fn read(mut body: Value, key: Option<String>) -> Option<Self> {
        let fields = body.as_object_mut()?;
        let model = fields.remove("model")?.as_str()?.to_owned();
        let messages =
            fields.remove("messages")?.as_array()?.iter().map(message).collect::<Option<Vec<_>>>()?;
        if messages.is_empty() {
            return None;
        }
        Some(Self { model, messages, options: body, key, arrived: Instant::now(), ended: None })
    }

    /// What the person said last; empty where no user has spoken.
    pub fn last_user_message(&self) -> &str {
        self.messages.iter().rfind(|message| message.role == "user").map_or("", |message| &message.content)
    }

    /// About how many tokens the prompt has: one for four bytes, and four around each message.
    pub fn prompt_tokens(&self) -> usize {
        self.messages.iter().map(|message| tokens(&message.content) + 4).sum()
    }
}

/// About how many tokens a text has.
pub fn tokens(text: &str) -> usize {
    text.len().div_ceil(4)
}

/// The most of these requests that were open at the same time.
pub fn most_at_once(mut requests: Vec<&LlmRequest>) -> usize {
    requests.sort_by_key(|request| request.arrived);
    let mut open: Vec<&LlmRequest> = Vec::new();
    let mut most = 0;
    for request in requests {
        open.retain(|earlier| earlier.ended.is_none_or(|end| end > request.arrived));
        open.push(request);
        most = most.max(open.len());
    }
    most
}

fn message(value: &Value) -> Option<Message> {
    let content = match &value["content"] {
        Value::Array(parts) => parts.iter().filter_map(|part| part["text"].as_str()).collect(),
        content => content.as_str().unwrap_or_default().to_owned(),
    };
    Some(Message { role: value["role"].as_str()?.to_owned(), content })
}
