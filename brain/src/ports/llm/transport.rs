//! One request to a model's server over HTTP, and what its refusals and failures mean. The server may be a stranger's.

use std::time::Duration;

use async_openai::{error::OpenAIError, middleware::HttpRequestFactory};
use serde_json::Value;

use super::{LlmError, openai::OPTIONAL_FIELDS};
use crate::ports::{
    http::Asked,
    reason::{Reason, Sent},
};

/// The most bytes of an answer that are read: many times what the most tokens that we ask for can be.
const MAX_BODY: usize = 1 << 20;

/// The longest that a server may ask us to stay away: a time that the database's calendar does not hold would stop more than this call.
const LONGEST_WAIT: Duration = Duration::from_hours(1);

/// One request; an answer that is not 2xx is told apart here, where its headers can still be read.
pub(super) async fn send(
    http: reqwest::Client,
    request: HttpRequestFactory,
) -> Result<reqwest::Response, OpenAIError> {
    let request = request.build().await?;
    let asked = Asked::with(&request);
    let mut response = http.execute(request).await?;
    if response.status().is_success() {
        // Read here, because whoever reads it there would read without end.
        let body = read(&mut response).await?;
        return Ok(http::Response::new(body).into());
    }
    let status = response.status().as_u16();
    let retry_after = response
        .headers()
        .get("retry-after")
        .and_then(|value| value.to_str().ok()?.trim().parse::<f64>().ok())
        .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok())
        .map(|wait| wait.min(LONGEST_WAIT));
    let body = read(&mut response).await.unwrap_or_default();
    let body = String::from_utf8_lossy(&body);
    Err(OpenAIError::Boxed(Box::new(refusal(status, retry_after, &body, &asked.sent()))))
}

