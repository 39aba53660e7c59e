//! The Bot API, <https://core.telegram.org/bots/api#available-methods>: what the product calls, as Telegram would answer.

use salvo::{
    http::{StatusCode, mime},
    prelude::*,
};
use serde_json::{Value, json};

use telegram_sandbox::{
    chats::{Chat, ChatKind, Document, Event, Message},
    entities::{Entity, utf16_len},
    html,
    keyboard::Keyboard,
    objects,
    say::MOST_UNITS,
};

use super::{
    BOT, Playground,
    state::{BotCommand, Commands, News, State, Toast, Typing},
};

/// The longest text with its markup, escaped, and what else a call holds.
const MAX_BODY: usize = 1024 * 1024;
/// Telegram's 50 MB for files, and what a form has around them.
const MAX_UPLOAD: usize = 51 * 1024 * 1024;
/// An edit that changes nothing.
const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
/// The longest caption, <https://core.telegram.org/bots/api#senddocument>.
const MOST_CAPTION_UNITS: usize = 1024;

/// `POST telegram/bot1:local/METHOD`.
pub(super) struct BotApi(pub(super) Playground);

/// Telegram's no.
#[derive(Debug, PartialEq, Eq)]
struct ApiError {
    code: u16,
    description: String,
}

#[handler]
impl BotApi {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let bot = request.param::<String>("bot").unwrap_or_default();
        let method = request.param::<String>("method").unwrap_or_default().to_ascii_lowercase();
        let answer = if bot.strip_prefix("bot") == Some(Playground::TOKEN) {
            let call = read(request).await;
            perform(&mut self.0.state(), self.0.now(), &method, &call)
        } else {
            Err(error(401, "Unauthorized"))
        };
        match answer {
            Ok(result) => response.render(Json(json!({"ok": true, "result": result}))),
            Err(ApiError { code, description }) => {
                response.status_code(StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST));
                response.render(Json(json!({"ok": false, "error_code": code, "description": description})));
            }
        }
    }
}

/// What a call brings.
#[derive(Debug, Default)]
struct Call {
    params: Value,
    document: Option<Upload>,
}

/// A file on its way to a chat.
#[derive(Debug)]
struct Upload {
    name: String,
    bytes: Vec<u8>,
}

/// Reads the two encodings that the product uses. What cannot be read is as if it were absent.
async fn read(request: &mut Request) -> Call {
    if request.content_type().is_none_or(|kind| kind.subtype() != mime::FORM_DATA) {
        let body = request.payload_with_max_size(MAX_BODY).await.map(|body| serde_json::from_slice(body));
        return Call { params: body.ok().and_then(Result::ok).unwrap_or_default(), document: None };
    }
    request.set_secure_max_size(MAX_UPLOAD);
    let Ok(form) = request.form_data().await else { return Call::default() };
    let params = form.fields.iter().map(|(name, text)| (name.clone(), json!(text))).collect();
    let document = form.files.get("document").and_then(|file| {
        let name = file.name().unwrap_or("file").to_owned();
        Some(Upload { name, bytes: std::fs::read(file.path()).ok()? })
    });
    Call { params, document }
}

/// Does what a call asks for. `method` is in lower case.
fn perform(state: &mut State, now: i64, method: &str, call: &Call) -> Result<Value, ApiError> {
    let params = &call.params;
    match method {
        "getme" => Ok(BOT.object()),
        "sendmessage" => send_message(state, now, params),
        "senddocument" => send_document(state, now, call),
        "editmessagereplymarkup" => edit_message_reply_markup(state, params),
        "answercallbackquery" => answer_callback_query(state, params),
        "editmessagetext" => edit_message_text(state, now, params),
        "sendchataction" => with_chat(state, params, |_| ()).map(|()| {
            let (chat_id, thread_id) =
                (integer(params, "chat_id").unwrap_or(0), integer(params, "message_thread_id"));
            state.tell(News::Typing(Typing { chat_id, thread_id }));
            json!(true)
        }),
        "getchatmember" => with_chat(state, params, |chat| member(chat, integer(params, "user_id")))?,
        "setmycommands" => {
            set_commands(&mut state.commands, params);
            state.tell(News::Commands(state.commands.clone()));
            Ok(json!(true))
        }
        // Updates do not come by webhook here, so there is none to set or to take away.
        "setwebhook" | "deletewebhook" => Ok(json!(true)),
        "getwebhookinfo" => {
            Ok(json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0}))
        }
        _ => Err(error(404, "Not Found")),
    }
}

