//! The methods in a sandbox that knows whom it knows.

use serde_json::{Value, json};

use super::messages::NOT_MODIFIED;
use crate::{
    chats::{Event, Place},
    commands::BotCommand,
    form::Form,
    objects::Bot,
    people::{ChatKind, first_chats},
    sandbox::{Change, Done, Sandbox},
};

const BOT: Bot = Bot { id: 1, name: "PykhBrain", username: "pykhbrain_local_bot" };

struct Server {
    sandbox: Sandbox,
}

impl Server {
    fn start() -> Self {
        let mut sandbox = Sandbox::default();
        for chat in first_chats() {
            sandbox.apply(Change::Event(Event::Chat(chat)));
        }
        Self { sandbox }
    }

    fn call(&mut self, method: &str, params: &Value) -> Result<Value, String> {
        let form = Form::read("", "application/json", params.to_string().as_bytes()).expect("JSON");
        let done = self.sandbox.perform(&BOT, method, &form, 1_795_363_200_123);
        let Done { result, change } = done.map_err(|error| error.description().to_owned())?;
        if let Some(change) = change {
            self.sandbox.apply(change);
        }
        Ok(result)
    }
}

#[test]
fn a_message_is_answered_as_telegram_answers_and_is_there() {
    let mut server = Server::start();
    let params = json!({"chat_id": "-2001", "text": " <b>hi</b> 1 &lt; 2", "parse_mode": "HTML", "message_thread_id": 7});
    let sent = server.call("sendmessage", &params).expect("a message");
    assert_eq!(sent["text"], "hi 1 < 2");
    assert_eq!(sent["entities"], json!([{"type": "bold", "offset": 0, "length": 2}]));
    assert_eq!(
        (&sent["chat"]["title"], &sent["from"]["is_bot"], &sent["message_thread_id"]),
        (&json!("Family group"), &json!(true), &json!(7))
    );
    let kept = server
        .sandbox
        .chats
        .message(-2001, sent["message_id"].as_i64().expect("an id"))
        .expect("the message");
    assert_eq!((kept.from_id, kept.text.as_str()), (BOT.id, "hi 1 < 2"));
}

#[test]
fn what_telegram_refuses_is_refused_in_its_words() {
    let mut server = Server::start();
    for (params, reason) in [
        (json!({"chat_id": 5, "text": "hi"}), "Bad Request: chat not found"),
        (json!({"chat_id": 1001, "text": " "}), "Bad Request: message text is empty"),
        (json!({"chat_id": 1001, "text": "🙈".repeat(2049)}), "Bad Request: message is too long"),
        (
            json!({"chat_id": 1001, "text": "<b>hi", "parse_mode": "HTML"}),
            "Bad Request: can't parse entities: Can't find end tag corresponding to start tag \"b\"",
        ),
        (
            json!({"chat_id": 1001, "text": "hi", "reply_parameters": {"message_id": 9}}),
            "Bad Request: message to be replied not found",
        ),
    ] {
        assert_eq!(server.call("sendmessage", &params), Err(reason.to_owned()), "{params}");
    }
    assert!(server.sandbox.chats.rooms.iter().all(|room| room.messages.is_empty()));
    assert_eq!(server.call("getupdates", &json!({})), Err("Not Found".to_owned()));
}

#[test]
fn a_reply_to_what_is_gone_is_sent_without_it_where_that_is_allowed() {
    let mut server = Server::start();
    let reply = json!({"message_id": 9, "allow_sending_without_reply": true});
    let sent = server.call("sendmessage", &json!({"chat_id": 1001, "text": "hi", "reply_parameters": reply}));
    let sent = sent.expect("a message")["message_id"].as_i64().expect("an id");
    assert_eq!(server.sandbox.chats.message(1001, sent).expect("the message").reply_to, None);
    let reply = json!({"message_id": sent});
    let second =
        server.call("sendmessage", &json!({"chat_id": 1001, "text": "hi", "reply_parameters": reply}));
    let second = second.expect("a message")["message_id"].as_i64().expect("an id");
    assert_eq!(server.sandbox.chats.message(1001, second).expect("the message").reply_to, Some(sent));
}

