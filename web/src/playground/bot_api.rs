//! The Bot API, <https://core.telegram.org/bots/api#available-methods>: what the product calls, as Telegram would answer.

use salvo::{http::StatusCode, prelude::*};
use serde_json::{Value, json};

use super::{
    BOT_ID, BotCommand, Commands, News, Playground, Typing,
    chats::{Chat, ChatKind, Event, Message},
    entities::{Entity, utf16_len},
    html,
    say::MOST_UNITS,
    update,
};

/// The longest text with its markup, escaped, and what else a call holds.
const MAX_BODY: usize = 1024 * 1024;

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
        let method = request
            .param::<String>("method")
            .unwrap_or_default()
            .to_ascii_lowercase();
        let answer = if bot.strip_prefix("bot") == Some(Playground::TOKEN) {
            let body = request
                .payload_with_max_size(MAX_BODY)
                .await
                .map(|body| serde_json::from_slice(body));
            let params = body.ok().and_then(Result::ok).unwrap_or(Value::Null);
            perform(&self.0, &method, &params)
        } else {
            Err(error(401, "Unauthorized"))
        };
        match answer {
            Ok(result) => response.render(Json(json!({"ok": true, "result": result}))),
            Err(ApiError { code, description }) => {
                response.status_code(StatusCode::from_u16(code).unwrap_or(StatusCode::BAD_REQUEST));
                response.render(Json(
                    json!({"ok": false, "error_code": code, "description": description}),
                ));
            }
        }
    }
}

/// Does what a call asks for. `method` is in lower case.
fn perform(playground: &Playground, method: &str, params: &Value) -> Result<Value, ApiError> {
    match method {
        "getme" => Ok(update::bot()),
        "sendmessage" => send_message(playground, params),
        "editmessagetext" => edit_message_text(playground, params),
        "sendchataction" => with_chat(playground, params, |_| ()).map(|()| {
            let (chat_id, thread_id) = (
                integer(params, "chat_id").unwrap_or(0),
                integer(params, "message_thread_id"),
            );
            playground
                .state()
                .tell(News::Typing(Typing { chat_id, thread_id }));
            json!(true)
        }),
        "getchatmember" => with_chat(playground, params, |chat| {
            member(chat, integer(params, "user_id"))
        })?,
        "setmycommands" => {
            let mut state = playground.state();
            set_commands(&mut state.commands, params);
            state.tell(News::Commands(state.commands.clone()));
            Ok(json!(true))
        }
        // Updates do not come by webhook here, so there is none to set or to take away.
        "setwebhook" | "deletewebhook" | "answercallbackquery" => Ok(json!(true)),
        "getwebhookinfo" => {
            Ok(json!({"url": "", "has_custom_certificate": false, "pending_update_count": 0}))
        }
        _ => Err(error(404, "Not Found")),
    }
}

fn send_message(playground: &Playground, params: &Value) -> Result<Value, ApiError> {
    let (text, entities) = visible(params)?;
    let now = playground.now();
    let chat_id = integer(params, "chat_id").unwrap_or(0);
    let mut state = playground.state();
    let chat = state.chats.room(chat_id).ok_or_else(no_such_chat)?.chat.clone();
    let reply = &params["reply_parameters"];
    let reply_to = integer(reply, "message_id").filter(|id| state.chats.message(chat_id, *id).is_some());
    if reply_to.is_none() && reply.is_object() && reply["allow_sending_without_reply"] != true {
        return Err(bad_request("message to be replied not found"));
    }
    let message = Message {
        chat_id,
        message_id: state.chats.next_message_id(now),
        from_id: BOT_ID,
        at: now,
        text,
        entities,
        reply_to,
        thread_id: integer(params, "message_thread_id"),
        update_id: None,
        edited_at: None,
    };
    record(&mut state, Event::Message(message.clone()))?;
    Ok(update::message(&chat, &message))
}

fn edit_message_text(playground: &Playground, params: &Value) -> Result<Value, ApiError> {
    let (text, entities) = visible(params)?;
    let now = playground.now();
    let mut state = playground.state();
    let place = integer(params, "chat_id").zip(integer(params, "message_id"));
    let old = place.and_then(|(chat_id, message_id)| state.chats.message(chat_id, message_id).cloned());
    let old = old.ok_or_else(|| bad_request("message to edit not found"))?;
    if old.from_id != BOT_ID {
        return Err(bad_request("message can't be edited"));
    }
    let message = Message {
        text,
        entities,
        edited_at: Some(now),
        ..old
    };
    record(&mut state, Event::Edited(message.clone()))?;
    let room = state.chats.room(message.chat_id).ok_or_else(no_such_chat)?;
    Ok(update::message(&room.chat, &message))
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
    let status = if chat.kind == ChatKind::Group && place == 0 {
        "creator"
    } else {
        "member"
    };
    Ok(json!({"user": update::person(&chat.people[place]), "status": status}))
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

fn with_chat<T>(
    playground: &Playground,
    params: &Value,
    look: impl FnOnce(&Chat) -> T,
) -> Result<T, ApiError> {
    let state = playground.state();
    let room = integer(params, "chat_id").and_then(|chat_id| state.chats.room(chat_id));
    room.map(|room| look(&room.chat)).ok_or_else(no_such_chat)
}

fn record(state: &mut super::State, event: Event) -> Result<(), ApiError> {
    state.record(event).map_err(|problem| {
        tracing::error!(error = %problem, "the local chat's file cannot be written");
        error(500, "Internal Server Error")
    })
}

/// Telegram takes numbers as text too.
fn integer(params: &Value, name: &str) -> Option<i64> {
    let value = &params[name];
    value.as_i64().or_else(|| value.as_str()?.parse().ok())
}

fn error(code: u16, description: &str) -> ApiError {
    ApiError {
        code,
        description: description.to_owned(),
    }
}

fn bad_request(reason: &str) -> ApiError {
    error(400, &format!("Bad Request: {reason}"))
}

fn no_such_chat() -> ApiError {
    bad_request("chat not found")
}
