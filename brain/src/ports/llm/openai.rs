//! Any OpenAI-compatible server, through async-openai.
//!
//! Requests and answers are types of our own: other servers know fewer fields than the provider's, and an answer that lacks
//! one which nobody reads must not fail a reply. The library's own retries are off; waiting is the caller's.

use std::{
    collections::BTreeSet,
    sync::{Mutex, PoisonError},
    time::Duration,
};

use async_openai::{Client, config::OpenAIConfig, middleware::HttpRequestFactory};
use chrono::{DateTime, NaiveDate};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tower::service_fn;

use crate::ports::{
    http,
    reason::{Reason, Sent},
};

use super::{
    ChatAnswer, ChatRequest, LlmError, Prompt,
    render::{self, PromptMessage, Role},
    transport::{error_of, refusal, send},
};

/// What a server may not know, in the order in which it is left out when refused.
pub(super) const OPTIONAL_FIELDS: [&str; 4] =
    ["reasoning_effort", "max_completion_tokens", JSON_SCHEMA, "response_format"];
/// A form of `response_format` that many servers do not know; they are asked for any JSON, then for none in particular.
const JSON_SCHEMA: &str = "json_schema";

/// A client of one server.
pub struct OpenAi {
    client: Client<OpenAIConfig>,
    http: reqwest::Client,
    key: SecretString,
    base_url: String,
    timeout: Duration,
    /// Fields that this server has refused, with the model: not sent again by this process.
    refused: Mutex<BTreeSet<(String, &'static str)>>,
}

#[derive(Deserialize)]
struct Completion {
    #[serde(default)]
    model: Option<String>,
    #[serde(default)]
    choices: Vec<Choice>,
    #[serde(default)]
    usage: Option<TokenUsage>,
}

#[derive(Deserialize)]
struct Choice {
    #[serde(default)]
    message: Message,
}

#[derive(Default, Deserialize)]
struct Message {
    #[serde(default)]
    content: Option<String>,
    #[serde(default)]
    refusal: Option<String>,
}

#[derive(Default, Deserialize)]
struct TokenUsage {
    #[serde(default)]
    prompt_tokens: u32,
    #[serde(default)]
    completion_tokens: u32,
    #[serde(default)]
    prompt_tokens_details: Option<PromptTokens>,
}

#[derive(Default, Deserialize)]
struct PromptTokens {
    #[serde(default)]
    cached_tokens: Option<u32>,
}

impl OpenAi {
    /// A client that gives a call `timeout` at most.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(key: &SecretString, base_url: &str, timeout: Duration) -> Result<Self, reqwest::Error> {
        Ok(Self::over(http::client(base_url)?, key, base_url, timeout))
    }

    /// The same over connections of `http`. The key fits an HTTP header.
    pub(super) fn over(http: reqwest::Client, key: &SecretString, base_url: &str, timeout: Duration) -> Self {
        // The library would take what is not said from the environment, and tell every server whose customer the operator is.
        let config = OpenAIConfig::new()
            .with_api_key(key.expose_secret())
            .with_api_base(base_url)
            .with_org_id("")
            .with_project_id("");
        let sender = http.clone();
        let service = service_fn(move |request: HttpRequestFactory| {
            let http = sender.clone();
            async move { send(http, request).await }
        });
        Self {
            client: Client::build(http.clone(), config).with_http_service(service),
            http,
            key: key.clone(),
            base_url: base_url.to_owned(),
            timeout,
            refused: Mutex::default(),
        }
    }

    /// Asks once; where the server refuses a field that it does not know, asks again without it and remembers that.
    ///
    /// # Errors
    /// When the server did not answer.
    pub async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, LlmError> {
        for _ in 0..=OPTIONAL_FIELDS.len() {
            let body = self.body(request);
            match tokio::time::timeout(self.timeout, self.ask(request, &body)).await {
                Err(_) => return Err(LlmError::TimedOut(self.timeout)),
                Ok(Err(LlmError::Rejected(why))) if self.leave_out(&request.model, &body, why.as_str()) => {}
                Ok(result) => return result,
            }
        }
        Err(LlmError::Rejected("refuses every form of the request".into()))
    }

