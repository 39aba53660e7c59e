//! What Telegram can refuse or break, and that nothing the model said is lost or sent out of order.

use std::time::Duration;

use crate::{
    fakes::telegram::Fault,
    support::{
        app::App,
        updates::{FAMILY, OLENA, group},
    },
};
use serde_json::json;

async fn started() -> App {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app
}

#[tokio::test]
async fn too_many_requests_is_obeyed_and_the_order_kept() {
    let app = started().await;
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::TooManyRequests { retry_after: 2 }]);
    for text in ["one", "two", "three"] {
        app.says(OLENA, text).await;
    }
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(OLENA.id)[1..], ["You said: one", "You said: two", "You said: three"]);
    let sends = app.telegram.calls("sendMessage");
    assert!(sends[2].at - sends[1].at >= Duration::from_secs(2), "the chat was left alone meanwhile");
}

#[tokio::test]
async fn markup_that_telegram_cannot_read_goes_out_as_plain_text() {
    let app = started().await;
    app.llm.answer_with(|_| "**bold** and `code`".into());
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::ParseError]);
    assert_eq!(app.ask(OLENA, "hi").await, ["bold and code"]);
    assert_eq!(app.telegram.sent_to(OLENA.id).last().unwrap().parse_mode, None);
}

#[tokio::test]
async fn who_blocks_the_bot_is_left_alone_until_they_come_back() {
    let app = started().await;
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::Forbidden("bot was blocked by the user")]);
    assert!(app.ask(OLENA, "bye").await.is_empty());
    assert_eq!(app.count("select count(*) from account_chats where is_active").await, 0);
    assert_eq!(app.ask(OLENA, "back again").await, ["You said: back again"]);
    assert_eq!(app.count("select count(*) from account_chats where is_active").await, 1);
}

#[tokio::test]
async fn blocking_and_unblocking_are_heard_of() {
    let app = started().await;
    let bot = json!({"id": 4242, "is_bot": true, "first_name": "PykhBrain"});
    for (status, active) in [("kicked", 0), ("member", 1)] {
        let change = json!({
            "chat": OLENA.chat(), "from": OLENA.json(), "date": 1,
            "old_chat_member": {"status": "member", "user": bot}, "new_chat_member": {"status": status, "user": bot},
        });
        app.deliver(&app.update("my_chat_member", &change)).await;
        app.run_pending_jobs().await;
        assert_eq!(app.count("select count(*) from account_chats where is_active").await, active, "{status}");
    }
}

#[tokio::test]
async fn a_group_that_has_moved_gets_its_answer_at_the_new_address() {
    let app = App::start().await;
    let new = -1_000_000_009_002_i64;
    app.telegram.fail_next_sends(FAMILY, vec![Fault::MigrateTo(new)]);
    app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot hello", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(new), ["You said: Olena: hello"]);
}

#[tokio::test]
async fn server_errors_and_cut_connections_lose_nothing() {
    let app = started().await;
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::ServerError, Fault::CutBeforeAccept]);
    app.says(OLENA, "one").await;
    app.says(OLENA, "two").await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(OLENA.id)[1..], ["You said: one", "You said: two"]);
}

#[tokio::test]
async fn a_message_that_telegram_will_never_take_does_not_block_the_chat() {
    let app = started().await;
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::BadRequest("TOPIC_CLOSED")]);
    app.says(OLENA, "one").await;
    app.says(OLENA, "two").await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(OLENA.id)[1..], ["You said: two"]);
    assert_eq!(
        app.count(
            "select count(*) from outgoing_messages where state = 'failed' and error like '%TOPIC_CLOSED%'"
        )
        .await,
        1
    );
}

#[tokio::test]
async fn a_long_answer_with_code_comes_whole_and_in_order() {
    let app = started().await;
    let code = (0..300).map(|n| format!("let line_{n} = \"<&> 🙈{n}\";")).collect::<Vec<_>>().join("\n");
    let prose = "Слово за словом, 🙂 emoji at the edge. ".repeat(120);
    let answer = format!("# Title\n\n{prose}\n\n```rust\n{code}\n```\n\nThe end.");
    assert!(answer.chars().count() > 10_000);
    app.llm.answer_with(move |_| answer.clone());
    let parts = app.ask(OLENA, "long please").await;
    assert!(parts.len() >= 3);
    assert!(parts.iter().all(|part| part.encode_utf16().count() <= 4096));
    let whole = parts.join("\n");
    for n in 0..300 {
        assert!(whole.contains(&format!("let line_{n} = \"<&> 🙈{n}\";")), "line {n} is there");
    }
    let words: Vec<&str> = whole.split_whitespace().collect();
    assert_eq!(words.join(" ").matches("emoji at the edge.").count(), 120);
    assert!(whole.ends_with("The end."));
    assert_eq!(
        app.telegram.calls("sendMessage").len(),
        app.telegram.sent().len(),
        "Telegram refused none of it"
    );
}

#[tokio::test]
async fn with_the_real_limits_on_no_refusal_is_earned() {
    let app = App::builder().with("TELEGRAM_RATE", "30").start().await;
    app.telegram.enforce_limits();
    for n in 0..6 {
        app.says(OLENA, &format!("{n}")).await;
        app.says_in(OLENA, &group(FAMILY), &format!("@pykhbrain_test_bot {n}"), &json!({})).await;
        for person in 0..10 {
            app.says(crate::support::updates::Person { id: 7000 + 10 * n + person, name: "Somebody" }, "hi")
                .await;
        }
    }
    app.run_pending_jobs().await;
    let breaches = app.telegram.limit_breaches();
    assert_eq!((breaches.overall, breaches.private_chat, breaches.group), (0, 0, 0));
    assert_eq!(app.telegram.sent().len(), 6 + 1 + 6 + 60 * 2);
}
