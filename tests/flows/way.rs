//! The way of a message, as inbox, model and outbox have noted it.

use brain::{db::way, ids::ChatId};

use crate::support::{app::App, updates::OLENA};

const BOT_ID: i64 = 4242;

#[tokio::test]
async fn question_and_answer_lead_to_the_same_way() {
    let app = App::start().await;
    app.llm.answer_with(|_| "Lviv it is.".into());
    app.ask(OLENA, "my train goes to Lviv").await;
    app.ask(OLENA, "where does it go?").await;
    let sent = app.telegram.sent_to(OLENA.id);
    let (first, second) = (sent[1].message_id, sent[2].message_id);

    let update = app.count("select max(update_id) from telegram_updates").await;
    let asked = way::of_update(&app.pool, BOT_ID, update).await.unwrap().expect("a way");
    let steps = asked.update.expect("the update");
    assert_eq!((steps.attempts, steps.outcome.as_deref(), steps.last_error), (1, Some("answered"), None));
    let [call] = &asked.calls[..] else { panic!("not one call: {:?}", asked.calls) };
    let [message] = &asked.sent[..] else { panic!("not one message: {:?}", asked.sent) };
    assert_eq!((call.outcome.as_str(), message.state.as_str(), message.characters), ("ok", "sent", 11));
    let times = [Some(steps.received_at), steps.taken_at, Some(call.ended_at), message.sent_at];
    assert!(times.iter().all(Option::is_some) && times.is_sorted(), "{times:?}");

    let answered = way::of_sent(&app.pool, ChatId(OLENA.id), second).await.unwrap().expect("a way");
    assert_eq!(answered.update.map(|steps| steps.update_id), Some(update));

    let prompt = call.prompt.as_ref().expect("a record");
    let recent: Vec<i64> = serde_json::from_value(prompt["short_term"].clone()).unwrap();
    assert_eq!(way::message_ids(&app.pool, ChatId(OLENA.id), &recent).await.unwrap(), [1, first]);
    assert!(
        way::message_ids(&app.pool, ChatId(7), &recent).await.unwrap().is_empty(),
        "another chat's messages"
    );
}

#[tokio::test]
async fn what_the_bot_says_by_itself_has_a_short_way_and_the_unknown_has_none() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    let welcome = app.telegram.sent_to(OLENA.id)[0].message_id;
    let way = way::of_sent(&app.pool, ChatId(OLENA.id), welcome).await.unwrap().expect("a way");
    assert!(way.update.is_none() && way.calls.is_empty());
    assert_eq!(way.sent.iter().map(|sending| sending.state.as_str()).collect::<Vec<_>>(), ["sent"]);
    assert!(way::of_sent(&app.pool, ChatId(OLENA.id), 99).await.unwrap().is_none());
    assert!(way::of_update(&app.pool, BOT_ID + 1, 1).await.unwrap().is_none(), "another bot's update");
}
