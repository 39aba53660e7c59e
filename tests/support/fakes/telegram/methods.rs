//! A call from the sandbox's answer to what a test sees of it.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use serde_json::Value;
use telegram_sandbox::{
    Change, Done,
    chats::{Event, Message},
    error::ApiError,
    form::Form,
    objects::Bot,
};

use super::{Exchange, FakeTelegram, Incoming, Sent};

impl Exchange {
    /// Does what a call asks for. A method is found by its name in lower case.
    pub(super) async fn perform(&self, bot_id: i64, method: &str, form: &Form) -> Result<Value, ApiError> {
        if method == "getupdates" {
            let updates = self.sandbox.lock().expect("sandbox").polled()?;
            return Ok(updates.get(form).await);
        }
        let bot = Bot { id: bot_id, name: "PykhBrain", username: FakeTelegram::BOT_USERNAME };
        let mut sandbox = self.sandbox.lock().expect("sandbox");
        let Done { result, change } = sandbox.perform(&bot, method, form, now())?;
        match &change {
            Some(Change::Event(Event::Message(message))) => {
                self.admit(message.chat_id)?;
                self.sent.push(|_| Sent::accepted(message, form));
            }
            Some(Change::Event(Event::Edited(message))) => self.note_edit(message, form),
            _ => {}
        }
        if let Some(change) = change {
            sandbox.apply(change);
        }
        Ok(result)
    }

    fn admit(&self, chat_id: i64) -> Result<(), ApiError> {
        match self.limits.lock().expect("limits").as_mut() {
            Some(limits) => limits.admit(chat_id, Instant::now()).map_err(ApiError::too_many_requests),
            None => Ok(()),
        }
    }

    fn note_edit(&self, message: &Message, form: &Form) {
        self.sent.change(|sent| {
            let edited = sent.iter_mut().find(|sent| sent.message_id == message.message_id);
            let edited = edited.expect("the sandbox has no other messages");
            edited.text.clone_from(&message.text);
            edited.reply_markup.clone_from(&message.keyboard);
            if let Some(raw) = form.text("text") {
                raw.clone_into(&mut edited.raw);
                edited.parse_mode = form.text("parse_mode").map(str::to_owned);
            }
        });
    }
}

/// Milliseconds since 1970.
fn now() -> i64 {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).expect("a clock after 1970");
    i64::try_from(now.as_millis()).expect("a clock before the year 292 million")
}

impl Incoming {
    /// Reads the parameters of `sendMessage` and `sendDocument`, where they name a chat.
    pub(super) fn read(form: &Form) -> Option<Self> {
        Some(Self {
            chat_id: form.integer("chat_id").filter(|id| *id != 0)?,
            raw: form.text("text").or(form.text("caption")).unwrap_or_default().to_owned(),
            parse_mode: form.text("parse_mode").map(str::to_owned),
            is_document: form.file("document").is_some(),
        })
    }
}

impl Sent {
    fn accepted(message: &Message, form: &Form) -> Self {
        Self {
            chat_id: message.chat_id,
            thread_id: message.thread_id,
            message_id: message.message_id,
            text: message.text.clone(),
            raw: form.text("text").or(form.text("caption")).unwrap_or_default().to_owned(),
            parse_mode: form.text("parse_mode").map(str::to_owned),
            reply_to: message.reply_to,
            reply_markup: message.keyboard.clone(),
            document: message.document.as_ref().and_then(|_| form.file("document")).cloned(),
            at: Instant::now(),
        }
    }
}