/// The answer's body, which must end.
async fn read(response: &mut reqwest::Response) -> Result<Vec<u8>, OpenAIError> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if body.len() + chunk.len() > MAX_BODY {
            return Err(OpenAIError::Boxed(Box::new(LlmError::Broken("the answer does not end".into()))));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

/// What a status and a body that are no success mean. `sent` is what some servers repeat.
pub(super) fn refusal(status: u16, retry_after: Option<Duration>, body: &str, sent: &Sent) -> LlmError {
    let error = serde_json::from_str::<Value>(body).unwrap_or_default()["error"].take();
    let code = error["code"].as_str().or(error["type"].as_str()).unwrap_or_default();
    let message = error["message"].as_str().unwrap_or_default();
    let param = error["param"].as_str().unwrap_or_default();
    let field = OPTIONAL_FIELDS
        .into_iter()
        .find(|field| param == *field || (param.is_empty() && message.contains(field)));
    // Not the message, nor anything else that is no plain word: some servers repeat the key or the prompt.
    let words = [code, if field.is_some() { "" } else { param }].into_iter().filter(|word| is_plain(word));
    let why = words.fold(status.to_string(), |why, word| format!("{why} {word}"));
    let mut why = Reason::said(&why, sent);
    if let Some(field) = field {
        why = why.and(field);
    }
    match status {
        429 if code == "insufficient_quota" => LlmError::BadKey(why),
        429 => LlmError::RateLimited { retry_after },
        401 | 403 => LlmError::BadKey(why),
        _ if code == "context_length_exceeded" || message.contains("maximum context length") => {
            LlmError::ContextTooLong
        }
        413 => LlmError::ContextTooLong,
        404 => LlmError::UnknownModel(why),
        400 if code == "model_not_found" => LlmError::UnknownModel(why),
        // Whoever says when to come back is asked to wait, not broken.
        408 | 409 | 500.. if retry_after.is_some() => LlmError::RateLimited { retry_after },
        408 | 409 | 500.. => LlmError::Unavailable(Reason::status(status)),
        _ => LlmError::Rejected(why),
    }
}

/// Whether the text is the name of an error or of a field: `invalid_api_key`, `messages[0].content`.
fn is_plain(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_' | b'.' | b'[' | b']'))
}

/// What went wrong with a request that came to no refusal.
pub(super) fn error_of(error: OpenAIError) -> LlmError {
    match error {
        OpenAIError::Boxed(error) => match error.downcast::<LlmError>() {
            Ok(error) => *error,
            Err(_) => LlmError::Broken("the answer cannot be read".into()),
        },
        // Not with their own words: those can hold the address with a key, or the answer's text.
        OpenAIError::Reqwest(error) if error.is_connect() => LlmError::Unavailable("no connection".into()),
        OpenAIError::Reqwest(_) => LlmError::Broken("the connection broke".into()),
        OpenAIError::JSONDeserialize(..) => LlmError::Broken("the answer is not JSON".into()),
        _ => LlmError::Broken("the answer cannot be read".into()),
    }
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    fn refused(status: u16, body: &str) -> LlmError {
        refusal(status, None, body, &Sent::default().and("my_diary, Bearer 0a1b2c3d"))
    }

    #[test]
    fn refusals_are_told_apart_by_status_and_code() {
        let body = |code: &str| format!(r#"{{"error":{{"message":"no","code":"{code}"}}}}"#);
        assert_eq!(refused(400, &body("context_length_exceeded")), LlmError::ContextTooLong);
        assert!(matches!(refused(401, &body("invalid_api_key")), LlmError::BadKey(_)));
        assert!(matches!(refused(429, &body("insufficient_quota")), LlmError::BadKey(_)));
        assert!(matches!(refused(404, &body("model_not_found")), LlmError::UnknownModel(_)));
        assert!(matches!(refused(503, "<html>"), LlmError::Unavailable(_)));
        assert!(matches!(refused(400, "not json"), LlmError::Rejected(_)));
    }

    #[test]
    fn a_key_that_the_server_repeats_does_not_get_into_the_reason() {
        let body =
            r#"{"error":{"message":"Incorrect API key provided: sk-secret","code":"invalid_api_key"}}"#;
        assert_eq!(refused(401, body), LlmError::BadKey("401 invalid_api_key".into()));
        for code in ["my_diary", "0a1b2c3d"] {
            let body = serde_json::json!({"error": {"code": code, "param": code}}).to_string();
            assert_eq!(refused(401, &body), LlmError::BadKey("401 …".into()), "{code}");
        }
        for code in ["sk-Secret", "two words", "line\nbreak", "nul\0", &"x".repeat(65)] {
            let body = serde_json::json!({"error": {"code": code, "param": code}}).to_string();
            assert_eq!(refused(401, &body), LlmError::BadKey("401".into()));
        }
    }

    #[test]
    fn a_field_is_known_by_the_parameter_or_by_the_message() {
        let by_message =
            r#"{"error":{"message":"Unrecognized request argument supplied: reasoning_effort"}}"#;
        assert_eq!(refused(400, by_message), LlmError::Rejected("400 reasoning_effort".into()));
    }

    #[tokio::test]
    async fn an_answer_without_end_is_not_read_to_its_end() {
        for status in ["200 OK", "400 Bad Request"] {
            let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
            let url = format!("http://{}", listener.local_addr().unwrap());
            let stranger = tokio::spawn(async move {
                let (mut connection, _) = listener.accept().await.unwrap();
                assert!(connection.read(&mut [0; 1024]).await.unwrap() > 0);
                let head = format!("HTTP/1.1 {status}\r\ntransfer-encoding: chunked\r\n\r\n");
                connection.write_all(head.as_bytes()).await.unwrap();
                let chunk = format!("10000\r\n{}\r\n", " ".repeat(0x10000));
                let mut sent = 0;
                while connection.write_all(chunk.as_bytes()).await.is_ok() {
                    sent += 0x10000;
                }
                sent
            });
            let mut response =
                reqwest::Client::builder().no_proxy().build().unwrap().get(url).send().await.unwrap();
            let OpenAIError::Boxed(error) = read(&mut response).await.unwrap_err() else { panic!() };
            assert_eq!(error.to_string(), "the model's server failed: the answer does not end");
            drop(response);
            assert!(stranger.await.unwrap() < 100 * MAX_BODY);
        }
    }
}
