//! `/export`: what is kept goes to the person, all of it, and to nobody else.

use std::time::Duration;

use serde_json::{Value, json};

use crate::{
    fakes::telegram::{Fault, Sent},
    support::{
        app::App,
        updates::{FAMILY, OLENA, TARAS, group},
    },
};
use brain::texts;

fn document(app: &App, chat: i64) -> Sent {
    app.telegram.sent_to(chat).into_iter().rfind(|sent| sent.document.is_some()).expect("a document")
}

fn read(sent: &Sent) -> Value {
    serde_json::from_slice(&sent.document.as_ref().unwrap().bytes).expect("JSON")
}

fn texts_of(part: &Value) -> Vec<&str> {
    part.as_array().unwrap().iter().map(|row| row["text"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn in_private_everything_of_the_chat_comes_as_one_file() {
    let app = App::start().await;
    app.ask(OLENA, "my cat is called \"Мурка\" \\ 🙈\n</html>").await;
    app.ask(OLENA, "/session long").await;
    assert_eq!(app.ask(OLENA, "/export").await, [texts::EXPORT_OF_PERSON]);
    let sent = document(&app, OLENA.id);
    assert_eq!(sent.document.as_ref().unwrap().name, "pykhbrain-export-2026-11-22.json");
    let export = read(&sent);
    assert_eq!(
        (&export["format"], &export["version"], &export["scope"], &export["exported_at"]),
        (&json!("pykhbrain-export"), &json!(1), &json!("private"), &json!("2026-11-22T12:00:00Z"))
    );
    assert_eq!(
        texts_of(&export["messages"]),
        ["my cat is called \"Мурка\" \\ 🙈\n</html>", "You said: my cat is called \"Мурка\" \\ 🙈\n</html>"]
    );
    let said = &export["messages"][0];
    assert_eq!((&said["role"], &said["speaker"]), (&json!("user"), &json!("Olena")));
    assert_eq!(said["said_at"], "2026-11-22T12:00:00+00:00");
    assert_eq!(export["chat"][0]["session_length"], "long");
    assert_eq!(export["account"][0]["temporary_until"], "2026-12-22T12:00:00+00:00");
    assert_eq!(export["model_calls"].as_array().unwrap().len(), 1);
    assert_eq!(export["received"].as_array().unwrap().len(), 3);
    assert!(texts_of(&export["sent"]).iter().any(|text| text.starts_with("Done: sessions are long")));
    assert_eq!(
        app.count("select count(*) from outgoing_messages where document::text like '%Мурка%'").await,
        0,
        "the outbox holds no copy"
    );
}

#[tokio::test]
async fn facts_come_with_their_past_and_their_sources_and_only_those_that_were_learned_here() {
    let app = App::start().await;
    app.ask(OLENA, "I live in Kyiv").await;
    app.ask(OLENA, "I have moved to Lviv").await;
    app.ask(TARAS, "I live in Odesa").await;
    sqlx::raw_sql(
        "insert into history_context (account_id, number, telegram_chat_id, scope, content, kind, about, fingerprint, valid_from)
         select account_id, case telegram_message_id when 1 then 2 else 1 end, telegram_chat_id, 'chat', 'Says: ' || content, 'person',
                'Olena', content, timestamp
         from chat_history where role = 'user' order by id;
         update history_context f set valid_to = '2026-11-23 00:00Z', superseded_by = n.id
         from history_context n where f.content like '%Kyiv' and n.content like '%Lviv';
         insert into fact_sources select f.id, h.id from history_context f join chat_history h on f.content = 'Says: ' || h.content;",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    app.ask(OLENA, "/export").await;
    let export = read(&document(&app, OLENA.id));
    let facts = export["facts"].as_array().unwrap();
    let (now, past) = (&facts[0], &facts[1]);
    assert_eq!(facts.len(), 2);
    assert_eq!((&now["text"], &now["valid_to"]), (&json!("Says: I have moved to Lviv"), &Value::Null));
    assert_eq!(
        (&past["text"], &past["valid_to"], &past["followed_by"]),
        (&json!("Says: I live in Kyiv"), &json!("2026-11-23T00:00:00+00:00"), &now["number"])
    );
    assert_eq!(past["sources"], json!([export["messages"][0]["id"]]));
    let rules = texts_of(&export["rules"]);
    assert_eq!(rules.len(), 3);
    assert!(!export.to_string().contains("Odesa"));
}

#[tokio::test]
async fn an_export_of_a_group_goes_to_who_asked_and_shows_the_group_nothing() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.ask(OLENA, "a secret of mine").await;
    app.ask(TARAS, "a secret of his").await;
    app.says_in(TARAS, &group(FAMILY), "the keys are under the mat", &json!({})).await;
    app.says_in(OLENA, &group(FAMILY), "/export", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY), [texts::EXPORT_WENT_TO_PRIVATE]);
    let sent = document(&app, OLENA.id);
    assert_eq!(sent.text, texts::EXPORT_OF_GROUP);
    let export = read(&sent);
    assert_eq!(export["scope"], "group");
    assert_eq!(texts_of(&export["messages"]), ["the keys are under the mat"]);
    let whole = String::from_utf8(sent.document.unwrap().bytes).unwrap();
    assert!(
        !whole.contains("secret") && !whole.contains("1001,\"kind\""),
        "nothing of another chat: {whole}"
    );
    for part in ["said_in_groups", "rules", "settings", "days"] {
        assert_eq!(export[part], json!([]), "{part} are the account's");
    }
}

#[tokio::test]
async fn in_a_group_it_is_for_administrators() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.ask(TARAS, "/start").await;
    app.says_in(TARAS, &group(FAMILY), "/export", &json!({})).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY), ["In a group, /export is for its administrators."]);
    assert!(app.telegram.sent_to(TARAS.id).iter().all(|sent| sent.document.is_none()));
}

