//! The first words between a person and the bot.

use serde_json::json;

use crate::support::{
    app::App,
    updates::{FAMILY, OLENA, TARAS, group},
};

#[tokio::test]
async fn the_first_message_is_welcomed_and_then_answered() {
    let app = App::start().await;
    app.llm.answer_with(|_| "Hello Olena!".into());
    let seen = app.ask(OLENA, "hi, I'm Olena").await;
    insta::assert_snapshot!(seen.join("\n---\n"), @r"
    Welcome! 👋 I'm PykhBrain Bot. To get started, you have two options:

    1️⃣ Quick Start: Just start chatting! I'll create a temporary account linked to this chat.
    2️⃣ Full Access: Type /register to create a permanent account with:
       - Web dashboard access
       - Multiple chat groups
       - Persistent settings
       - Advanced features

    A temporary account does everything in this one chat and is kept for 30 days.
    ---
    Hello Olena!
    ");
    assert_eq!(app.ask(OLENA, "again").await, ["Hello Olena!"], "the welcome comes once");
}

#[tokio::test]
async fn the_welcome_does_not_wait_for_the_model() {
    let app = App::start().await;
    app.llm.hold();
    app.says(OLENA, "hi").await;
    app.llm.wait_for(|requests| requests.len() == 1, crate::support::app::PATIENCE).await.unwrap();
    assert_eq!(app.seen_in(OLENA.id).len(), 1);
    app.llm.release();
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(OLENA.id).len(), 2);
}

#[tokio::test]
async fn start_with_a_deep_link_welcomes_once() {
    let app = App::start().await;
    let seen = app.ask(OLENA, "/start invite_42").await;
    assert_eq!(seen.len(), 1);
    assert!(seen[0].starts_with("Welcome!"));
    assert!(app.llm.requests().is_empty());
}

#[tokio::test]
async fn a_chat_gets_a_temporary_account_of_thirty_days() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    let days = "select extract(day from expires_at - created_at)::bigint from temporary_accounts";
    assert_eq!(app.count(days).await, 30);
    assert_eq!(app.count("select count(*) from accounts").await, 1);
}

#[tokio::test]
async fn added_to_a_group_it_says_what_it_remembers_and_how_to_ask_for_less() {
    let app = App::start().await;
    let bot = json!({"id": 4242, "is_bot": true, "first_name": "PykhBrain"});
    let change = json!({
        "chat": group(FAMILY), "from": OLENA.json(), "date": app.now().timestamp(),
        "old_chat_member": {"status": "left", "user": bot}, "new_chat_member": {"status": "member", "user": bot},
    });
    app.deliver(&app.update("my_chat_member", &change)).await;
    app.run_pending_jobs().await;
    let seen = app.seen_in(FAMILY);
    assert_eq!(seen.len(), 1);
    assert!(seen[0].contains("remember") && seen[0].contains("/clear"), "{seen:?}");

    app.says_in(TARAS, &group(FAMILY), "who are you, bot?", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY).len(), 1, "nobody spoke to it");
}
