//! The fake as async-openai, the real client, sees it.

mod faults;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use async_openai::{
    Client,
    config::OpenAIConfig,
    error::{ApiError, OpenAIError},
    middleware::ReqwestService,
    types::chat::{
        ChatCompletionRequestAssistantMessage, ChatCompletionRequestSystemMessage,
        ChatCompletionRequestUserMessage, CreateChatCompletionRequestArgs, CreateChatCompletionResponse,
    },
};
use serde_json::{Value, json};

use super::{FakeLlm, LlmRequest};

const LONG: Duration = Duration::from_secs(30);

/// A client that does not try again by itself.
fn client(llm: &FakeLlm) -> Client<OpenAIConfig> {
    let config = OpenAIConfig::new().with_api_base(llm.base_url()).with_api_key("key");
    Client::with_config(config).with_http_service(ReqwestService::default())
}

async fn ask(client: &Client<OpenAIConfig>, text: &str) -> Result<CreateChatCompletionResponse, OpenAIError> {
    let request = CreateChatCompletionRequestArgs::default()
        .model("gpt-6-luna")
        .max_completion_tokens(50_u32)
        .messages([
            ChatCompletionRequestSystemMessage::from("Be kind.").into(),
            ChatCompletionRequestUserMessage::from("Earlier").into(),
            ChatCompletionRequestAssistantMessage::from("Answer").into(),
            ChatCompletionRequestUserMessage::from(text).into(),
        ])
        .build()?;
    client.chat().create(request).await
}

/// What the assistant said, or declined with.
fn text(answer: Result<CreateChatCompletionResponse, OpenAIError>) -> (Option<String>, Option<String>) {
    let message = answer.unwrap().choices.remove(0).message;
    (message.content, message.refusal)
}

fn said(text: &str) -> (Option<String>, Option<String>) {
    (Some(text.to_owned()), None)
}

fn refused(answer: Result<CreateChatCompletionResponse, OpenAIError>) -> (u16, ApiError) {
    match answer {
        Err(OpenAIError::ApiError(error)) => (error.status_code.as_u16(), error.api_error),
        other => panic!("no refusal of the server's: {other:?}"),
    }
}

#[tokio::test]
async fn without_orders_the_last_user_message_comes_back() {
    let llm = FakeLlm::start().await;
    let answer = ask(&client(&llm), "Hello").await.unwrap();
    assert_eq!(answer.model, "gpt-6-luna");
    let usage = answer.usage.clone().unwrap();
    assert_eq!(usage.total_tokens, usage.prompt_tokens + usage.completion_tokens);
    assert!(usage.prompt_tokens_details.unwrap().cached_tokens.unwrap() > 0);
    assert_eq!(text(Ok(answer)), said("You said: Hello"));
}

#[tokio::test]
async fn a_request_is_kept_with_all_that_a_test_asks_for() {
    let llm = FakeLlm::start().await;
    let before = Instant::now();
    ask(&client(&llm), "Hello").await.unwrap();
    let request = llm.requests().remove(0);
    assert_eq!((request.model.as_str(), request.key.as_deref()), ("gpt-6-luna", Some("key")));
    let roles: Vec<_> = request.messages.iter().map(|message| message.role.as_str()).collect();
    assert_eq!(roles, ["system", "user", "assistant", "user"]);
    assert_eq!(request.messages[0].content, "Be kind.");
    assert_eq!(request.options["max_completion_tokens"], 50);
    assert!(before < request.arrived && request.arrived < request.ended.unwrap());
}

#[tokio::test]
async fn the_test_composes_the_answers() {
    let llm = FakeLlm::start().await;
    llm.answer_with(|request| format!("{} messages", request.messages.len()));
    assert_eq!(text(ask(&client(&llm), "x").await), said("4 messages"));
}

#[tokio::test]
async fn held_answers_wait_for_their_release() {
    let llm = FakeLlm::start().await;
    llm.hold();
    let client = client(&llm);
    let order = Arc::new(Mutex::new(Vec::new()));
    let note = |event| order.lock().unwrap().push(event);
    let asked = async {
        ask(&client, "x").await.unwrap();
        note("answered");
    };
    let released = async {
        llm.wait_for(|requests| requests.len() == 1, LONG).await.unwrap();
        note("released");
        llm.release();
    };
    tokio::join!(asked, released);
    ask(&client, "y").await.unwrap();
    assert_eq!(*order.lock().unwrap(), ["released", "answered"]);
}

#[tokio::test]
async fn calls_that_are_open_at_once_are_counted_by_key() {
    let llm = FakeLlm::start().await;
    let client = client(&llm);
    llm.hold();
    let all_in = async {
        llm.wait_for(|requests| requests.len() == 3, LONG).await.unwrap();
        llm.release();
    };
    let (a, b, other, ()) =
        tokio::join!(ask(&client, "a 1"), ask(&client, "a 2"), ask(&client, "b 1"), all_in);
    assert!(a.is_ok() && b.is_ok() && other.is_ok());
    for n in 3..6 {
        ask(&client, &format!("b {n}")).await.unwrap();
    }
    let chat = |request: &LlmRequest| request.last_user_message().split(' ').next().unwrap().to_owned();
    assert_eq!(llm.max_concurrent_by(|_| ()), 3);
    assert_eq!(llm.max_concurrent_by(chat), 2);
    assert_eq!(llm.max_concurrent_by(|request| (chat(request), request.last_user_message().to_owned())), 1);
}

#[tokio::test]
async fn an_answer_takes_its_time() {
    let llm = FakeLlm::start().await;
    llm.set_latency(Duration::from_millis(30));
    ask(&client(&llm), "x").await.unwrap();
    llm.set_latency_between(Duration::from_millis(30)..=Duration::from_millis(40), 1);
    ask(&client(&llm), "x").await.unwrap();
    for request in llm.requests() {
        assert!(request.ended.unwrap() - request.arrived >= Duration::from_millis(30));
    }
}

#[tokio::test]
async fn models_are_listed_with_their_shutdown_dates() {
    let llm = FakeLlm::start().await;
    llm.set_models(&[("gpt-6-luna", None), ("gpt-4o-mini", Some("2027-01-14"))]);
    let list: Value = reqwest::get(format!("{}/models", llm.base_url())).await.unwrap().json().await.unwrap();
    assert_eq!(list["data"][0]["id"], "gpt-6-luna");
    assert_eq!(list["data"][0]["shutdown_date"], Value::Null);
    assert_eq!(list["data"][1]["shutdown_date"], "2027-01-14");
}

#[tokio::test]
async fn what_is_no_request_is_refused_and_not_kept() {
    let llm = FakeLlm::start().await;
    let post = reqwest::Client::new().post(format!("{}/chat/completions", llm.base_url()));
    assert_eq!(post.json(&json!({ "model": "m", "messages": [] })).send().await.unwrap().status(), 400);
    assert_eq!(reqwest::get(format!("{}/nothing", llm.base_url())).await.unwrap().status(), 404);
    assert_eq!(llm.requests().len(), 0);
}
