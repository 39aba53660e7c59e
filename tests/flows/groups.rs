//! Groups, topics, edits, replies, forwards and media.

use serde_json::json;

use crate::support::{
    app::App,
    updates::{FAMILY, OLENA, TARAS, group},
};

#[tokio::test]
async fn in_a_group_it_remembers_everybody_and_answers_who_speaks_to_it() {
    let app = App::start().await;
    app.says_in(TARAS, &group(FAMILY), "I will bring the cake", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.llm.requests().is_empty() && app.seen_in(FAMILY).is_empty());

    let asked =
        app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot who brings the cake?", &json!({})).await;
    app.run_pending_jobs().await;
    let prompt = app.last_prompt();
    assert!(prompt.contains("Taras: I will bring the cake"), "{prompt}");
    assert!(prompt.ends_with("Olena: who brings the cake?"), "{prompt}");
    let sent = app.telegram.sent_to(FAMILY);
    assert_eq!(sent.len(), 1);
    assert_eq!(sent[0].reply_to, Some(asked), "in a group the answer shows what it answers");
}

#[tokio::test]
async fn a_reply_to_the_bot_is_meant_for_it_and_brings_its_quote() {
    let app = App::start().await;
    let bot =
        json!({"id": 4242, "is_bot": true, "first_name": "PykhBrain", "username": "pykhbrain_test_bot"});
    let reply = json!({"reply_to_message": {"message_id": 7, "from": bot, "chat": group(FAMILY), "date": 1, "text": "Shall I?"}});
    app.says_in(OLENA, &group(FAMILY), "yes please", &reply).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY).len(), 1);
    assert!(app.last_prompt().contains("Shall I?"), "{}", app.last_prompt());
}

#[tokio::test]
async fn a_group_can_ask_for_answers_to_everything() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), "/respond all", &json!({})).await;
    app.says_in(TARAS, &group(FAMILY), "nice weather", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY)[1], "You said: Taras: nice weather");
}

#[tokio::test]
async fn topics_are_conversations_of_their_own_and_answered_in_their_topic() {
    let app = App::start().await;
    let forum =
        json!({"id": -1_000_000_002_001_i64, "type": "supergroup", "title": "Forum", "is_forum": true});
    let topic = |id: i64| json!({"message_thread_id": id, "is_topic_message": true});
    app.says_in(OLENA, &forum, "@pykhbrain_test_bot zzsoup", &topic(11)).await;
    app.says_in(TARAS, &forum, "@pykhbrain_test_bot zzbread", &topic(12)).await;
    app.run_pending_jobs().await;
    let sent = app.telegram.sent_to(-1_000_000_002_001);
    assert_eq!(sent.iter().map(|sent| sent.thread_id).collect::<Vec<_>>(), [Some(11), Some(12)]);
    assert!(!app.last_prompt().contains("zzsoup"), "the other topic's words: {}", app.last_prompt());
}

#[tokio::test]
async fn an_edit_replaces_what_was_said() {
    let app = App::start().await;
    let id = app.says(OLENA, "we meet on zzmonday").await;
    app.run_pending_jobs().await;
    let mut message = app.message(OLENA, &OLENA.chat(), "we meet on zztuesday", &json!({"edit_date": 1}));
    message["message_id"] = json!(id);
    app.deliver(&app.update("edited_message", &message)).await;
    app.ask(OLENA, "when?").await;
    let prompt = app.last_prompt();
    assert!(
        prompt.contains("user: we meet on zztuesday") && !prompt.contains("user: we meet on zzmonday"),
        "{prompt}"
    );
}

#[tokio::test]
async fn a_forward_is_not_taken_for_the_forwarders_words() {
    let app = App::start().await;
    let origin = json!({"forward_origin": {"type": "hidden_user", "sender_user_name": "Ihor", "date": 1}});
    app.says_in(OLENA, &OLENA.chat(), "I hate cats", &origin).await;
    app.run_pending_jobs().await;
    assert!(app.last_prompt().contains("[forwarded, written by Ihor] I hate cats"), "{}", app.last_prompt());
}

#[tokio::test]
async fn a_caption_counts_as_text_and_media_without_one_gets_an_honest_word() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    let photo = json!({"text": null, "entities": null, "caption": "the new desk", "photo": [{"file_id": "f", "width": 1, "height": 1}]});
    app.says_in(OLENA, &OLENA.chat(), "", &photo).await;
    app.run_pending_jobs().await;
    assert!(app.last_prompt().ends_with("[photo] the new desk"), "{}", app.last_prompt());

    let voice = json!({"text": null, "entities": null, "voice": {"file_id": "v", "duration": 3}});
    app.says_in(OLENA, &OLENA.chat(), "", &voice).await;
    app.run_pending_jobs().await;
    assert!(
        app.seen_in(OLENA.id)
            .last()
            .unwrap()
            .starts_with("This is a voice message, and I can read only text")
    );
    assert_eq!(app.llm.requests().len(), 1);
}

#[tokio::test]
async fn typing_shows_while_the_model_works_and_never_stands_in_its_way() {
    let app = App::start().await;
    app.telegram.fail_next_calls("sendChatAction", vec![crate::fakes::telegram::Fault::Hang]);
    app.llm.set_latency(std::time::Duration::from_millis(1200));
    app.ask(OLENA, "hi").await;
    assert_eq!(app.telegram.typing_count(OLENA.id), 1);
    assert_eq!(app.seen_in(OLENA.id).last().unwrap(), "You said: hi");
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_keeps_its_memory() {
    let app = App::start().await;
    let new = -1_000_000_009_001_i64;
    app.says_in(TARAS, &group(FAMILY), "the cake is zzchocolate", &json!({})).await;
    app.run_pending_jobs().await;
    app.says_in(OLENA, &group(FAMILY), "", &json!({"text": null, "migrate_to_chat_id": new})).await;
    app.says_in(OLENA, &group(new), "", &json!({"text": null, "migrate_from_chat_id": FAMILY})).await;
    app.says_in(OLENA, &group(new), "@pykhbrain_test_bot which cake?", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.last_prompt().contains("Taras: the cake is zzchocolate"), "{}", app.last_prompt());
    assert_eq!(app.count("select count(*) from accounts").await, 1);
}
