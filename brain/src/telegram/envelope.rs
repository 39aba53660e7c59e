//! What the webhook has to know of an update before it keeps it: its number and whose turn it wakes.

use super::Malformed;
use super::object::Object;

/// The outside of a webhook body.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Envelope {
    /// An update, to be kept whatever else is in it.
    Update {
        /// Telegram's number of the update, unique per bot.
        update_id: i64,
        /// The chat that has something to answer; `None` where nobody waits for an answer.
        chat_id: Option<i64>,
        /// What the update brings.
        kind: UpdateKind,
    },
    /// Nothing that could be kept and answered: not a JSON object, or without a number.
    NotAnUpdate(Malformed),
}

/// What an update brings, as far as it matters to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum UpdateKind {
    /// A new message in a private chat or a group.
    Message,
    /// A message that was changed later.
    EditedMessage,
    /// The bot was added to a chat, removed, blocked or unblocked.
    MyChatMember,
    /// A button under one of the bot's messages was pressed.
    CallbackQuery,
    /// Channel posts, reactions, and whatever else we do not answer or do not know.
    Other,
}

impl UpdateKind {
    const ANSWERED: [Self; 4] = [Self::Message, Self::EditedMessage, Self::MyChatMember, Self::CallbackQuery];

    /// Telegram's name of the field that holds the content, or `other`.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Message => "message",
            Self::EditedMessage => "edited_message",
            Self::MyChatMember => "my_chat_member",
            Self::CallbackQuery => "callback_query",
            Self::Other => "other",
        }
    }

    /// The update's kind with its content. An update holds at most one of them.
    pub(super) fn of<'a>(update: &Object<'a>) -> Option<(Self, Object<'a>)> {
        Self::ANSWERED.into_iter().find_map(|kind| Some((kind, update.object(kind.as_str())?)))
    }

    /// The chat that content of this kind belongs to.
    pub(super) fn chat<'a>(self, content: &Object<'a>) -> Option<Object<'a>> {
        match self {
            Self::CallbackQuery => content.object("message")?.object("chat"),
            _ => content.object("chat"),
        }
    }
}

/// Reads what the webhook needs from a body. It takes the same path as [`parse`](super::parse), so the two
/// cannot disagree about an update's chat, but of everything else it looks only for the end.
#[must_use]
pub fn envelope(body: &[u8]) -> Envelope {
    let body = String::from_utf8_lossy(body);
    let Some(update) = Object::parse(&body) else {
        return Envelope::NotAnUpdate(Malformed::NotAnObject);
    };
    let Some(update_id) = update.integer("update_id") else {
        return Envelope::NotAnUpdate(Malformed::Lacks("update_id"));
    };
    let Some((kind, content)) = UpdateKind::of(&update) else {
        return Envelope::Update { update_id, chat_id: None, kind: UpdateKind::Other };
    };
    let chat_id = kind.chat(&content).and_then(|chat| chat.integer("id"));
    Envelope::Update { update_id, chat_id, kind }
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::{Envelope, Malformed, UpdateKind, envelope};

    fn update(update_id: i64, chat_id: Option<i64>, kind: UpdateKind) -> Envelope {
        Envelope::Update { update_id, chat_id, kind }
    }

    #[test]
    fn each_kind_names_its_chat() {
        let seen = |sample: &str| envelope(sample.as_bytes());
        assert_eq!(seen(samples::PRIVATE_TEXT), update(910_000_001, Some(501), UpdateKind::Message));
        assert_eq!(seen(samples::EDITED), update(910_000_005, Some(501), UpdateKind::EditedMessage));
        assert_eq!(
            seen(samples::MEMBERSHIP),
            update(910_000_006, Some(-1_001_234_567_890), UpdateKind::MyChatMember)
        );
        assert_eq!(seen(samples::BUTTON), update(910_000_007, Some(501), UpdateKind::CallbackQuery));
        assert_eq!(seen(samples::CHANNEL_POST), update(910_000_008, None, UpdateKind::Other));
    }

    #[test]
    fn an_update_of_a_kind_from_the_future_is_kept() {
        let future = br#"{"update_id":7,"telepathy":{"chat":{"id":1}}}"#;
        assert_eq!(envelope(future), update(7, None, UpdateKind::Other));
    }

    #[test]
    fn an_update_without_a_readable_chat_is_kept() {
        for message in [r"{}", r#"{"chat":5}"#, r#"{"chat":{}}"#, r#"{"chat":{"id":1e400000}}"#] {
            let body = format!(r#"{{"update_id":7,"message":{message}}}"#);
            assert_eq!(envelope(body.as_bytes()), update(7, None, UpdateKind::Message), "{message}");
        }
    }

    #[test]
    fn a_body_that_cannot_be_numbered_is_no_update() {
        for body in [&b""[..], b"\xff\xfe", b"[]", b"{\"update_id\":1", b"{\"update_id\":1} tail"] {
            assert_eq!(envelope(body), Envelope::NotAnUpdate(Malformed::NotAnObject), "{body:?}");
        }
        for id in ["9223372036854775808", "1e400000", "\"1\"", "null", "1.5"] {
            let body = format!(r#"{{"update_id":{id},"message":{{"chat":{{"id":1}}}}}}"#);
            assert_eq!(
                envelope(body.as_bytes()),
                Envelope::NotAnUpdate(Malformed::Lacks("update_id")),
                "{id}"
            );
        }
    }

    #[test]
    fn bytes_that_are_not_utf8_spoil_only_their_text() {
        let body = b"{\"update_id\":7,\"message\":{\"text\":\"\xff\xc3\",\"chat\":{\"id\":1}}}";
        assert_eq!(envelope(body), update(7, Some(1), UpdateKind::Message));
    }
}
