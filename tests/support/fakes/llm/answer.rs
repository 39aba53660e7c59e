//! The documents that the model's API sends.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{
    super::http::Answer,
    request::{LlmRequest, tokens},
};

/// The assistant's message with this text.
pub fn finished(text: &str) -> Value {
    json!({ "role": "assistant", "content": text, "refusal": null })
}

/// A completion with one choice, <https://platform.openai.com/docs/api-reference/chat/object>.
///
/// Half of the prompt is said to have been cached.
pub fn completion(request: &LlmRequest, place: usize, message: &Value) -> Answer {
    let prompt = request.prompt_tokens();
    let said = message["content"].as_str().or_else(|| message["refusal"].as_str()).unwrap_or_default();
    let completion = tokens(said);
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    Answer::json(
        200,
        &json!({
            "id": format!("chatcmpl-{place}"),
            "object": "chat.completion",
            "created": now.as_secs(),
            "model": request.model,
            "choices": [{ "index": 0, "message": message, "logprobs": null, "finish_reason": "stop" }],
            "usage": {
                "prompt_tokens": prompt,
                "completion_tokens": completion,
                "total_tokens": prompt + completion,
                "prompt_tokens_details": { "cached_tokens": prompt / 2, "audio_tokens": 0 },
                "completion_tokens_details": { "reasoning_tokens": 0 },
            },
        }),
    )
}

/// A refusal, <https://platform.openai.com/docs/guides/error-codes>.
pub fn error(status: u16, message: &str, kind: &str, param: Option<&str>, code: Option<&str>) -> Answer {
    Answer::json(
        status,
        &json!({ "error": { "message": message, "type": kind, "param": param, "code": code } }),
    )
}

/// The list of models. `shutdown_date` is there for those that have one.
pub fn models(models: &[(String, Option<String>)]) -> Answer {
    let entry = |(id, shutdown): &(String, Option<String>)| {
        let mut model =
            json!({ "id": id, "object": "model", "created": 1_780_000_000, "owned_by": "system" });
        if let Some(date) = shutdown {
            model["shutdown_date"] = json!(date);
        }
        model
    };
    Answer::json(200, &json!({ "object": "list", "data": models.iter().map(entry).collect::<Vec<_>>() }))
}