#[test]
fn only_the_bots_own_words_can_be_edited_by_it() {
    let mut server = Server::start();
    let sent = server.call("sendmessage", &json!({"chat_id": 1001, "text": "hi"})).expect("a message");
    let edit = json!({"chat_id": 1001, "message_id": sent["message_id"], "text": "<i>hello</i>", "parse_mode": "html"});
    assert_eq!(server.call("editmessagetext", &edit).expect("a message")["text"], "hello");
    let place = Place { chat_id: 1001, message_id: sent["message_id"].as_i64().expect("an id") };
    let mut message =
        server.sandbox.chats.message(place.chat_id, place.message_id).expect("the message").clone();
    assert_eq!((message.text.as_str(), message.edited_at.is_some()), ("hello", true));
    message.from_id = 1001;
    server.sandbox.apply(Change::Event(Event::Edited(message)));
    assert_eq!(server.call("editmessagetext", &edit), Err("Bad Request: message can't be edited".to_owned()));
}

#[test]
fn keys_stand_under_a_message_until_they_are_taken_away() {
    let mut server = Server::start();
    let keys = |data: &str| json!({"inline_keyboard": [[{"text": "Keep", "callback_data": data}]]});
    let mut params = json!({"chat_id": 1001, "text": "I will remember", "reply_markup": keys("keep:7")});
    let sent = server.call("sendmessage", &params).expect("a message");
    assert_eq!(sent["reply_markup"], keys("keep:7"));
    let place = json!({"chat_id": 1001, "message_id": sent["message_id"]});
    let bare = server.call("editmessagereplymarkup", &place).expect("a message");
    assert_eq!(bare["reply_markup"], Value::Null);
    let again = server.call("editmessagereplymarkup", &place);
    assert_eq!(again, Err(format!("Bad Request: {NOT_MODIFIED}")));
    params["reply_markup"] = keys(&"x".repeat(65));
    let refused = server.call("sendmessage", &params);
    assert_eq!(refused, Err("Bad Request: BUTTON_DATA_INVALID".to_owned()));
}

#[test]
fn a_groups_first_person_has_made_it() {
    let mut server = Server::start();
    let mut status = |chat_id, user_id| {
        let member = server.call("getchatmember", &json!({"chat_id": chat_id, "user_id": user_id}));
        member.map(|member| member["status"].as_str().unwrap_or_default().to_owned())
    };
    assert_eq!(status(-2001, 1001).as_deref(), Ok("creator"));
    assert_eq!(status(-2001, 1002).as_deref(), Ok("member"));
    assert_eq!(status(1001, 1001).as_deref(), Ok("member"));
    assert!(status(1001, 1002).is_err());
}

#[test]
fn commands_are_kept_by_the_kind_of_chat() {
    let mut server = Server::start();
    let mut set = |command: &str, scope: Value| {
        let params = json!({"commands": [{"command": command, "description": "?"}], "scope": scope});
        server.call("setmycommands", &params).expect("to be taken");
        let names =
            |commands: &[BotCommand]| commands.iter().map(|one| one.command.clone()).collect::<Vec<_>>();
        (
            names(server.sandbox.commands.in_chats(ChatKind::Private)),
            names(server.sandbox.commands.in_chats(ChatKind::Group)),
        )
    };
    assert_eq!(set("a", Value::Null), (vec!["a".into()], vec!["a".into()]));
    assert_eq!(set("b", json!({"type": "all_group_chats"})), (vec!["a".into()], vec!["b".into()]));
    assert_eq!(set("c", json!({"type": "all_private_chats"})), (vec!["c".into()], vec!["b".into()]));
}