    /// When the model goes away, from the server's list of models; servers that name no day give `None`.
    ///
    /// # Errors
    /// When the server does not answer, or does not know the model.
    pub async fn shutdown_date(&self, model: &str) -> Result<Option<NaiveDate>, LlmError> {
        let list = self.http.get(format!("{}/models", self.base_url)).bearer_auth(self.key.expose_secret());
        let mut list = list.timeout(self.timeout).send().await.map_err(|error| error_of(error.into()))?;
        if !list.status().is_success() {
            let (status, body) = (list.status().as_u16(), http::refusal(&mut list).await);
            let sent = Sent::default().and(self.key.expose_secret());
            return Err(refusal(status, None, &String::from_utf8_lossy(&body), &sent));
        }
        let list: Value = list.json().await.map_err(|error| error_of(error.into()))?;
        let entry =
            list["data"].as_array().and_then(|models| models.iter().find(|entry| entry["id"] == model));
        let entry = entry.ok_or_else(|| LlmError::UnknownModel(Reason::said(model, &Sent::default())))?;
        Ok(match &entry["shutdown_date"] {
            Value::String(day) => day.get(..10).and_then(|day| day.parse().ok()),
            Value::Number(seconds) => seconds
                .as_i64()
                .and_then(|seconds| DateTime::from_timestamp(seconds, 0))
                .map(|time| time.date_naive()),
            _ => None,
        })
    }

    async fn ask(&self, request: &ChatRequest, body: &Value) -> Result<ChatAnswer, LlmError> {
        let completion: Completion = self.client.chat().create_byot(body).await.map_err(error_of)?;
        let usage = completion.usage.unwrap_or_default();
        let message = completion.choices.into_iter().next().map(|choice| choice.message).unwrap_or_default();
        if let Some(refusal) = message.refusal.filter(|refusal| !refusal.trim().is_empty()) {
            return Err(LlmError::Refused(without_nul(&refusal)));
        }
        let text = message.content.filter(|text| !text.trim().is_empty()).ok_or(LlmError::Empty)?;
        Ok(ChatAnswer {
            text: without_nul(&text),
            model: completion.model.map_or_else(|| request.model.clone(), |model| named(&model)),
            tokens_in: counted(Some(usage.prompt_tokens)),
            tokens_cached: counted(usage.prompt_tokens_details.and_then(|details| details.cached_tokens)),
            tokens_out: counted(Some(usage.completion_tokens)),
        })
    }

    fn body(&self, request: &ChatRequest) -> Value {
        let mut body = Map::new();
        body.insert("model".into(), json!(request.model));
        body.insert("messages".into(), render::messages(&request.prompt).iter().map(message).collect());
        // Reasoning is on at medium by default and would cost time and money on every chat message.
        body.insert("reasoning_effort".into(), json!("none"));
        body.insert("max_completion_tokens".into(), json!(request.max_tokens));
        if matches!(request.prompt, Prompt::Extraction(_)) {
            body.insert("response_format".into(), fact_operations());
        }
        let refused = self.refused.lock().unwrap_or_else(PoisonError::into_inner);
        for (_, field) in refused.iter().filter(|(model, _)| *model == request.model) {
            match *field {
                JSON_SCHEMA if body.contains_key("response_format") => {
                    body.insert("response_format".into(), json!({"type": "json_object"}));
                }
                field if body.remove(field).is_some() && field == "max_completion_tokens" => {
                    body.insert("max_tokens".into(), json!(request.max_tokens));
                }
                _ => {}
            }
        }
        Value::Object(body)
    }

    /// Notes a field of `body` that the server's refusal names. `false` where it names none that can be left out. Another call
    /// may have noted it meanwhile: what counts is that this one had sent it.
    fn leave_out(&self, model: &str, body: &Value, why: &str) -> bool {
        let with_schema = body["response_format"]["type"] == JSON_SCHEMA;
        let named = OPTIONAL_FIELDS.into_iter().find(|field| match *field {
            JSON_SCHEMA => with_schema && (why.contains(JSON_SCHEMA) || why.contains("response_format")),
            field => why.contains(field) && body.get(field).is_some(),
        });
        let Some(field) = named else { return false };
        self.refused.lock().unwrap_or_else(PoisonError::into_inner).insert((model.to_owned(), field));
        true
    }
}

