//! Keys under a message, as a bot hands them in: <https://core.telegram.org/bots/api#inlinekeyboardmarkup>.

use serde::{Deserialize, Serialize};

/// Rows of keys: what `reply_markup.inline_keyboard` holds.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Keyboard(pub Vec<Vec<Key>>);

/// One key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Key {
    /// What people read on it.
    #[serde(default)]
    pub text: String,
    /// What a press brings back.
    #[serde(rename = "callback_data", default)]
    pub data: String,
}

impl Keyboard {
    /// Every key, row by row.
    pub fn keys(&self) -> impl Iterator<Item = &Key> {
        self.0.iter().flatten()
    }

    /// Whether a key with this data is among them. Clients can be made to send any data at all.
    pub fn has(&self, data: &str) -> bool {
        self.keys().any(|key| key.data == data)
    }
}
