//! Keys under messages, and what comes of pressing them.

use serde_json::json;

use crate::{
    fakes::telegram::{Fault, Sent},
    support::{
        app::{App, PATIENCE},
        updates::{FAMILY, OLENA, TARAS, group},
    },
};
use brain::texts;

/// A group whose administrator Olena has asked for an export, and whom the bot cannot reach in private.
async fn asked_in_the_group() -> (App, Sent) {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), "/export", &json!({})).await;
    app.run_pending_jobs().await;
    let message = app.telegram.sent_to(FAMILY).pop().expect("an answer");
    assert!(message.key(texts::EXPORT_NOW).is_some(), "{message:?}");
    (app, message)
}

fn documents(app: &App, chat: i64) -> usize {
    app.telegram.sent_to(chat).iter().filter(|sent| sent.document.is_some()).count()
}

#[tokio::test]
async fn a_key_pressed_three_times_does_its_work_once_and_goes_away() {
    let (app, message) = asked_in_the_group().await;
    app.ask(OLENA, "/start").await;
    let mut presses = Vec::new();
    for _ in 0..3 {
        presses.push(app.presses(OLENA, &message, texts::EXPORT_NOW).await);
    }
    app.run_pending_jobs().await;
    assert_eq!(documents(&app, OLENA.id), 1);
    assert_eq!(app.toast(&presses[0]).await.as_deref(), Some(texts::EXPORT_IS_ON_ITS_WAY));
    assert_eq!(app.toast(&presses[1]).await.as_deref(), Some(texts::BUTTON_WAS_PRESSED));
    assert_eq!(app.toast(&presses[2]).await.as_deref(), Some(texts::BUTTON_WAS_PRESSED));
    let removed = |sent: &[Sent]| {
        sent.iter().any(|sent| sent.message_id == message.message_id && sent.reply_markup.is_none())
    };
    app.telegram.wait_for(removed, PATIENCE).await.expect("the keys go");
    assert_eq!(app.count("select count(*) from telegram_updates where outcome = 'button'").await, 3);
}

#[tokio::test]
async fn the_same_press_delivered_three_times_does_its_work_once() {
    let (app, message) = asked_in_the_group().await;
    app.ask(OLENA, "/start").await;
    let data = message.key(texts::EXPORT_NOW).unwrap();
    let press =
        crate::support::updates::press(1, OLENA, &group(FAMILY), (message.message_id, &message.text), data);
    let update = app.update("callback_query", &press);
    for _ in 0..3 {
        app.deliver(&update).await;
        app.run_pending_jobs().await;
    }
    app.toast("press-1").await;
    assert_eq!(documents(&app, OLENA.id), 1);
    assert_eq!(app.telegram.calls("answerCallbackQuery").len(), 1);
}

#[tokio::test]
async fn who_presses_is_asked_not_who_was_answered() {
    let (app, message) = asked_in_the_group().await;
    app.ask(TARAS, "/start").await;
    let press = app.presses(TARAS, &message, texts::EXPORT_NOW).await;
    assert_eq!(app.toast(&press).await.as_deref(), Some(texts::BUTTON_IS_FOR_ADMINISTRATORS));
    app.run_pending_jobs().await;
    assert_eq!(documents(&app, TARAS.id), 0);
    app.ask(OLENA, "/start").await;
    app.presses(OLENA, &message, texts::EXPORT_NOW).await;
    app.run_pending_jobs().await;
    assert_eq!(documents(&app, OLENA.id), 1, "the keys were still there for those whom they are for");
}

#[tokio::test]
async fn a_key_that_nobody_knows_any_more_says_so() {
    let (app, message) = asked_in_the_group().await;
    let press = app.presses_data(OLENA, &message, "teleport:7").await;
    assert_eq!(app.toast(&press).await.as_deref(), Some(texts::BUTTON_IS_TOO_OLD));
    let forgotten = Sent { message_id: 5, ..message };
    let press = app.presses_data(OLENA, &forgotten, "export").await;
    assert_eq!(app.toast(&press).await.as_deref(), Some(texts::BUTTON_IS_TOO_OLD));
}

#[tokio::test]
async fn data_that_stands_under_no_key_of_the_message_does_nothing() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.ask(OLENA, "/start").await;
    app.says_in(OLENA, &group(FAMILY), "/status", &json!({})).await;
    app.run_pending_jobs().await;
    let without_keys = app.telegram.sent_to(FAMILY).pop().unwrap();
    let press = app.presses_data(OLENA, &without_keys, "export").await;
    assert_eq!(app.toast(&press).await.as_deref(), Some(texts::BUTTON_WAS_PRESSED));
    app.run_pending_jobs().await;
    assert_eq!(documents(&app, OLENA.id), 0);
}

#[tokio::test]
async fn a_confirmation_that_telegram_refuses_holds_nothing_up() {
    let (app, message) = asked_in_the_group().await;
    app.ask(OLENA, "/start").await;
    app.telegram.fail_next_calls("answerCallbackQuery", vec![Fault::Hang]);
    app.telegram
        .fail_next_calls("editMessageReplyMarkup", vec![Fault::BadRequest("message can't be edited")]);
    app.presses(OLENA, &message, texts::EXPORT_NOW).await;
    app.run_pending_jobs().await;
    assert_eq!(documents(&app, OLENA.id), 1);
    assert_eq!(app.ask(OLENA, "hello").await, ["You said: hello"]);
}
