//! An account's own model: its server, its key, and nothing of it for anybody else.

use brain::{
    db::{
        account_models::NewModel,
        api::{Api, ApiError, Direct, Function, Identity},
    },
    ids::AccountId,
    jobs::AnalyzeAccount,
    ports::llm::BaseUrl,
    texts,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    accounts::{account_of, register},
    fakes::llm::{FakeLlm, Fault, LlmRequest},
    support::{
        app::App,
        reading::{Shown, add},
        updates::{OLENA, TARAS},
    },
};

const KEY: &str = "sk-of-olena-1234567890";

/// Olena and Taras talk to the bot, and Olena has an account.
async fn started() -> (App, AccountId) {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app.ask(TARAS, "/start").await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    let account = account_of(&app, OLENA.id).await;
    (app, account)
}

async fn call(app: &App, function: Function, args: Value) -> Result<Value, ApiError> {
    let olena = Identity { user: None, email: "olena@example.com".into() };
    Direct::new(app.pool.clone(), &olena, "203.0.113.7").call(function, args).await
}

/// The arguments that the dashboard makes of what Olena enters: a server that is the operator's too.
fn arguments(app: &App, account: AccountId, key: Option<&str>, model: &str) -> Value {
    let house = app.llm.base_url();
    let (key, base_url) = (key.map(SecretString::from), BaseUrl::parse(&house, &house).unwrap());
    let new = NewModel { account, api_key: key.as_ref(), base_url: &base_url, model };
    new.arguments(&app.seal()).unwrap()
}

async fn set(app: &App, account: AccountId, key: Option<&str>, model: &str) {
    let args = arguments(app, account, key, model);
    assert_eq!(call(app, Function::SetModel, args).await.unwrap(), json!(true));
}

/// With which key and for which model the requests came, one after the other.
fn asked(requests: &[LlmRequest]) -> Vec<(&str, &str)> {
    requests
        .iter()
        .map(|request| (request.key.as_deref().unwrap_or_default(), request.model.as_str()))
        .collect()
}

#[tokio::test]
async fn answers_and_readings_of_the_account_go_with_its_key_to_its_model_and_others_do_not() {
    let (app, account) = started().await;
    app.read_with(|shown: &Shown| {
        shown.lines.iter().take(1).map(|line| add("Olena sings", &[line.id])).collect()
    });
    set(&app, account, Some(KEY), "own-model").await;
    app.ask(OLENA, "I sing").await;
    app.ask(TARAS, "hello").await;
    app.run_job(&AnalyzeAccount { account_id: Some(account) }).await;
    let taras = account_of(&app, TARAS.id).await;
    app.run_job(&AnalyzeAccount { account_id: Some(taras) }).await;
    let (own, house) = ((KEY, "own-model"), ("sk-test", "gpt-6-luna"));
    assert_eq!(asked(&app.llm.requests()), [own, house, own, house]);
    let own_use = "select count(*) from usage_days where own_messages = 1 and own_tokens > 0 and tokens = 0 and calls = 0";
    assert_eq!(app.count(own_use).await, 1, "what its own model takes is nothing of the operator's");
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena sings"]);

    set(&app, account, Some("sk-another-123456789"), "own-model").await;
    app.ask(OLENA, "and now?").await;
    set(&app, account, None, "other-model").await;
    app.ask(OLENA, "and now?").await;
    assert_eq!(call(&app, Function::RemoveModel, json!({"account": account.0})).await.unwrap(), json!(true));
    app.ask(OLENA, "and now?").await;
    let changed = [("sk-another-123456789", "own-model"), ("sk-another-123456789", "other-model"), house];
    assert_eq!(asked(&app.llm.requests())[4..], changed);
}

#[tokio::test]
async fn the_account_s_readings_do_not_wait_for_the_operator_s_pace() {
    let app = App::builder().with("SUMMARIES_PER_MINUTE", "1").start().await;
    app.ask(OLENA, "I sing").await;
    app.ask(TARAS, "I sail").await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    let (olena, taras) = (account_of(&app, OLENA.id).await, account_of(&app, TARAS.id).await);
    app.read_with(|_| Vec::new());
    set(&app, olena, Some(KEY), "own-model").await;
    app.run_job(&AnalyzeAccount { account_id: Some(taras) }).await;
    app.run_job(&AnalyzeAccount { account_id: Some(olena) }).await;
    assert_eq!(app.readings().len(), 2, "the minute's one reading was Taras's");
}

#[tokio::test]
async fn a_refused_key_is_told_in_full_once_and_nobody_else_pays() {
    let (app, account) = started().await;
    set(&app, account, Some(KEY), "own-model").await;
    app.llm.on_request(|request| (request.key.as_deref() == Some(KEY)).then_some(Fault::BadKey));
    for begin in
        ["This account answers with its own key, and 127.0.0.1 refuses it", "127.0.0.1 still refuses"]
    {
        let said = app.ask(OLENA, "hello").await;
        assert!(said.len() == 1 && said[0].starts_with(begin), "{said:?}");
        assert!(!said[0].contains("7890"), "{said:?}");
    }
    assert_eq!(asked(&app.llm.requests()), [(KEY, "own-model"); 2], "asked once each, and with no other key");
    assert_eq!(app.ask(TARAS, "hello").await, ["You said: hello"]);

    set(&app, account, Some("sk-another-123456789"), "own-model").await;
    assert!(app.ask(OLENA, "better?").await[0].ends_with("better?"));
    set(&app, account, Some(KEY), "own-model").await;
    assert!(
        app.ask(OLENA, "and the first again?").await[0].starts_with("This account answers with its own key")
    );
    // The server takes the key again, and refuses it again: that is news.
    app.llm.on_request(|_| None);
    app.ask(OLENA, "hello").await;
    app.llm.on_request(|request| (request.key.as_deref() == Some(KEY)).then_some(Fault::BadKey));
    assert!(app.ask(OLENA, "hello").await[0].starts_with("This account answers with its own key"));
}

