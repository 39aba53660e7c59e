//! Telegram updates, as Telegram would write them.

use chrono::{DateTime, Utc};
use serde_json::{Value, json};
use telegram_sandbox::entities;

/// A person.
#[derive(Clone, Copy, Debug)]
pub struct Person {
    pub id: i64,
    pub name: &'static str,
}

pub const OLENA: Person = Person { id: 1001, name: "Olena" };
pub const TARAS: Person = Person { id: 1002, name: "Taras" };

/// A group that both are in.
pub const FAMILY: i64 = -2001;

impl Person {
    pub fn json(self) -> Value {
        json!({"id": self.id, "is_bot": false, "first_name": self.name})
    }

    /// The private chat with the bot.
    pub fn chat(self) -> Value {
        json!({"id": self.id, "type": "private", "first_name": self.name})
    }
}

/// A group's chat object.
pub fn group(id: i64) -> Value {
    json!({"id": id, "type": if id < -1_000_000_000_000 { "supergroup" } else { "group" }, "title": "Family"})
}

/// A message object. `extra` adds to it or replaces fields.
pub fn message(
    message_id: i64,
    from: Person,
    chat: &Value,
    text: &str,
    at: DateTime<Utc>,
    extra: &Value,
) -> Value {
    let mut message = json!({
        "message_id": message_id,
        "from": from.json(),
        "chat": chat,
        "date": at.timestamp(),
        "text": text,
        "entities": entities::find(text),
    });
    if let Value::Object(extra) = extra {
        for (key, value) in extra {
            message[key] = value.clone();
        }
    }
    message
}

/// The press of a key with `data`, under the bot's message with this id and text, which Telegram quotes whole.
pub fn press(id: i64, from: Person, chat: &Value, message: (i64, &str), data: &str) -> Value {
    json!({
        "id": format!("press-{id}"),
        "from": from.json(),
        "chat_instance": "1",
        "message": {"message_id": message.0, "date": 1, "chat": chat, "text": message.1},
        "data": data,
    })
}
