//! The commands, as people give them.

use brain::memory::SessionLength;
use chrono::Duration;
use serde_json::json;

use crate::support::{
    app::App,
    updates::{FAMILY, OLENA, TARAS, group},
};

#[tokio::test]
async fn an_unknown_command_names_the_nearest_one() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    assert_eq!(
        app.ask(OLENA, "/sesion").await,
        ["I do not know the command /sesion. Did you mean /session? All commands: /help"]
    );
    assert_eq!(app.ask(OLENA, "/xyzzy").await, ["I do not know the command /xyzzy. All commands: /help"]);
}

#[tokio::test]
async fn help_lists_every_command_that_telegram_was_told_of() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    let help = app.ask(OLENA, "/help").await.join("\n");
    let told = app.telegram.wait_for_calls(
        |calls| calls.iter().filter(|call| call.is_of("setMyCommands")).count() == 2,
        crate::support::app::PATIENCE,
    );
    told.await.unwrap();
    for call in app.telegram.calls("setMyCommands") {
        let commands = call.form.json("commands").unwrap();
        assert!(commands.as_array().unwrap().len() > 5);
        for command in commands.as_array().unwrap() {
            let line = format!(
                "/{} - {}",
                command["command"].as_str().unwrap(),
                command["description"].as_str().unwrap()
            );
            assert!(help.contains(&line), "{line} is not in the help");
        }
    }
}

#[tokio::test]
async fn clear_empties_the_prompt_but_deletes_nothing() {
    let app = App::start().await;
    app.ask(OLENA, "my cat is called Murka").await;
    assert_eq!(
        app.ask(OLENA, "/clear").await,
        [
            "Cleared: 2 messages left short-term and mid-term memory, and I start afresh. Nothing is deleted; whole history still has every message."
        ]
    );
    // Soon after, when it would be in short-term, and after the session, when it would be recalled.
    for hours in [0, 7] {
        app.clock.advance(Duration::hours(hours));
        app.ask(OLENA, "what is my cat called, Murka or so?").await;
        let prompt = app.last_prompt();
        assert!(!prompt.contains("my cat is called Murka"), "nothing from before the clear mark: {prompt}");
    }
    assert!(app.ask(OLENA, "/wholehistory").await[0].contains("Total: 6 messages"));
    assert!(app.ask(OLENA, "/shortterm").await[0].contains("Total: 2 messages"));
}

#[tokio::test]
async fn a_session_ends_to_the_second() {
    let app = App::start().await;
    for (length, hours) in [(SessionLength::Short, 3), (SessionLength::Medium, 6), (SessionLength::Long, 12)]
    {
        let set = app.ask(OLENA, &format!("/session {}", length.name())).await;
        assert!(set.last().unwrap().contains(&format!("the last {hours} hours")), "{set:?}");
        let marker = format!("zzmark{hours}");
        app.ask(OLENA, &marker).await;
        app.clock.advance(Duration::hours(hours) - Duration::seconds(1));
        app.ask(OLENA, "hm?").await;
        assert!(app.last_prompt().contains(&marker), "{hours} h: one second before the end it is there");
        app.clock.advance(Duration::seconds(1));
        app.ask(OLENA, "hm?").await;
        assert!(!app.last_prompt().contains(&format!("user: {marker}")), "{hours} h: at the end it has gone");
        app.ask(OLENA, "/clear").await;
    }
    assert!(app.ask(OLENA, "/session forever").await[0].contains("I do not know the session length"));
}

#[tokio::test]
async fn status_model_and_account_say_what_holds() {
    let app = App::builder().with("OPENAI_MODEL", "some-model").start().await;
    app.ask(OLENA, "hi").await;
    let status = app.ask(OLENA, "/status").await.join("\n");
    for line in [
        "Account: temporary, until 22 December 2026",
        "Model: some-model",
        "Session: medium (6 hours)",
        "Today: 1 of 200 answers, ",
        " of 200000 tokens",
    ] {
        assert!(status.contains(line), "{status}");
    }
    assert_eq!(app.ask(OLENA, "/model").await, ["Model: some-model"]);
    assert_eq!(app.ask(OLENA, "/account_id").await, ["Account 1 (temporary), chat 1001"]);
}

#[tokio::test]
async fn shortterm_of_a_chat_without_messages_says_so() {
    let app = App::start().await;
    assert!(app.ask(OLENA, "/shortterm").await.last().unwrap().contains("is empty"));
}

#[tokio::test]
async fn in_a_group_what_changes_things_is_for_administrators() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(TARAS, &group(FAMILY), "/clear", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY), ["In a group, /clear is for its administrators."]);
    app.says_in(OLENA, &group(FAMILY), "/session@pykhbrain_test_bot long", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.seen_in(FAMILY)[1].starts_with("Done: sessions are long"));
    app.says_in(TARAS, &group(FAMILY), "/session@another_bot short", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY).len(), 2, "that was another bot's");
}

#[tokio::test]
async fn the_day_of_a_temporary_account_has_its_limits() {
    let app = App::builder().with("TEMP_DAILY_MESSAGES", "2").start().await;
    app.ask(OLENA, "one").await;
    app.ask(OLENA, "two").await;
    let third = app.ask(OLENA, "three").await;
    assert!(third[0].contains("2 answers") && third[0].contains("after midnight UTC"), "{third:?}");
    assert_eq!(app.llm.requests().len(), 2);
    app.clock.advance(Duration::hours(13));
    assert_eq!(app.ask(OLENA, "four").await, ["You said: four"]);
    assert!(
        app.ask(OLENA, "/wholehistory").await[0].contains("From people: 4"),
        "what was not answered is kept all the same"
    );
}

#[tokio::test]
async fn the_tokens_of_a_temporary_account_have_a_limit_too() {
    let app = App::builder().with("TEMP_DAILY_TOKENS", "100").start().await;
    app.ask(OLENA, "one").await;
    assert!(app.ask(OLENA, "two").await[0].contains("100 tokens"));
}

#[tokio::test]
async fn chats_that_are_not_allowed_are_not_remembered() {
    let app = App::builder().with("ALLOWED_CHATS", "1001").start().await;
    app.ask(OLENA, "hi").await;
    assert!(app.ask(TARAS, "hi").await.is_empty());
    assert_eq!(
        app.ask(TARAS, "/start").await,
        ["This bot answers only in chats that its operator has allowed. This chat's id is 1002."]
    );
    assert_eq!(app.count("select count(*) from accounts").await, 1);
    assert_eq!(app.count("select count(*) from chat_history where telegram_chat_id = 1002").await, 0);
}
