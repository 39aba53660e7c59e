//! What each method does. Of the markups only HTML is understood; the others are refused.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use telegram_sandbox::{error::ApiError, form::Form};

use super::{Exchange, Incoming, Sent, html::visible_text, people};

/// Far above the ids that tests give to people's messages.
const FIRST_MESSAGE_ID: i64 = 1_000_001;

/// The longest message, <https://core.telegram.org/bots/api#sendmessage>.
const MOST_UTF16_UNITS: usize = 4096;
/// An edit that changes nothing.
const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";
/// The longest caption.
const MOST_CAPTION_UNITS: usize = 1024;

impl Exchange {
    /// Does what a call asks for. A method is found by its name in lower case.
    pub(super) async fn perform(&self, bot_id: i64, method: &str, form: &Form) -> Result<Value, ApiError> {
        match method {
            "getme" => Ok(people::me(bot_id)),
            "sendmessage" | "senddocument" => self.send(bot_id, form),
            "editmessagereplymarkup" => self.edit_message_reply_markup(bot_id, form),
            "editmessagetext" => self.edit_message_text(bot_id, form),
            "sendchataction" | "leavechat" => chat_id(form).map(|_| json!(true)),
            "answercallbackquery" | "setmycommands" => Ok(json!(true)),
            "getmycommands" => Ok(self.commands(form)),
            "setwebhook" | "deletewebhook" => {
                if form.flag("drop_pending_updates") {
                    self.updates.clear();
                }
                Ok(json!(true))
            }
            "getwebhookinfo" => Ok(json!({
                "url": self.webhook(),
                "has_custom_certificate": false,
                "pending_update_count": self.updates.pending(),
            })),
            "getupdates" if !self.webhook().is_empty() => Err(ApiError::new(
                409,
                "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to delete the webhook first",
            )),
            "getupdates" => Ok(self.updates.get(form).await),
            "getchatmember" => {
                let user = form
                    .integer("user_id")
                    .ok_or_else(|| ApiError::bad_request("invalid user_id specified"))?;
                Ok(people::member(user, &self.administrators_of(chat_id(form)?)))
            }
            "getchatadministrators" if chat_id(form)? > 0 => {
                Err(ApiError::bad_request("there are no administrators in the private chat"))
            }
            "getchatadministrators" => {
                let administrators = self.administrators_of(chat_id(form)?);
                Ok(administrators.iter().map(|user| people::member(*user, &administrators)).collect())
            }
            _ => Err(ApiError::not_found()),
        }
    }

    fn send(&self, bot_id: i64, form: &Form) -> Result<Value, ApiError> {
        let message = Incoming::read(form)?;
        let text = match &message.document {
            None => visible(&message.raw, message.parse_mode.as_deref())?,
            Some(_) => caption(&message.raw)?,
        };
        allowed_keys(message.reply_markup.as_ref())?;
        if let Some(limits) = self.limits.lock().expect("limits").as_mut() {
            limits.admit(message.chat_id, Instant::now()).map_err(ApiError::too_many_requests)?;
        }
        let Incoming { chat_id, thread_id, raw, parse_mode, reply_to, reply_markup, document } = message;
        let place = self.sent.push(|place| Sent {
            chat_id,
            thread_id,
            message_id: FIRST_MESSAGE_ID + i64::try_from(place).expect("fewer messages than that"),
            text,
            raw,
            parse_mode,
            reply_to,
            reply_markup,
            document,
            at: Instant::now(),
        });
        Ok(self.sent.read(|sent| sent[place].as_telegram_shows_it(bot_id)))
    }

    fn edit_message_text(&self, bot_id: i64, form: &Form) -> Result<Value, ApiError> {
        let (chat_id, message_id) = (chat_id(form)?, form.integer("message_id"));
        let raw = form.text("text").unwrap_or_default();
        let parse_mode = form.text("parse_mode");
        let text = visible(raw, parse_mode)?;
        self.sent.change(|sent| {
            let message = sent
                .iter_mut()
                .find(|sent| sent.chat_id == chat_id && Some(sent.message_id) == message_id)
                .ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
            message.text = text;
            raw.clone_into(&mut message.raw);
            message.parse_mode = parse_mode.map(str::to_owned);
            Ok(message.as_telegram_shows_it(bot_id))
        })
    }

    /// Sets other keys, or none.
    fn edit_message_reply_markup(&self, bot_id: i64, form: &Form) -> Result<Value, ApiError> {
        let (chat_id, message_id) = (chat_id(form)?, form.integer("message_id"));
        let reply_markup = form.json("reply_markup");
        allowed_keys(reply_markup.as_ref())?;
        self.sent.change(|sent| {
            let message = sent
                .iter_mut()
                .find(|sent| sent.chat_id == chat_id && Some(sent.message_id) == message_id)
                .ok_or_else(|| ApiError::bad_request("message to edit not found"))?;
            if message.reply_markup == reply_markup {
                return Err(ApiError::bad_request(NOT_MODIFIED));
            }
            message.reply_markup = reply_markup;
            Ok(message.as_telegram_shows_it(bot_id))
        })
    }

