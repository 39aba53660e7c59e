//! Nothing of one account in another's prompt, and nothing of a private chat anywhere else.

use serde_json::json;

use crate::support::{
    app::App,
    updates::{FAMILY, OLENA, TARAS, group},
};

#[tokio::test]
async fn what_is_said_in_one_chat_is_in_no_other_chats_prompt() {
    let app = App::start().await;
    say_secrets(&app).await;
    only_its_own(&app).await;
}

#[tokio::test]
async fn chats_of_one_account_do_not_tell_each_other_either() {
    let app = App::start().await;
    say_secrets(&app).await;
    for join in [
        "update account_chats set account_id = (select min(id) from accounts)",
        "update chat_history set account_id = (select min(id) from accounts)",
    ] {
        sqlx::query(join).execute(&app.pool).await.unwrap();
    }
    only_its_own(&app).await;
}

/// Each chat hears a word of its own, and words that all have in common.
async fn say_secrets(app: &App) {
    app.ask(OLENA, "my secret word is zzolena, the birthday is in May").await;
    app.ask(TARAS, "my secret word is zztaras, the birthday is in June").await;
    app.says_in(
        OLENA,
        &group(FAMILY),
        "@pykhbrain_test_bot secret word of the family: zzfamily, birthday in July",
        &json!({}),
    )
    .await;
    app.run_pending_jobs().await;
}

/// Asks in each chat, and sees that its prompt holds what was said there and nothing else.
async fn only_its_own(app: &App) {
    // Long enough that it is recalled from whole history, and soon enough that it is in short-term, both.
    for hours in [0, 24] {
        app.clock.advance(chrono::Duration::hours(hours));
        let question = "which secret word, and when is the birthday?";
        for (ask, own) in [(OLENA, "zzolena"), (TARAS, "zztaras")] {
            app.ask(ask, question).await;
            let prompt = app.last_prompt();
            assert!(prompt.contains(own), "after {hours} h {own} is remembered: {prompt}");
            for other in ["zzolena", "zztaras", "zzfamily"].into_iter().filter(|word| *word != own) {
                assert!(!prompt.contains(other), "{other} in the prompt of {own}: {prompt}");
            }
        }
        app.says_in(TARAS, &group(FAMILY), &format!("@pykhbrain_test_bot {question}"), &json!({})).await;
        app.run_pending_jobs().await;
        let prompt = app.last_prompt();
        assert!(
            prompt.contains("zzfamily") && !prompt.contains("zztaras") && !prompt.contains("zzolena"),
            "{prompt}"
        );
    }
}
