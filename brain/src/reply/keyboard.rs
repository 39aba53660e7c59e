//! Keys under a message, in the shape that Telegram wants: <https://core.telegram.org/bots/api#inlinekeyboardmarkup>.

use serde::{Deserialize, Serialize};

/// Rows of keys: what `reply_markup.inline_keyboard` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyboard(pub Vec<Vec<Key>>);

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What people read on it.
    pub text: String,
    /// What a press brings back: `<name>` or `<name>:<args>` of [`BUTTONS`](crate::command::BUTTONS), 1 to 64 bytes.
    #[serde(rename = "callback_data")]
    pub data: String,
}

impl Key {
    /// A key. With `data` of another length than 1 to 64 bytes Telegram refuses the whole message.
    #[must_use]
    pub fn new(text: impl Into<String>, data: impl Into<String>) -> Self {
        let (text, data) = (text.into(), data.into());
        debug_assert!((1..=64).contains(&data.len()), "{data:?} does not fit into a key");
        Self { text, data }
    }
}

impl Keyboard {
    /// Keys side by side.
    #[must_use]
    pub fn row(keys: impl IntoIterator<Item = Key>) -> Self {
        Self(vec![keys.into_iter().collect()])
    }

    /// Whether a key with this data is among them. Clients can be made to send any data at all.
    #[must_use]
    pub fn has(&self, data: &str) -> bool {
        self.0.iter().flatten().any(|key| key.data == data)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_keyboard_is_written_as_telegram_wants_it_and_read_again() {
        let keyboard = Keyboard::row([Key::new("Keep", "keep:7"), Key::new("Forget", "forget:7")]);
        let written = serde_json::json!([[
            {"text": "Keep", "callback_data": "keep:7"}, {"text": "Forget", "callback_data": "forget:7"}
        ]]);
        assert_eq!(serde_json::to_value(&keyboard).unwrap(), written);
        assert_eq!(serde_json::from_value::<Keyboard>(written).unwrap(), keyboard);
        assert!(keyboard.has("keep:7") && !keyboard.has("keep:8"));
    }
}
