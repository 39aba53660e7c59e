//! What the model can do wrong, and what the person sees of it.

use std::time::Duration;

use brain::texts;

use crate::{
    fakes::llm::Fault,
    support::{app::App, updates::OLENA},
};

async fn started() -> App {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app
}

#[tokio::test]
async fn what_passes_is_waited_for_and_then_answered_once() {
    let app = started().await;
    for fault in [
        Fault::TooManyRequests { retry_after: 1 },
        Fault::ServerError(500),
        Fault::Cut,
        Fault::EmptyAnswer,
        Fault::Garbage,
    ] {
        app.llm.fail_next(vec![fault.clone()]);
        let calls = app.llm.requests().len();
        assert_eq!(app.ask(OLENA, "hello").await, ["You said: hello"], "{fault:?}");
        assert_eq!(app.llm.requests().len(), calls + 2, "{fault:?}: asked once more, not more often");
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let app = started().await;
    app.llm.fail_next(vec![Fault::TooManyRequests { retry_after: 3 }]);
    app.ask(OLENA, "hello").await;
    let calls = app.llm.requests();
    assert!(calls[1].arrived - calls[0].ended.unwrap() >= Duration::from_secs(3));
}

#[tokio::test]
async fn a_hang_ends_at_the_timeout() {
    let app = App::builder().with("LLM_TIMEOUT", "1").start().await;
    app.llm.fail_next(vec![Fault::Hang]);
    assert_eq!(app.ask(OLENA, "hello").await.last().unwrap(), "You said: hello");
}

#[tokio::test]
async fn after_the_last_attempt_there_is_one_plain_sentence_and_the_next_message_works() {
    let app = started().await;
    app.llm.fail_next(vec![Fault::ServerError(503); 4]);
    app.says(OLENA, "first").await;
    app.says(OLENA, "second").await;
    app.run_pending_jobs().await;
    assert_eq!(
        app.seen_in(OLENA.id)[1..],
        [texts::MODEL_FAILED, "You said: first\nsecond"],
        "what was not answered is remembered"
    );
}

#[tokio::test]
async fn a_refusal_is_passed_on_in_the_models_words() {
    let app = started().await;
    app.llm.fail_next(vec![Fault::Refusal("I would rather not.")]);
    assert_eq!(app.ask(OLENA, "do it").await, ["I would rather not."]);
    assert_eq!(app.llm.requests().len(), 1);
}

#[tokio::test]
async fn a_prompt_that_is_too_long_shrinks_until_it_fits() {
    let app = started().await;
    // Far under our own budget: the model's window is smaller than we think.
    for n in 0..3 {
        app.ask(OLENA, &format!("{n} {}", "many words of no great weight ".repeat(60))).await;
    }
    app.llm.fail_next(vec![Fault::ContextTooLong]);
    assert_eq!(app.ask(OLENA, "short").await, ["You said: short"]);
    let calls = app.llm.requests();
    let (first, second) = (&calls[calls.len() - 2], &calls[calls.len() - 1]);
    assert!(
        second.prompt_tokens() < first.prompt_tokens() * 3 / 4,
        "{} {}",
        first.prompt_tokens(),
        second.prompt_tokens()
    );

    app.llm.fail_next(vec![Fault::ContextTooLong; 3]);
    assert_eq!(app.ask(OLENA, "still").await, ["You said: still"]);

    let calls = app.llm.requests().len();
    app.llm.fail_next(vec![Fault::ContextTooLong; 20]);
    assert_eq!(app.ask(OLENA, "never").await, [texts::MODEL_FAILED]);
    assert!(app.llm.requests().len() < calls + 10, "nothing is sent twice");
}

#[tokio::test]
async fn a_bad_key_is_not_tried_again_and_the_operator_sees_why() {
    let app = started().await;
    app.llm.fail_next(vec![Fault::BadKey]);
    assert_eq!(app.ask(OLENA, "hello").await, [texts::MODEL_NOT_ALLOWED]);
    assert_eq!(app.llm.requests().len(), 1);
    assert_eq!(app.count("select count(*) from llm_usage where outcome = 'bad_key'").await, 1);
    assert_eq!(
        app.count("select count(*) from telegram_updates where last_error like '%refused the key%'").await,
        1
    );
    assert_eq!(
        app.ask(OLENA, "again").await,
        ["You said: hello\nagain"],
        "the next one works, and brings the first along"
    );
}

#[tokio::test]
async fn a_field_that_the_server_does_not_know_is_left_out() {
    let app = started().await;
    app.llm.on_request(|request| {
        ["reasoning_effort", "max_completion_tokens"]
            .into_iter()
            .find(|field| request.options.get(*field).is_some())
            .map(Fault::UnsupportedParameter)
    });
    assert_eq!(app.ask(OLENA, "hello").await, ["You said: hello"]);
    let calls = app.llm.requests();
    assert_eq!(calls.len(), 3, "each field is refused once");
    assert!(calls[2].options.get("max_tokens").is_some());
    app.ask(OLENA, "again").await;
    assert_eq!(app.llm.requests().len(), 4, "and not sent again");
}

#[tokio::test]
async fn an_accounts_model_that_has_gone_falls_back_with_a_notice() {
    let app = started().await;
    sqlx::query("insert into account_settings values (1, 'model', '\"gpt-3.5-turbo\"')")
        .execute(&app.pool)
        .await
        .unwrap();
    app.llm.on_request(|request| (request.model == "gpt-3.5-turbo").then_some(Fault::UnknownModel));
    assert_eq!(
        app.ask(OLENA, "hello").await,
        ["The model gpt-3.5-turbo is no longer there, so gpt-6-luna answers.", "You said: hello"]
    );
}