    /// The commands last set for the same scope and language.
    fn commands(&self, form: &Form) -> Value {
        let place = |form: &Form| (form.json("scope"), form.text("language_code").map(str::to_owned));
        self.calls.read(|calls| {
            let mut set = calls.iter().rev().filter(|call| call.done && call.is_of("setMyCommands"));
            set.find(|call| place(&call.form) == place(form))
                .and_then(|call| call.form.json("commands"))
                .unwrap_or_else(|| json!([]))
        })
    }

    /// The address that updates go to, empty where there is none.
    fn webhook(&self) -> String {
        self.calls.read(|calls| {
            let mut set = calls.iter().rev().filter(|call| call.done);
            set.find(|call| call.is_of("setWebhook") || call.is_of("deleteWebhook"))
                .and_then(|call| call.form.text("url"))
                .unwrap_or_default()
                .to_owned()
        })
    }

    fn administrators_of(&self, chat_id: i64) -> Vec<i64> {
        self.administrators.lock().expect("administrators").get(&chat_id).cloned().unwrap_or_default()
    }
}

impl Incoming {
    /// Reads the parameters of `sendMessage` and `sendDocument`.
    pub(super) fn read(form: &Form) -> Result<Self, ApiError> {
        let reply = form.json("reply_parameters").and_then(|reply| reply["message_id"].as_i64());
        Ok(Self {
            chat_id: chat_id(form)?,
            thread_id: form.integer("message_thread_id"),
            raw: form.text("text").or(form.text("caption")).unwrap_or_default().to_owned(),
            parse_mode: form.text("parse_mode").map(str::to_owned),
            reply_to: reply.or_else(|| form.integer("reply_to_message_id")),
            reply_markup: form.json("reply_markup"),
            document: form.file("document").cloned(),
        })
    }
}

impl Sent {
    /// As <https://core.telegram.org/bots/api#message> has it, without the message that it answers.
    fn as_telegram_shows_it(&self, bot_id: i64) -> Value {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
        let mut message = json!({
            "message_id": self.message_id,
            "date": now.as_secs(),
            "chat": people::chat(self.chat_id),
            "from": people::bot(bot_id),
        });
        match &self.document {
            None => message["text"] = json!(self.text),
            Some(file) => {
                message["caption"] = json!(self.text);
                message["document"] = json!({
                    "file_id": format!("file-{}", self.message_id),
                    "file_unique_id": self.message_id.to_string(),
                    "file_name": file.name,
                    "file_size": file.bytes.len(),
                });
            }
        }
        if let Some(reply_markup) = &self.reply_markup {
            message["reply_markup"] = reply_markup.clone();
        }
        if let Some(thread_id) = self.thread_id {
            message["message_thread_id"] = json!(thread_id);
            message["is_topic_message"] = json!(true);
        }
        message
    }
}

fn chat_id(form: &Form) -> Result<i64, ApiError> {
    form.integer("chat_id").filter(|id| *id != 0).ok_or_else(|| ApiError::bad_request("chat not found"))
}

/// A document's caption, which may be empty: <https://core.telegram.org/bots/api#senddocument>.
fn caption(raw: &str) -> Result<String, ApiError> {
    if raw.encode_utf16().count() > MOST_CAPTION_UNITS {
        return Err(ApiError::bad_request("message caption is too long"));
    }
    Ok(raw.trim().to_owned())
}

/// Keys bring back 1 to 64 bytes: <https://core.telegram.org/bots/api#inlinekeyboardbutton>.
fn allowed_keys(reply_markup: Option<&Value>) -> Result<(), ApiError> {
    let rows = reply_markup.and_then(|markup| markup["inline_keyboard"].as_array());
    for key in rows.into_iter().flatten().filter_map(Value::as_array).flatten() {
        if key["text"].as_str().is_none_or(str::is_empty) {
            return Err(ApiError::bad_request("text buttons are unallowed in the inline keyboard"));
        }
        if !(1..=64).contains(&key["callback_data"].as_str().map_or(0, str::len)) {
            return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
        }
    }
    Ok(())
}

/// What a person sees of a text, where Telegram takes it.
fn visible(raw: &str, parse_mode: Option<&str>) -> Result<String, ApiError> {
    let text = match parse_mode.map(str::to_ascii_lowercase).as_deref() {
        Some("html") => visible_text(raw)
            .map_err(|reason| ApiError::bad_request(&format!("can't parse entities: {reason}")))?,
        None | Some("") => raw.to_owned(),
        Some(_) => return Err(ApiError::bad_request("unsupported parse_mode")),
    };
    let text = text.trim();
    if text.is_empty() {
        return Err(ApiError::bad_request("message text is empty"));
    }
    if text.encode_utf16().count() > MOST_UTF16_UNITS {
        return Err(ApiError::bad_request("message is too long"));
    }
    Ok(text.to_owned())
}
