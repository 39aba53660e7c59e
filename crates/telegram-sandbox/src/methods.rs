//! What each method does, <https://core.telegram.org/bots/api#available-methods>: the ones that the product calls.

mod messages;
#[cfg(test)]
mod tests;

use std::borrow::Cow;

use serde_json::{Value, json};

use crate::{
    commands::CommandList,
    error::ApiError,
    form::Form,
    objects::{self, Bot},
    people::{Chat, ChatKind, Unknown},
    sandbox::{Change, Done, Sandbox, Toast, Typing},
};

/// A call on its way: who calls, with what, and when, in milliseconds since 1970.
#[derive(Clone, Copy)]
struct Call<'a> {
    bot: &'a Bot,
    form: &'a Form,
    now: i64,
}

impl Sandbox {
    /// What a call comes to, `now` in milliseconds since 1970. A method is found by its name in lower case.
    pub fn perform(&self, bot: &Bot, method: &str, form: &Form, now: i64) -> Result<Done, ApiError> {
        let call = Call { bot, form, now };
        match method {
            "getme" => answer(bot.me()),
            "sendmessage" => self.send_message(call),
            "senddocument" => self.send_document(call),
            "editmessagetext" => self.edit_message_text(call),
            "editmessagereplymarkup" => self.edit_message_reply_markup(call),
            "answercallbackquery" => self.answer_callback_query(form),
            "sendchataction" => {
                let chat_id = self.chat(form)?.id;
                let typing = Typing { chat_id, thread_id: form.integer("message_thread_id") };
                done(json!(true), Change::Typing(typing))
            }
            "leavechat" => self.chat(form).and_then(|_| answer(json!(true))),
            "getchatmember" => self.chat_member(form),
            "getchatadministrators" => self.chat_administrators(form),
            "setmycommands" => done(json!(true), Change::Commands(CommandList::read(form))),
            "getmycommands" => answer(json!(self.commands.of(form))),
            "setwebhook" | "deletewebhook" => done(json!(true), webhook(method, form)),
            "getwebhookinfo" => answer(json!({
                "url": self.webhook,
                "has_custom_certificate": false,
                "pending_update_count": self.updates.pending(),
            })),
            _ => Err(ApiError::not_found()),
        }
    }

    fn chat(&self, form: &Form) -> Result<Cow<'_, Chat>, ApiError> {
        let chat = form.integer("chat_id").and_then(|id| self.chats.chat(id));
        chat.ok_or_else(|| ApiError::bad_request("chat not found"))
    }

    fn chat_member(&self, form: &Form) -> Result<Done, ApiError> {
        let chat = self.chat(form)?;
        let user_id =
            form.integer("user_id").ok_or_else(|| ApiError::bad_request("invalid user_id specified"))?;
        let person =
            self.chats.person(&chat, user_id).ok_or_else(|| ApiError::bad_request("user not found"))?;
        answer(objects::member(&chat, &person))
    }

    fn chat_administrators(&self, form: &Form) -> Result<Done, ApiError> {
        let chat = self.chat(form)?;
        if chat.kind == ChatKind::Private {
            return Err(ApiError::bad_request("there are no administrators in the private chat"));
        }
        let administrators = chat.people.iter().filter(|person| chat.standing(person.id) != "member");
        answer(administrators.map(|person| objects::member(&chat, person)).collect())
    }

    /// Shows who has pressed what came of it. The press's id says who that is, and where.
    fn answer_callback_query(&self, form: &Form) -> Result<Done, ApiError> {
        let mut parts = form.text("callback_query_id").unwrap_or_default().split(':');
        let mut part = || parts.next().and_then(|part| part.parse::<i64>().ok());
        let (Some(chat_id), Some(from_id), Some(_)) = (part(), part(), part()) else {
            return match self.chats.unknown() {
                Unknown::Assumed => answer(json!(true)),
                Unknown::Refused => Err(ApiError::bad_request(
                    "query is too old and response timeout expired or query ID is invalid",
                )),
            };
        };
        match form.text("text").filter(|text| !text.is_empty()) {
            Some(text) => done(json!(true), Change::Toast(Toast { chat_id, from_id, text: text.to_owned() })),
            None => answer(json!(true)),
        }
    }
}

fn webhook(method: &str, form: &Form) -> Change {
    let url = if method == "setwebhook" { form.text("url").unwrap_or_default() } else { "" };
    Change::Webhook { url: url.to_owned(), drop_pending_updates: form.flag("drop_pending_updates") }
}

/// Nothing changes.
#[expect(clippy::unnecessary_wraps, reason = "the end of every method that cannot be refused any more")]
fn answer(result: Value) -> Result<Done, ApiError> {
    Ok(Done { result, change: None })
}

#[expect(clippy::unnecessary_wraps, reason = "the end of every method that cannot be refused any more")]
fn done(result: Value, change: Change) -> Result<Done, ApiError> {
    Ok(Done { result, change: Some(change) })
}