fn send_message(state: &mut State, now: i64, params: &Value) -> Result<Value, ApiError> {
    let said = visible(params)?;
    send(state, now, params, said, None)
}

fn send_document(state: &mut State, now: i64, call: &Call) -> Result<Value, ApiError> {
    let upload = call.document.as_ref().ok_or_else(|| bad_request("there is no document in the request"))?;
    let (text, entities) = html::trimmed(call.params["caption"].as_str().unwrap_or_default(), Vec::new());
    if utf16_len(&text) > MOST_CAPTION_UNITS {
        return Err(bad_request("message caption is too long"));
    }
    send(state, now, &call.params, (text, entities), Some(upload))
}

fn send(
    state: &mut State,
    now: i64,
    params: &Value,
    (text, entities): (String, Vec<Entity>),
    upload: Option<&Upload>,
) -> Result<Value, ApiError> {
    let chat_id = integer(params, "chat_id").unwrap_or(0);
    let chat = state.chats.room(chat_id).ok_or_else(no_such_chat)?.chat.clone();
    let reply = &params["reply_parameters"];
    let reply_to = integer(reply, "message_id").filter(|id| state.chats.message(chat_id, *id).is_some());
    if reply_to.is_none() && reply.is_object() && reply["allow_sending_without_reply"] != true {
        return Err(bad_request("message to be replied not found"));
    }
    let keyboard = keyboard(params)?;
    let document = upload.map(|file| Document { name: file.name.clone(), size: file.bytes.len() });
    let message = Message {
        chat_id,
        message_id: state.chats.next_message_id(now),
        from_id: BOT.id,
        at: now,
        text,
        entities,
        reply_to,
        thread_id: integer(params, "message_thread_id"),
        update_id: None,
        edited_at: None,
        keyboard,
        document,
    };
    if let Some(file) = upload {
        std::fs::write(state.document(message.message_id), &file.bytes).map_err(not_written)?;
    }
    record(state, Event::Message(message.clone()))?;
    Ok(objects::message(&BOT, &chat, &message))
}

fn edit_message_text(state: &mut State, now: i64, params: &Value) -> Result<Value, ApiError> {
    let (text, entities) = visible(params)?;
    let place = integer(params, "chat_id").zip(integer(params, "message_id"));
    let old = place.and_then(|(chat_id, message_id)| state.chats.message(chat_id, message_id).cloned());
    let old = old.ok_or_else(|| bad_request("message to edit not found"))?;
    if old.from_id != BOT.id {
        return Err(bad_request("message can't be edited"));
    }
    let message = Message { text, entities, edited_at: Some(now), ..old };
    record(state, Event::Edited(message.clone()))?;
    let room = state.chats.room(message.chat_id).ok_or_else(no_such_chat)?;
    Ok(objects::message(&BOT, &room.chat, &message))
}

/// Sets other keys, or none.
fn edit_message_reply_markup(state: &mut State, params: &Value) -> Result<Value, ApiError> {
    let place = integer(params, "chat_id").zip(integer(params, "message_id"));
    let old = place.and_then(|(chat_id, message_id)| state.chats.message(chat_id, message_id).cloned());
    let old = old.ok_or_else(|| bad_request("message to edit not found"))?;
    let message = Message { keyboard: keyboard(params)?, ..old.clone() };
    if message == old {
        return Err(bad_request(NOT_MODIFIED));
    }
    record(state, Event::Edited(message.clone()))?;
    let room = state.chats.room(message.chat_id).ok_or_else(no_such_chat)?;
    Ok(objects::message(&BOT, &room.chat, &message))
}

/// Shows who has pressed what came of it. The press's id says who that is, and where.
fn answer_callback_query(state: &State, params: &Value) -> Result<Value, ApiError> {
    let mut parts = params["callback_query_id"].as_str().unwrap_or_default().split(':');
    let mut part = || parts.next().and_then(|part| part.parse::<i64>().ok());
    let (Some(chat_id), Some(from_id), Some(_)) = (part(), part(), part()) else {
        return Err(bad_request("query is too old and response timeout expired or query ID is invalid"));
    };
    if let Some(text) = params["text"].as_str().filter(|text| !text.is_empty()) {
        state.tell(News::Toast(Toast { chat_id, from_id, text: text.to_owned() }));
    }
    Ok(json!(true))
}

