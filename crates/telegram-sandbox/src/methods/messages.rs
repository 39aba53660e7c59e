//! Sending and editing. Of the markups only HTML is understood; the others are refused.

use crate::{
    chats::{Document, Event, Message},
    entities::{Entity, utf16_len},
    error::ApiError,
    form::{Form, number},
    html,
    keyboard::Keyboard,
    objects,
    people::Unknown,
    sandbox::{Change, Done, Sandbox},
    say::MOST_UNITS,
};

use super::{Call, done};

/// The longest caption, <https://core.telegram.org/bots/api#senddocument>.
const MOST_CAPTION_UNITS: usize = 1024;
/// An edit that changes nothing.
pub(super) const NOT_MODIFIED: &str = "message is not modified: specified new message content and reply markup are exactly the same as a current content and reply markup of the message";

impl Sandbox {
    pub(super) fn send_message(&self, call: Call<'_>) -> Result<Done, ApiError> {
        self.send(call, self.visible(call.form)?, None)
    }

    pub(super) fn send_document(&self, call: Call<'_>) -> Result<Done, ApiError> {
        let file = call.form.file("document");
        let file = file.ok_or_else(|| ApiError::bad_request("there is no document in the request"))?;
        let (text, entities) = html::trimmed(call.form.text("caption").unwrap_or_default(), Vec::new());
        if utf16_len(&text) > MOST_CAPTION_UNITS {
            return Err(ApiError::bad_request("message caption is too long"));
        }
        let document = Document { name: file.name.clone(), size: file.bytes.len() };
        self.send(call, (text, entities), Some(document))
    }

    fn send(
        &self,
        call: Call<'_>,
        (text, entities): (String, Vec<Entity>),
        document: Option<Document>,
    ) -> Result<Done, ApiError> {
        let chat = self.chat(call.form)?;
        let message = Message {
            chat_id: chat.id,
            message_id: self.chats.next_message_id(call.now),
            from_id: call.bot.id,
            at: call.now,
            text,
            entities,
            reply_to: self.reply_to(chat.id, call.form)?,
            thread_id: call.form.integer("message_thread_id"),
            update_id: None,
            edited_at: None,
            keyboard: keyboard(call.form)?,
            document,
        };
        let result = objects::message(call.bot, &chat, &message);
        done(result, Change::Event(Event::Message(message)))
    }

    pub(super) fn edit_message_text(&self, call: Call<'_>) -> Result<Done, ApiError> {
        let (text, entities) = self.visible(call.form)?;
        let old = self.message_to_edit(call.form)?;
        if old.from_id != call.bot.id {
            return Err(ApiError::bad_request("message can't be edited"));
        }
        self.edit(call, Message { text, entities, edited_at: Some(call.now), ..old.clone() })
    }

    /// Sets other keys, or none.
    pub(super) fn edit_message_reply_markup(&self, call: Call<'_>) -> Result<Done, ApiError> {
        let old = self.message_to_edit(call.form)?;
        let message = Message { keyboard: keyboard(call.form)?, ..old.clone() };
        if message == *old {
            return Err(ApiError::bad_request(NOT_MODIFIED));
        }
        self.edit(call, message)
    }

    fn edit(&self, call: Call<'_>, message: Message) -> Result<Done, ApiError> {
        let result = objects::message(call.bot, &*self.chat(call.form)?, &message);
        done(result, Change::Event(Event::Edited(message)))
    }

    fn message_to_edit(&self, form: &Form) -> Result<&Message, ApiError> {
        let place = form.integer("chat_id").zip(form.integer("message_id"));
        let message = place.and_then(|(chat_id, message_id)| self.chats.message(chat_id, message_id));
        message.ok_or_else(|| ApiError::bad_request("message to edit not found"))
    }

    /// The message that a new one answers, where it is there or may be missing.
    fn reply_to(&self, chat_id: i64, form: &Form) -> Result<Option<i64>, ApiError> {
        let reply = form.json("reply_parameters").unwrap_or_default();
        let Some(wanted) = number(&reply["message_id"]).or_else(|| form.integer("reply_to_message_id"))
        else {
            return Ok(None);
        };
        if self.chats.unknown() == Unknown::Assumed || self.chats.message(chat_id, wanted).is_some() {
            return Ok(Some(wanted));
        }
        if reply["allow_sending_without_reply"] == true {
            return Ok(None);
        }
        Err(ApiError::bad_request("message to be replied not found"))
    }

    /// What people see of a text, where Telegram takes it.
    fn visible(&self, form: &Form) -> Result<(String, Vec<Entity>), ApiError> {
        let text = form.text("text").unwrap_or_default();
        let (text, entities) = match form.text("parse_mode").unwrap_or_default() {
            "" => html::trimmed(text, Vec::new()),
            mode if mode.eq_ignore_ascii_case("html") => html::read(text, self.dialect)
                .map_err(|reason| ApiError::bad_request(&format!("can't parse entities: {reason}")))?,
            _ => return Err(ApiError::bad_request("unsupported parse_mode")),
        };
        if text.is_empty() {
            return Err(ApiError::bad_request("message text is empty"));
        }
        if utf16_len(&text) > MOST_UNITS {
            return Err(ApiError::bad_request("message is too long"));
        }
        Ok((text, entities))
    }
}

/// The keys of a call, where Telegram takes them: they bring back 1 to 64 bytes,
/// <https://core.telegram.org/bots/api#inlinekeyboardbutton>.
fn keyboard(form: &Form) -> Result<Option<Keyboard>, ApiError> {
    let rows = form.json("reply_markup").map(|markup| markup["inline_keyboard"].clone());
    let Some(rows) = rows.filter(|rows| rows.as_array().is_some_and(|rows| !rows.is_empty())) else {
        return Ok(None);
    };
    let keyboard: Keyboard =
        serde_json::from_value(rows).map_err(|_| ApiError::bad_request("can't parse inline keyboard"))?;
    if keyboard.keys().any(|key| key.text.is_empty()) {
        return Err(ApiError::bad_request("text buttons are unallowed in the inline keyboard"));
    }
    if keyboard.keys().any(|key| !(1..=64).contains(&key.data.len())) {
        return Err(ApiError::bad_request("BUTTON_DATA_INVALID"));
    }
    Ok(Some(keyboard))
}
