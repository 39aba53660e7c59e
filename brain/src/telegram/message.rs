//! A message: what was said, and what it refers to.

use chrono::{DateTime, Utc};

use super::content::{Media, Service};
use super::mentions::Mentions;
use super::object::Object;
use super::speaker::{Chat, Speaker, one_line};
use super::update::Malformed;

/// A message, new or edited.
#[derive(Debug, Clone, PartialEq)]
pub struct Message {
    /// The message's number within its chat.
    pub message_id: i64,
    /// Where it was said.
    pub chat: Chat,
    /// The topic it was said in. Telegram numbers mere reply chains too; those are no topics, and an answer
    /// that names one is refused.
    pub thread_id: Option<i64>,
    /// Who said it.
    pub from: Speaker,
    /// When, by Telegram's clock; `None` where that is no sensible time.
    pub sent_at: Option<DateTime<Utc>>,
    /// The text, or the caption of the media; never empty.
    pub text: Option<String>,
    /// What came with the text or instead of it.
    pub media: Option<Media>,
    /// Whom the text addresses.
    pub mentions: Mentions,
    /// The message of the same chat that this one answers.
    pub reply_to: Option<ReplyTo>,
    /// Whose words these are if not the speaker's own.
    pub forwarded_from: Option<String>,
    /// Set when nobody said anything, but something happened in the chat.
    pub service: Option<Service>,
}

/// The message that another one answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyTo {
    /// Its number within the same chat.
    pub message_id: i64,
    /// Who had said it.
    pub from_id: i64,
    /// The name of who had said it.
    pub from_name: String,
    /// Whether a bot had said it.
    pub from_is_bot: bool,
    /// The part that the person has chosen to quote, else its text or caption.
    pub text: Option<String>,
}

impl Message {
    pub(super) fn read(message: &Object) -> Result<Self, Malformed> {
        let thread_id = message.integer("message_thread_id").filter(|_| message.flag("is_topic_message"));
        let text = text_of(message);
        let service = Service::read(message);
        let known_media = Media::read(message);
        let nothing_known = text.is_none() && service.is_none() && known_media.is_none();
        Ok(Self {
            message_id: message.integer("message_id").ok_or(Malformed::Lacks("message_id"))?,
            chat: Chat::of(message).ok_or(Malformed::Lacks("chat"))?,
            thread_id,
            from: Speaker::of(message).ok_or(Malformed::Lacks("from"))?,
            sent_at: message.integer("date").and_then(sensible_time),
            media: if nothing_known { Media::read_unknown(message) } else { known_media },
            mentions: Mentions::read(message, text.as_deref().unwrap_or_default()),
            text,
            reply_to: ReplyTo::read(message, thread_id),
            forwarded_from: forwarded_from(message),
            service,
        })
    }
}

impl ReplyTo {
    /// In a topic Telegram lets every message that answers nothing "reply" to the topic's creation; where the
    /// bot has made the topic, all of them would seem to be addressed to it.
    fn read(message: &Object, thread_id: Option<i64>) -> Option<Self> {
        let original = message.object("reply_to_message")?;
        let message_id = original.integer("message_id")?;
        if thread_id == Some(message_id) || original.has("forum_topic_created") {
            return None;
        }
        let from = Speaker::of(&original)?;
        let quote = message.object("quote").filter(|quote| quote.flag("is_manual"));
        Some(Self {
            message_id,
            from_id: from.id,
            from_name: from.name,
            from_is_bot: from.is_bot,
            text: quote.and_then(|quote| quote.text("text")).or_else(|| text_of(&original)),
        })
    }
}

fn text_of(message: &Object) -> Option<String> {
    ["text", "caption"].iter().find_map(|field| message.text(field).filter(|text| !text.is_empty()))
}

/// The name of the one whose words were forwarded (`MessageOrigin`). That it is a forward must not get lost
/// with the name.
fn forwarded_from(message: &Object) -> Option<String> {
    if !message.has("forward_origin") {
        return None;
    }
    let name = message.object("forward_origin").and_then(|origin| {
        let known = ["sender_user", "sender_chat", "chat"].iter().find_map(|field| origin.object(field));
        let known = known.and_then(|author| Speaker::read(&author)).map(|author| author.name);
        known.or_else(|| origin.text("sender_user_name").and_then(|name| one_line(&name)))
    });
    Some(name.unwrap_or_else(|| "somebody".to_owned()))
}

/// Messages are sorted by this time, so it has to lie between Telegram's first day (2013-08-14) and 2100.
fn sensible_time(seconds: i64) -> Option<DateTime<Utc>> {
    let sensible = 1_376_438_400..4_102_444_800;
    DateTime::from_timestamp(seconds, 0).filter(|_| sensible.contains(&seconds))
}

#[cfg(test)]
mod tests {
    use super::super::{Incoming, Media, parse, samples};
    use super::Message;

    fn message(body: &str) -> Message {
        match parse(body.as_bytes()) {
            Ok(Incoming::Message(message)) => message,
            other => panic!("not a message: {other:?}"),
        }
    }