#[tokio::test]
async fn a_model_that_its_server_does_not_know_is_not_replaced_by_the_operator_s() {
    let (app, account) = started().await;
    set(&app, account, Some(KEY), "gone").await;
    app.llm.on_request(|request| (request.model == "gone").then_some(Fault::UnknownModel));
    let said = app.ask(OLENA, "hello").await;
    assert!(said.len() == 1 && said[0].starts_with("127.0.0.1 does not know the model gone"), "{said:?}");
    assert_eq!(app.llm.requests().len(), 1);
}

#[tokio::test]
async fn a_server_that_is_not_public_is_not_called_even_if_it_got_into_the_table() {
    let (app, account) = started().await;
    let inside = FakeLlm::start().await;
    set(&app, account, Some(KEY), "own-model").await;
    sqlx::query("update account_models set base_url = $1, changed_at = now()")
        .bind(inside.base_url())
        .execute(&app.pool)
        .await
        .unwrap();
    let said = app.ask(OLENA, "hello").await;
    assert!(said[0].contains("I may not call its server"), "{said:?}");
    assert!(inside.requests().is_empty() && app.llm.requests().is_empty());
}

#[tokio::test]
async fn a_key_is_sent_to_no_server_but_the_one_that_it_was_entered_for() {
    let (app, account) = started().await;
    set(&app, account, Some(KEY), "own-model").await;
    let mut elsewhere = arguments(&app, account, None, "own-model");
    elsewhere["base_url"] = json!("https://elsewhere.example.com/v1");
    assert!(matches!(call(&app, Function::SetModel, elsewhere).await, Err(ApiError::Refused(_))));
    // Whoever can write to the database does not get it either: neither to another server nor into another account.
    assert!(register(&app, TARAS, "taras@example.com").await);
    let taras = account_of(&app, TARAS.id).await;
    sqlx::query(
        "insert into account_models select $1, api_key, key_hint, base_url, model, now() from account_models",
    )
    .bind(taras.0)
    .execute(&app.pool)
    .await
    .unwrap();
    app.ask(TARAS, "/model agree").await;
    assert!(app.ask(TARAS, "hello").await[0].contains("I cannot read its key any more"));
    sqlx::query("update account_models set base_url = base_url || '/x', changed_at = now()")
        .execute(&app.pool)
        .await
        .unwrap();
    app.ask(OLENA, "hello").await;
    assert!(app.llm.requests().is_empty());
}

#[tokio::test]
async fn what_is_shown_of_it_is_the_model_its_server_and_four_characters() {
    let (app, account) = started().await;
    set(&app, account, Some(KEY), "own-model").await;
    let said = app.ask(OLENA, "/model").await;
    assert!(
        said[0].starts_with("Model: own-model at 127.0.0.1, with this account's own key\n\nYou have agreed"),
        "{said:?}"
    );
    assert!(app.ask(OLENA, "/status").await[0].contains("\nModel: own-model at 127.0.0.1"));
    let shown = call(&app, Function::ModelOf, json!({"account": account.0})).await.unwrap();
    assert_eq!((&shown["model"], &shown["key_hint"]), (&json!("own-model"), &json!("7890")));
    assert_eq!(shown["base_url"], json!(app.llm.base_url()));
    assert!(shown.get("api_key").is_none());

    app.ask(OLENA, "/export").await;
    let export = app.telegram.sent_to(OLENA.id).into_iter().rfind(|sent| sent.document.is_some()).unwrap();
    let export = String::from_utf8(export.document.unwrap().bytes).unwrap();
    assert!(
        !export.contains("account_models") && !export.contains("7890\""),
        "the export holds the key's hint"
    );
    let kept: String = sqlx::query_scalar(
        "select string_agg(t::text, '') from (select encode(api_key, 'escape') from account_models) t",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    assert!(!kept.contains("olena"));
    let audit: Vec<Value> = sqlx::query_scalar("select details from audit_log where action = 'model_set'")
        .fetch_all(&app.pool)
        .await
        .unwrap();
    assert_eq!(audit, [json!({"person": 1, "new_key": true})]);
}

#[tokio::test]
async fn what_cannot_be_a_model_is_refused_and_changes_nothing() {
    let (app, account) = started().await;
    let good = arguments(&app, account, Some(KEY), "own-model");
    for (field, wrong) in [
        ("model", json!("")),
        ("model", json!("two words")),
        ("model", Value::Null),
        ("model", json!("x".repeat(201))),
        ("base_url", json!("file:///etc/passwd")),
        ("base_url", Value::Null),
        ("key_hint", json!("12345")),
        ("api_key", json!(KEY)),
        ("api_key", json!("")),
        ("api_key", json!("c2stb2Ytb2xlbmEtc2stb2Ytb2xlbmEtc2stb2Ytb2xlbmE=")),
        ("api_key", Value::Null),
    ] {
        let mut args = good.clone();
        args[field] = wrong.clone();
        let refused = call(&app, Function::SetModel, args).await.unwrap_err();
        assert!(
            matches!(&refused, ApiError::Refused(words) if !words.contains("7890")),
            "{field} {wrong}: {refused}"
        );
    }
    assert_eq!(app.count("select count(*) from account_models").await, 0);
    assert_eq!(app.count("select count(*) from audit_log where action like 'model%'").await, 0);
    // And a chat whose account has none is answered as ever.
    assert_eq!(app.ask(OLENA, "hello").await, ["You said: hello"]);
    assert_eq!(app.ask(OLENA, "/model").await, [texts::model("gpt-6-luna")]);
}
