//! One row of a message file.

use brain::{ids::ChatId, memory::Author, object::Object};
use chrono::{DateTime, Utc};

use super::{refusal::Refusal, row, time};

/// A message as an old file has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OldMessage {
    /// The chat that the row names itself.
    pub chat: Option<ChatId>,
    /// When it was said, to the microsecond.
    pub at: DateTime<Utc>,
    /// Who said it.
    pub author: Author,
    /// The text, as Postgres can keep it.
    pub content: String,
}

/// What is known before a row is read.
#[derive(Clone, Copy, Debug)]
pub struct Reading {
    /// Nothing was said after this.
    pub now: DateTime<Utc>,
}

impl OldMessage {
    /// Reads a row.
    ///
    /// # Errors
    /// When the row is no message, with the reason.
    pub(super) fn parse(row: &[u8], reading: Reading) -> Result<Self, Refusal> {
        row::read(row, |row| Self::of(row, reading))
    }

    fn of(row: &Object<'_>, reading: Reading) -> Result<Self, Refusal> {
        // Some rows carry the message as a message: {content: {role, content}}.
        let inner = row.object("content");
        let role = row.text("role").or_else(|| inner.as_ref()?.text("role")).ok_or(Refusal::NoRole)?;
        let author = match role.trim().to_ascii_lowercase().as_str() {
            "user" => Author::User,
            "assistant" => Author::Assistant,
            "" => return Err(Refusal::NoRole),
            _ => return Err(Refusal::UnknownRole),
        };
        let content = inner.map_or_else(|| row.text("content"), |inner| inner.text("content"));
        let content = content.filter(|text| !text.trim().is_empty()).ok_or(Refusal::NoContent)?;
        let at = row.raw("timestamp").and_then(time::parse).ok_or(Refusal::BrokenTime)?;
        if at > reading.now {
            return Err(Refusal::FutureTime);
        }
        Ok(Self { chat: chat(row)?, at, author, content })
    }
}

/// The chat that a row names; a number in quotes counts as one.
pub(super) fn chat(row: &Object<'_>) -> Result<Option<ChatId>, Refusal> {
    let Some(raw) = row.raw("telegram_chat_id") else { return Ok(None) };
    let id: i64 = raw.trim_matches('"').parse().map_err(|_| Refusal::BrokenChat)?;
    if id == 0 { Err(Refusal::BrokenChat) } else { Ok(Some(ChatId(id))) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(row: &str) -> Result<OldMessage, Refusal> {
        let now = "2026-11-22T12:00:00Z".parse().expect("a time");
        OldMessage::parse(row.as_bytes(), Reading { now })
    }

    #[test]
    fn both_shapes_and_a_message_within_a_message_are_read() {
        let message =
            parse(r#"{"role": "user", "content": "Мій 💙", "timestamp": 1739460479.262209}"#).unwrap();
        assert_eq!((message.author, message.content.as_str(), message.chat), (Author::User, "Мій 💙", None));
        let nested =
            r#"{"role": "assistant", "content": {"role": "assistant", "content": "hi"}, "timestamp": 1}"#;
        assert_eq!(parse(nested).unwrap().content, "hi");
        assert_eq!(
            parse(r#"{"content": {"role": "user", "content": "hi"}, "timestamp": 1}"#).unwrap().author,
            Author::User
        );
        let row = r#"{"id": 99999999999999999999, "account_id": 1, "telegram_chat_id": -1009988776, "role": "User",
                      "content": "x", "memory_type": [], "timestamp": "2025-03-05T09:00:00.055123"}"#;
        assert_eq!(parse(row).unwrap().chat, Some(ChatId(-1_009_988_776)));
    }

    #[test]
    fn what_postgres_cannot_keep_becomes_a_mark_and_the_rest_stays() {
        let row = r#"{"role": "user", "content": "a\u0000b\ud83d", "timestamp": 1}"#;
        assert_eq!(parse(row).unwrap().content, "a\u{FFFD}b\u{FFFD}");
    }

    #[test]
    fn each_fault_has_its_reason() {
        for (row, refusal) in [
            (r#""a bare string""#, Refusal::NotAnObject),
            (r#"{"role": "robot", "content": "x", "timestamp": 1}"#, Refusal::UnknownRole),
            (r#"{"content": "x", "timestamp": 1}"#, Refusal::NoRole),
            (r#"{"role": null, "content": "x", "timestamp": 1}"#, Refusal::NoRole),
            (r#"{"role": "user", "timestamp": 1}"#, Refusal::NoContent),
            (r#"{"role": "user", "content": " ", "timestamp": "yesterday"}"#, Refusal::NoContent),
            (r#"{"role": "user", "content": ["x"], "timestamp": 1}"#, Refusal::NoContent),
            (r#"{"role": "user", "content": "x", "timestamp": "yesterday"}"#, Refusal::BrokenTime),
            (r#"{"role": "user", "content": "x", "timestamp": 1e400000}"#, Refusal::BrokenTime),
            (r#"{"role": "user", "content": "x"}"#, Refusal::BrokenTime),
            (r#"{"role": "user", "content": "x", "timestamp": "30000-01-01T00:00:00"}"#, Refusal::BrokenTime),
            (r#"{"role": "user", "content": "x", "timestamp": 884541340800}"#, Refusal::FutureTime),
            (
                r#"{"role": "user", "content": "x", "timestamp": 1, "telegram_chat_id": 9223372036854775808}"#,
                Refusal::BrokenChat,
            ),
            (
                r#"{"role": "user", "content": "x", "timestamp": 1, "telegram_chat_id": {}}"#,
                Refusal::BrokenChat,
            ),
        ] {
            assert_eq!(parse(row), Err(refusal), "{row}");
        }
        assert_eq!(
            OldMessage::parse(b"{\"role\": \"\xFF\"}", Reading { now: DateTime::UNIX_EPOCH }),
            Err(Refusal::NotUtf8)
        );
    }

    #[test]
    fn depth_is_refused_where_it_is_asked_for_and_ignored_elsewhere() {
        let deep = format!("{}{}", "[".repeat(200), "]".repeat(200));
        let row = format!(r#"{{"role": "user", "content": {deep}, "timestamp": 1}}"#);
        assert_eq!(parse(&row), Err(Refusal::NoContent));
        let row = format!(r#"{{"role": "user", "content": "x", "extra": {deep}, "timestamp": 1}}"#);
        assert!(parse(&row).is_ok());
        assert_eq!(parse(&deep), Err(Refusal::NotAnObject));
    }
}