    /// A message in a private chat with these further fields.
    fn with(fields: &str) -> Message {
        message(&format!(
            r#"{{"update_id":1,"message":{{"message_id":2,
            "chat":{{"id":5,"type":"private","first_name":"Ada"}},{fields}}}}}"#
        ))
    }

    #[test]
    fn a_private_text_is_read_whole() {
        let said = message(samples::PRIVATE_TEXT);
        assert_eq!((said.message_id, said.chat.id, said.from.id), (41, 501, 501));
        assert_eq!(said.from.name, "Ада Lovelace");
        assert_eq!(said.from.language_code.as_deref(), Some("ru"));
        assert_eq!(said.text.as_deref(), Some("Привет! Меня зовут Ада 👋"));
        assert_eq!(said.sent_at.map(|time| time.timestamp()), Some(1_794_042_000));
        assert_eq!((said.thread_id, said.media, said.reply_to), (None, None, None));
        assert_eq!((said.forwarded_from, said.service), (None, None));
    }

    #[test]
    fn a_caption_counts_as_text_beside_its_media() {
        let photo = message(samples::FORWARDED_PHOTO);
        assert_eq!(photo.text.as_deref(), Some("My engine, @Ada_L"));
        assert_eq!(photo.media, Some(Media::Photo));
        assert_eq!(with(r#""text":"","caption":"x""#).text.as_deref(), Some("x"));
        assert_eq!(photo.mentions.usernames, ["ada_l"]);
    }

    #[test]
    fn a_forward_names_its_author_whoever_that_is() {
        assert_eq!(message(samples::FORWARDED_PHOTO).forwarded_from.as_deref(), Some("Charles Babbage"));
        let from = |origin: &str| with(&format!(r#""text":"x","forward_origin":{origin}"#)).forwarded_from;
        let hidden = r#"{"type":"hidden_user","sender_user_name":"Some\none"}"#;
        assert_eq!(from(hidden).as_deref(), Some("Some one"));
        assert_eq!(
            from(r#"{"type":"chat","sender_chat":{"id":-4,"title":"Дача"}}"#).as_deref(),
            Some("Дача")
        );
        assert_eq!(from(r#"{"type":"channel","chat":{"id":-1009,"title":"News"}}"#).as_deref(), Some("News"));
    }

    #[test]
    fn a_forward_stays_one_when_its_author_is_unreadable() {
        for origin in ["{}", "7", r#"{"type":"dream","sender_user":{"id":1e400000}}"#] {
            let forwarded = with(&format!(r#""text":"x","forward_origin":{origin}"#));
            assert_eq!(forwarded.forwarded_from.as_deref(), Some("somebody"), "{origin}");
        }
    }

    #[test]
    fn a_reply_quotes_what_the_person_has_chosen() {
        let reply = message(samples::TOPIC_REPLY).reply_to.expect("a reply");
        assert_eq!((reply.message_id, reply.from_id, reply.from_is_bot), (900, 777, true));
        assert_eq!(reply.from_name, "PykhBrain");
        assert_eq!(reply.text.as_deref(), Some("в субботу"));
    }

    #[test]
    fn a_reply_without_a_chosen_part_quotes_the_text_or_caption() {
        let original =
            r#""reply_to_message":{"message_id":1,"chat":{"id":5},"caption":"The barn","photo":[{}]}"#;
        assert_eq!(with(original).reply_to.and_then(|reply| reply.text).as_deref(), Some("The barn"));
        let automatic = format!(r#"{original},"quote":{{"text":"The"}}"#);
        assert_eq!(with(&automatic).reply_to.and_then(|reply| reply.text).as_deref(), Some("The barn"));
    }

    #[test]
    fn a_topic_is_one_only_where_telegram_says_so() {
        assert_eq!(message(samples::TOPIC_REPLY).thread_id, Some(55));
        assert_eq!(with(r#""message_thread_id":9,"is_topic_message":true"#).thread_id, Some(9));
        assert_eq!(with(r#""message_thread_id":9"#).thread_id, None);
        assert_eq!(with(r#""message_thread_id":9,"is_topic_message":"yes""#).thread_id, None);
    }

    #[test]
    fn what_is_said_in_a_topic_is_no_reply_to_its_creation() {
        let creation =
            r#"{"message_id":8,"from":{"id":777,"is_bot":true},"forum_topic_created":{"name":"Boat"}}"#;
        let said =
            with(&format!(r#""is_topic_message":true,"message_thread_id":9,"reply_to_message":{creation}"#));
        assert_eq!(said.reply_to, None);
        let bare = r#""is_topic_message":true,"message_thread_id":9,
            "reply_to_message":{"message_id":9,"from":{"id":777}}"#;
        assert_eq!(with(bare).reply_to, None);
    }

    #[test]
    fn absurd_times_are_none() {
        for date in ["0", "-1", "1e400000", "9223372036854775807", "4102444800", "null", "\"1794042000\""] {
            assert_eq!(with(&format!(r#""date":{date}"#)).sent_at, None, "{date}");
        }
    }

    #[test]
    fn a_field_that_is_wrong_spoils_no_other() {
        let odd = with(
            r#""text":"kept \u0000\ud83d","date":"x","from":[],"entities":{"a":1e400000},"quote":true,
            "reply_to_message":{"message_id":1e400000},"new_field":{"deep":[[[1e-999999]]]},"via_bot":"\ud800""#,
        );
        assert_eq!(odd.text.as_deref(), Some("kept \u{FFFD}\u{FFFD}"));
        assert_eq!((odd.from.id, odd.from.name.as_str()), (5, "Ada"));
        assert_eq!(odd.reply_to, None);
    }
}
