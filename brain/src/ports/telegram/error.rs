//! Why Telegram did not do what was asked, told apart by what to do next.

use std::time::Duration;

use serde::Deserialize;
use teloxide::ApiError;

use crate::{
    ids::ChatId,
    ports::reason::{Reason, Sent},
};

/// A failed call.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TelegramError {
    /// 429: nothing to this chat before the time has passed.
    #[error("Telegram asks to wait {0:?}")]
    TooManyRequests(Duration),
    /// 400, the markup cannot be read: send the same text plain.
    #[error("Telegram cannot read the markup")]
    BadMarkup,
    /// 403, or the chat is gone: nothing can be delivered there.
    #[error("Telegram delivers nothing there: {0}")]
    Forbidden(Reason),
    /// The group became a supergroup with this id.
    #[error("the chat has moved to {0}")]
    MovedTo(ChatId),
    /// Another 4xx. Asking again does not help.
    #[error("Telegram refused: {0}")]
    Rejected(Reason),
    /// 401 or 404 for the token itself.
    #[error("Telegram does not know this bot token")]
    BadToken,
    /// No answer, a broken one, or 5xx. Whether Telegram did it nobody knows.
    #[error("Telegram did not answer: {0}")]
    Unavailable(Reason),
}

#[derive(Deserialize)]
pub(super) struct Refusal {
    #[serde(default)]
    error_code: u16,
    #[serde(default)]
    description: String,
    #[serde(default)]
    parameters: Parameters,
}

#[derive(Default, Deserialize)]
struct Parameters {
    retry_after: Option<u64>,
    migrate_to_chat_id: Option<i64>,
}

impl TelegramError {
    /// Reads Telegram's refusal. `status` is the HTTP status, `sent` what was refused, which some refusals repeat.
    pub(super) fn from_refusal(status: u16, body: &[u8], sent: &Sent) -> Self {
        let Ok(refusal) = serde_json::from_slice::<Refusal>(body) else {
            // Telegram's own form, so long that it was not read to its end.
            let is_cut = body.starts_with(b"{") && (400..500).contains(&status);
            let why = Reason::status(status);
            return if is_cut { Self::Rejected(why) } else { Self::Unavailable(why) };
        };
        if let Some(seconds) = refusal.parameters.retry_after {
            return Self::TooManyRequests(Duration::from_secs(seconds));
        }
        if let Some(chat) = refusal.parameters.migrate_to_chat_id {
            return Self::MovedTo(ChatId(chat));
        }
        let code = if refusal.error_code == 0 { status } else { refusal.error_code };
        // teloxide keeps the list of Telegram's wordings, which are the only thing that tells some refusals apart.
        let known = serde_json::from_value::<ApiError>(refusal.description.clone().into()).ok();
        // A wording of the list is Telegram's own, whatever was sent.
        let nothing = Sent::default();
        let repeats = known.as_ref().is_none_or(|known| matches!(known, ApiError::Unknown(_)));
        let why = || Reason::said(&refusal.description, if repeats { sent } else { &nothing });
        match (code, &known) {
            (_, Some(ApiError::CantParseEntities(_))) => Self::BadMarkup,
            (403, _) | (_, Some(ApiError::ChatNotFound | ApiError::GroupDeactivated)) => {
                Self::Forbidden(why())
            }
            (401 | 404, _) => Self::BadToken,
            (429, _) => Self::TooManyRequests(Duration::from_secs(1)),
            (400..500, _) => Self::Rejected(why()),
            _ => Self::Unavailable(Reason::status(code)),
        }
    }
}

impl From<&TelegramError> for Reason {
    fn from(error: &TelegramError) -> Self {
        Self::of(error)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(status: u16, body: &str) -> TelegramError {
        TelegramError::from_refusal(status, body.as_bytes(), &Sent::default().and("my diary"))
    }

    #[test]
    fn each_refusal_says_what_to_do_next() {
        let too_many = r#"{"ok":false,"error_code":429,"description":"Too Many Requests: retry after 7","parameters":{"retry_after":7}}"#;
        assert_eq!(read(429, too_many), TelegramError::TooManyRequests(Duration::from_secs(7)));
        let markup = r#"{"ok":false,"error_code":400,"description":"Bad Request: can't parse entities: unsupported start tag \"x\" at byte offset 3"}"#;
        assert_eq!(read(400, markup), TelegramError::BadMarkup);
        let moved = r#"{"ok":false,"error_code":400,"description":"Bad Request: group chat was upgraded to a supergroup chat","parameters":{"migrate_to_chat_id":-1009}}"#;
        assert_eq!(read(400, moved), TelegramError::MovedTo(ChatId(-1009)));
        let blocked =
            r#"{"ok":false,"error_code":403,"description":"Forbidden: bot was blocked by the user"}"#;
        assert!(matches!(read(403, blocked), TelegramError::Forbidden(_)));
        let gone = r#"{"ok":false,"error_code":400,"description":"Bad Request: chat not found"}"#;
        assert!(matches!(read(400, gone), TelegramError::Forbidden(_)));
        let long = r#"{"ok":false,"error_code":400,"description":"Bad Request: message is too long"}"#;
        assert!(matches!(read(400, long), TelegramError::Rejected(_)));
        let echo = r#"{"ok":false,"error_code":400,"description":"Bad Request: cannot read my diary"}"#;
        assert_eq!(read(400, echo), TelegramError::Rejected("Bad Request: cannot read …".into()));
        assert_eq!(read(400, &long[..40]), TelegramError::Rejected("status 400".into()));
        assert!(matches!(read(502, "<html>Bad Gateway</html>"), TelegramError::Unavailable(_)));
    }
}