/// The keys of a call, where Telegram takes them.
fn keyboard(params: &Value) -> Result<Option<Keyboard>, ApiError> {
    let rows = &params["reply_markup"]["inline_keyboard"];
    if rows.as_array().is_none_or(Vec::is_empty) {
        return Ok(None);
    }
    let keyboard: Keyboard =
        serde_json::from_value(rows.clone()).map_err(|_| bad_request("can't parse inline keyboard"))?;
    if keyboard.0.iter().flatten().any(|key| !(1..=64).contains(&key.data.len())) {
        return Err(bad_request("BUTTON_DATA_INVALID"));
    }
    Ok(Some(keyboard))
}

/// What people see of a text, where Telegram takes it.
fn visible(params: &Value) -> Result<(String, Vec<Entity>), ApiError> {
    let text = params["text"].as_str().unwrap_or_default();
    let (text, entities) = match params["parse_mode"].as_str().unwrap_or_default() {
        "" => html::trimmed(text, Vec::new()),
        mode if mode.eq_ignore_ascii_case("html") => {
            html::read(text).map_err(|reason| bad_request(&format!("can't parse entities: {reason}")))?
        }
        _ => return Err(bad_request("unsupported parse_mode")),
    };
    if text.is_empty() {
        return Err(bad_request("message text is empty"));
    }
    if utf16_len(&text) > MOST_UNITS {
        return Err(bad_request("message is too long"));
    }
    Ok((text, entities))
}

/// A group's first person has made it.
fn member(chat: &Chat, user: Option<i64>) -> Result<Value, ApiError> {
    let place = chat.people.iter().position(|person| Some(person.id) == user);
    let place = place.ok_or_else(|| bad_request("user not found"))?;
    let status = if chat.kind == ChatKind::Group && place == 0 { "creator" } else { "member" };
    Ok(json!({"user": objects::person(&chat.people[place]), "status": status}))
}

/// <https://core.telegram.org/bots/api#botcommandscope>: kinds of chat are all that differs here.
fn set_commands(commands: &mut Commands, params: &Value) {
    let new: Vec<BotCommand> = serde_json::from_value(params["commands"].clone()).unwrap_or_default();
    let scope = params["scope"]["type"].as_str().unwrap_or("default");
    if scope != "all_group_chats" {
        commands.private.clone_from(&new);
    }
    if scope != "all_private_chats" {
        commands.group = new;
    }
}

fn with_chat<T>(state: &State, params: &Value, look: impl FnOnce(&Chat) -> T) -> Result<T, ApiError> {
    let room = integer(params, "chat_id").and_then(|chat_id| state.chats.room(chat_id));
    room.map(|room| look(&room.chat)).ok_or_else(no_such_chat)
}

