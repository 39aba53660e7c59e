//! What goes wrong, as async-openai sees it.

use async_openai::error::OpenAIError;
use serde_json::json;

use super::{
    super::{FakeLlm, Fault},
    LONG, ask, client, refused, said, text,
};

#[tokio::test]
async fn each_fault_hits_one_call_and_the_next_one_passes() {
    let llm = FakeLlm::start().await;
    let client = client(&llm);
    let faults = [
        (Fault::TooManyRequests { retry_after: 7 }, 429, Some("rate_limit_exceeded"), None),
        (Fault::ServerError(503), 503, None, None),
        (Fault::ContextTooLong, 400, Some("context_length_exceeded"), Some("messages")),
        (Fault::BadKey, 401, Some("invalid_api_key"), None),
        (Fault::UnknownModel, 404, Some("model_not_found"), None),
        (Fault::UnsupportedParameter("temperature"), 400, Some("unsupported_parameter"), Some("temperature")),
    ];
    llm.fail_next(faults.iter().map(|(fault, ..)| fault.clone()).collect());
    for (fault, status, code, param) in faults {
        let (seen, error) = refused(ask(&client, "x").await);
        assert_eq!((seen, error.code.as_deref(), error.param.as_deref()), (status, code, param), "{fault:?}");
    }
    assert_eq!(text(ask(&client, "x").await), said("You said: x"));
}

#[tokio::test]
async fn a_429_says_in_its_header_how_long_to_wait() {
    let llm = FakeLlm::start().await;
    llm.fail_next(vec![Fault::TooManyRequests { retry_after: 7 }]);
    let body = json!({ "model": "m", "messages": [{ "role": "user", "content": [{ "type": "text", "text": "hi" }] }] });
    let url = format!("{}/chat/completions", llm.base_url());
    let answer = reqwest::Client::new().post(url).json(&body).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), &answer.headers()["retry-after"]), (429, &"7".parse().unwrap()));
    assert_eq!(llm.requests()[0].last_user_message(), "hi", "parts of a message are read, too");
}

#[tokio::test]
async fn an_answer_may_be_empty_a_refusal_garbage_or_half() {
    let llm = FakeLlm::start().await;
    let client = client(&llm);
    llm.fail_next(vec![
        Fault::EmptyAnswer,
        Fault::Refusal("I can't help with that."),
        Fault::Garbage,
        Fault::Cut,
    ]);
    assert_eq!(text(ask(&client, "x").await), said(""));
    assert_eq!(text(ask(&client, "x").await), (None, Some("I can't help with that.".to_owned())));
    assert!(matches!(ask(&client, "x").await, Err(OpenAIError::JSONDeserialize(..))));
    let half = ask(&client, "x").await;
    assert!(matches!(&half, Err(OpenAIError::Reqwest(error)) if !error.is_status()), "{half:?}");
    assert_eq!(llm.requests().len(), 4, "nobody tried again");
}

#[tokio::test]
async fn the_test_decides_which_requests_fail() {
    let llm = FakeLlm::start().await;
    llm.on_request(|request| (request.prompt_tokens() > 100).then_some(Fault::ContextTooLong));
    let client = client(&llm);
    assert_eq!(text(ask(&client, "short").await), said("You said: short"));
    assert_eq!(refused(ask(&client, &"long ".repeat(100)).await).0, 400);
}

#[tokio::test]
async fn a_hang_ends_when_the_client_leaves() {
    let llm = FakeLlm::start().await;
    llm.fail_next(vec![Fault::Hang]);
    let client = client(&llm);
    tokio::select! {
        answer = ask(&client, "x") => panic!("answered: {answer:?}"),
        seen = llm.wait_for(|requests| requests.len() == 1, LONG) => assert_eq!(seen.unwrap()[0].ended, None),
    }
    llm.wait_for(|requests| requests[0].ended.is_some(), LONG).await.unwrap();
}