/// The document of fact operations as a JSON schema, in the strict form: every field named, none left open.
/// <https://platform.openai.com/docs/guides/structured-outputs>
fn fact_operations() -> Value {
    let operation = json!({
        "type": "object",
        "properties": {
            "op": {"type": "string", "enum": ["add", "update", "retire"]},
            "id": {"type": ["integer", "null"]},
            "text": {"type": "string"},
            "kind": {"type": "string", "enum": ["person", "preference", "event", "decision", "topic", "other"]},
            "about": {"type": ["string", "null"]},
            "sources": {"type": "array", "items": {"type": "integer"}},
        },
        "required": ["op", "id", "text", "kind", "about", "sources"],
        "additionalProperties": false,
    });
    let document = json!({
        "type": "object",
        "properties": {"facts": {"type": "array", "items": operation}, "narrative": {"type": "string"}},
        "required": ["facts", "narrative"],
        "additionalProperties": false,
    });
    json!({"type": JSON_SCHEMA, "json_schema": {"name": "fact_operations", "strict": true, "schema": document}})
}

/// PostgreSQL takes no NUL in a text.
fn without_nul(text: &str) -> String {
    text.replace('\0', "\u{FFFD}")
}

/// A model's name as a server gives it, which may give anything.
fn named(model: &str) -> String {
    model.chars().filter(|letter| !letter.is_control()).take(200).collect()
}

/// A number of tokens as a server gives it, no larger than ours can be.
fn counted(tokens: Option<u32>) -> u32 {
    tokens.unwrap_or(0).min(i32::MAX.unsigned_abs())
}

fn message(message: &PromptMessage) -> Value {
    let role = match message.role {
        Role::System => "system",
        Role::User => "user",
        Role::Assistant => "assistant",
    };
    json!({"role": role, "content": message.content})
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ports::llm::{ExtractionPrompt, ReplyPrompt};

    #[test]
    fn a_schema_falls_back_to_any_json_and_that_to_no_form_at_all() {
        let server =
            OpenAi::new(&SecretString::from("k"), "http://127.0.0.1:1/v1", Duration::from_secs(1)).unwrap();
        let request = ChatRequest {
            model: "some".into(),
            prompt: Prompt::Extraction(ExtractionPrompt::default()),
            max_tokens: 5,
        };
        let forms: Vec<Value> = (0..3)
            .map(|_| {
                let sent = server.body(&request);
                server.leave_out("some", &sent, "'response_format.type' must be one of text, json_object");
                sent["response_format"]["type"].clone()
            })
            .collect();
        assert_eq!(forms, [json!("json_schema"), json!("json_object"), Value::Null]);
    }

    #[test]
    fn a_refused_field_is_left_out_from_then_on_for_that_model_only() {
        let server =
            OpenAi::new(&SecretString::from("k"), "http://127.0.0.1:1/v1", Duration::from_secs(1)).unwrap();
        let request = |model: &str| ChatRequest {
            model: model.into(),
            prompt: Prompt::Reply(ReplyPrompt::default()),
            max_tokens: 5,
        };
        let sent = server.body(&request("old"));
        assert!(server.leave_out("old", &sent, "Unsupported parameter: 'max_completion_tokens'"));
        assert!(
            server.leave_out("old", &sent, "Unsupported parameter: 'max_completion_tokens'"),
            "two calls at once may both learn it"
        );
        assert!(!server.leave_out("old", &sent, "something else"));
        let sent = server.body(&request("old"));
        assert!(
            !server.leave_out("old", &sent, "Unsupported parameter: 'max_completion_tokens'"),
            "once is enough"
        );
        assert_eq!(server.body(&request("old"))["max_tokens"], 5);
        assert!(server.body(&request("old")).get("max_completion_tokens").is_none());
        assert_eq!(server.body(&request("new"))["max_completion_tokens"], 5);
    }
}