fn record(state: &mut State, event: Event) -> Result<(), ApiError> {
    state.record(event).map_err(not_written)
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err wants it")]
fn not_written(problem: std::io::Error) -> ApiError {
    tracing::error!(error = %problem, "the local chat's file cannot be written");
    error(500, "Internal Server Error")
}

/// Telegram takes numbers as text too.
fn integer(params: &Value, name: &str) -> Option<i64> {
    let value = &params[name];
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn error(code: u16, description: &str) -> ApiError {
    ApiError { code, description: description.to_owned() }
}

fn bad_request(reason: &str) -> ApiError {
    error(400, &format!("Bad Request: {reason}"))
}

fn no_such_chat() -> ApiError {
    bad_request("chat not found")
}

#[cfg(test)]
mod tests {
    use super::{super::scratch::Scratch, *};
    use telegram_sandbox::chats::{Place, first_chats};

    struct Server {
        state: State,
        _kept: Scratch,
    }

    impl Server {
        fn start() -> Self {
            let scratch = Scratch::new();
            let mut state = State::open(scratch.path()).expect("to open");
            for chat in first_chats() {
                state.record(Event::Chat(chat)).expect("to write");
            }
            Self { state, _kept: scratch }
        }

        fn perform(&mut self, method: &str, call: &Call) -> Result<Value, String> {
            perform(&mut self.state, 1_795_363_200_123, method, call).map_err(|error| error.description)
        }

        fn call(&mut self, method: &str, params: &Value) -> Result<Value, String> {
            let call = Call { params: params.clone(), document: None };
            self.perform(method, &call)
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
            .state
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
        assert!(server.state.chats.rooms.iter().all(|room| room.messages.is_empty()));
        assert_eq!(server.call("getupdates", &json!({})), Err("Not Found".to_owned()));
    }

    #[test]
    fn a_reply_to_what_is_gone_is_sent_without_it_where_that_is_allowed() {
        let mut server = Server::start();
        let reply = json!({"message_id": 9, "allow_sending_without_reply": true});
        let sent =
            server.call("sendmessage", &json!({"chat_id": 1001, "text": "hi", "reply_parameters": reply}));
        let sent = sent.expect("a message")["message_id"].as_i64().expect("an id");
        assert_eq!(server.state.chats.message(1001, sent).expect("the message").reply_to, None);
        let reply = json!({"message_id": sent});
        let second =
            server.call("sendmessage", &json!({"chat_id": 1001, "text": "hi", "reply_parameters": reply}));
        let second = second.expect("a message")["message_id"].as_i64().expect("an id");
        assert_eq!(server.state.chats.message(1001, second).expect("the message").reply_to, Some(sent));
    }

    #[test]
    fn only_the_bots_own_words_can_be_edited_by_it() {
        let mut server = Server::start();
        let sent = server.call("sendmessage", &json!({"chat_id": 1001, "text": "hi"})).expect("a message");
        let edit = json!({"chat_id": 1001, "message_id": sent["message_id"], "text": "<i>hello</i>", "parse_mode": "html"});
        assert_eq!(server.call("editmessagetext", &edit).expect("a message")["text"], "hello");
        let place = Place { chat_id: 1001, message_id: sent["message_id"].as_i64().expect("an id") };
        let mut message =
            server.state.chats.message(place.chat_id, place.message_id).expect("the message").clone();
        assert_eq!((message.text.as_str(), message.edited_at.is_some()), ("hello", true));
        message.from_id = 1001;
        server.state.record(Event::Edited(message)).expect("to write");
        assert_eq!(
            server.call("editmessagetext", &edit),
            Err("Bad Request: message can't be edited".to_owned())
        );
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
    fn a_confirmed_press_is_told_to_who_pressed() {
        let mut server = Server::start();
        let mut news = server.state.news.subscribe();
        let answer = json!({"callback_query_id": "-2001:1002:5", "text": "Kept."});
        assert_eq!(server.call("answercallbackquery", &answer), Ok(json!(true)));
        let toast = Toast { chat_id: -2001, from_id: 1002, text: "Kept.".into() };
        assert!(matches!(news.try_recv(), Ok(News::Toast(told)) if told == toast));
        assert!(server.call("answercallbackquery", &json!({"callback_query_id": "5"})).is_err());
    }

    #[test]
    fn a_document_is_kept_with_its_name_and_its_bytes() {
        let mut server = Server::start();
        let document = Some(Upload { name: "a.json".into(), bytes: b"{}".to_vec() });
        let call = Call { params: json!({"chat_id": "1001", "caption": "Yours"}), document };
        let sent = server.perform("senddocument", &call).expect("a message");
        assert_eq!((&sent["caption"], &sent["document"]["file_name"]), (&json!("Yours"), &json!("a.json")));
        let id = sent["message_id"].as_i64().expect("an id");
        assert_eq!(std::fs::read(server.state.document(id)).expect("the file"), b"{}");
        assert!(server.call("senddocument", &json!({"chat_id": 1001})).is_err());
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
            (names(&server.state.commands.private), names(&server.state.commands.group))
        };
        assert_eq!(set("a", Value::Null), (vec!["a".into()], vec!["a".into()]));
        assert_eq!(set("b", json!({"type": "all_group_chats"})), (vec!["a".into()], vec!["b".into()]));
        assert_eq!(set("c", json!({"type": "all_private_chats"})), (vec!["c".into()], vec!["b".into()]));
    }
}