#[tokio::test]
async fn who_cannot_be_reached_is_told_what_to_do() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), "/export", &json!({})).await;
    app.run_pending_jobs().await;
    let told = app.telegram.sent_to(FAMILY).pop().unwrap();
    assert!(told.text.starts_with("Olena, an export goes to your private chat"), "{}", told.text);
    let press = app.presses(OLENA, &told, texts::EXPORT_NOW).await;
    assert_eq!(app.toast(&press).await.as_deref(), Some(texts::EXPORT_CANNOT_REACH));
    app.run_pending_jobs().await;
    assert!(app.telegram.sent().iter().all(|sent| sent.document.is_none()));
    // Who speaks as the group is nobody that could be written to.
    let as_group = json!({"sender_chat": group(FAMILY), "from": {"id": 1_087_968_824, "is_bot": true, "first_name": "Group"}});
    app.says_in(OLENA, &group(FAMILY), "/export", &as_group).await;
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(FAMILY).pop().unwrap(), texts::EXPORT_IS_FOR_A_PERSON);
}

#[tokio::test]
async fn in_private_what_the_person_has_said_in_the_accounts_groups_comes_along() {
    let app = App::start().await;
    let another_group = FAMILY - 1;
    app.ask(OLENA, "in private").await;
    for (chat, text) in [(FAMILY, "in the family"), (another_group, "among friends")] {
        app.says_in(OLENA, &group(chat), text, &json!({})).await;
        app.says_in(TARAS, &group(chat), "of somebody else", &json!({})).await;
    }
    app.run_pending_jobs().await;
    // The family joins Olena's account, the friends stay on their own.
    for table in ["account_chats", "chat_history"] {
        let joins = format!(
            "update {table} set account_id = (select account_id from account_chats where telegram_chat_id = 1001) where telegram_chat_id = {FAMILY}"
        );
        sqlx::query(sqlx::AssertSqlSafe(joins)).execute(&app.pool).await.unwrap();
    }
    app.ask(OLENA, "/export").await;
    let export = read(&document(&app, OLENA.id));
    assert_eq!(texts_of(&export["said_in_groups"]), ["in the family"]);
    assert!(
        !export.to_string().contains("of somebody else") && !export.to_string().contains("among friends")
    );
}

#[tokio::test]
async fn a_file_keeps_to_the_order_and_the_waits_of_its_own_chat() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.ask(OLENA, "/start").await;
    app.telegram
        .fail_next_sends(OLENA.id, vec![Fault::TooManyRequests { retry_after: 2 }, Fault::ServerError]);
    app.says_in(OLENA, &group(FAMILY), "/export", &json!({})).await;
    app.run_pending_jobs().await;
    let tries = app.telegram.calls("sendDocument");
    assert_eq!(tries.len(), 3);
    assert!(tries[1].at - tries[0].at >= Duration::from_secs(2), "the chat was left alone meanwhile");
    assert_eq!(app.telegram.sent_to(OLENA.id).iter().filter(|sent| sent.document.is_some()).count(), 1);
    assert_eq!(app.ask(OLENA, "hello").await, ["You said: hello"]);
}

#[tokio::test]
async fn a_file_for_a_chat_that_is_being_answered_goes_out_all_the_same() {
    let app = App::start().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.ask(OLENA, "/start").await;
    // Both turns end at about the same moment, twenty times.
    for round in 1..=20 {
        app.says(OLENA, "hm").await;
        app.says_in(OLENA, &group(FAMILY), "/export", &json!({})).await;
        app.run_pending_jobs().await;
        let files = app.telegram.sent_to(OLENA.id).iter().filter(|sent| sent.document.is_some()).count();
        assert_eq!(files, round);
    }
}
