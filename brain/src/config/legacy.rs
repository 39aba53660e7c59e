//! Where the old bot's memory files are.

use std::path::PathBuf;

use super::{ConfigError, Env};
use crate::ids::ChatId;

/// The old files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LegacyConfig {
    /// The folder that they are in.
    pub dir: PathBuf,
    /// The chat of files that name none.
    pub chat: Option<ChatId>,
}

impl LegacyConfig {
    /// Reads `LEGACY_MEMORY_DIR` and `LEGACY_CHAT_ID`. `None` where there are no old files.
    ///
    /// # Errors
    /// When the chat is no number, or the folder is none.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let Some(dir) = env.get("LEGACY_MEMORY_DIR").map(PathBuf::from) else { return Ok(None) };
        if !dir.is_dir() {
            let problem = "is not a folder that can be read".into();
            return Err(ConfigError { variable: "LEGACY_MEMORY_DIR", problem });
        }
        let chat = env.get("LEGACY_CHAT_ID").map(str::parse).transpose().map_err(|_| ConfigError {
            variable: "LEGACY_CHAT_ID",
            problem: "must be the number of a chat".into(),
        })?;
        Ok(Some(Self { dir, chat: chat.map(ChatId) }))
    }
}
