//! Who says something, and where.

use super::object::Object;

/// A chat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Chat {
    /// Telegram's number of the chat.
    pub id: i64,
    /// What kind of chat.
    pub kind: ChatKind,
    /// The name of a group; private chats have none.
    pub title: Option<String>,
    /// Whether the group is divided into topics.
    pub is_forum: bool,
}

/// The kinds of chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "Telegram's own words, and nothing to add to them")]
pub enum ChatKind {
    Private,
    Group,
    Supergroup,
    Channel,
}

/// Who said something: a person, a bot, or a chat (anonymous administrators and channels speak as chats).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Speaker {
    /// Telegram's number of the person or chat.
    pub id: i64,
    /// First and last name, or the chat's title, on one line; never empty.
    pub name: String,
    /// Without `@`.
    pub username: Option<String>,
    /// The language of the person's app (IETF tag).
    pub language_code: Option<String>,
    /// Whether this is a bot. A chat that speaks is none, though Telegram puts a stand-in bot beside it.
    pub is_bot: bool,
}

impl Chat {
    /// The chat that `content` belongs to.
    pub(super) fn of(content: &Object) -> Option<Self> {
        let chat = content.object("chat")?;
        let id = chat.integer("id")?;
        Some(Self {
            id,
            kind: ChatKind::read(chat.text("type").as_deref(), id),
            title: chat.text("title").and_then(|title| one_line(&title)),
            is_forum: chat.flag("is_forum"),
        })
    }
}

impl ChatKind {
    /// Where the type is unreadable the number tells: <https://core.telegram.org/api/bots/ids>.
    fn read(kind: Option<&str>, id: i64) -> Self {
        match kind {
            Some("private") => Self::Private,
            Some("group") => Self::Group,
            Some("supergroup") => Self::Supergroup,
            Some("channel") => Self::Channel,
            _ if id >= 0 => Self::Private,
            _ if id > -1_000_000_000_000 => Self::Group,
            _ => Self::Supergroup,
        }
    }
}

impl Speaker {
    /// Who speaks in `content`. Where Telegram names nobody it is the chat itself.
    pub(super) fn of(content: &Object) -> Option<Self> {
        ["sender_chat", "from", "chat"].iter().find_map(|field| Self::read(&content.object(field)?))
    }

    /// A `User` or a `Chat`, which have the same names for what we use.
    pub(super) fn read(who: &Object) -> Option<Self> {
        let id = who.integer("id")?;
        let username = who.text("username").filter(|name| !name.is_empty());
        Some(Self {
            id,
            name: name_of(who).or_else(|| username.clone()).unwrap_or_else(|| id.to_string()),
            username,
            language_code: who.text("language_code"),
            is_bot: who.flag("is_bot"),
        })
    }
}

fn name_of(who: &Object) -> Option<String> {
    let full_name = || {
        let part = |field| who.text(field).unwrap_or_default();
        format!("{} {}", part("first_name"), part("last_name"))
    };
    one_line(&who.text("title").unwrap_or_else(full_name))
}

/// The words of a name or title, if there are any. Names go into transcripts of one line for each message,
/// where a line break could forge the next line.
pub(super) fn one_line(name: &str) -> Option<String> {
    let words = name.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    Some(words.collect::<Vec<_>>().join(" ")).filter(|line| !line.is_empty())
}

#[cfg(test)]
mod tests {
    use super::{Chat, ChatKind, Object, Speaker};

    fn speaker(content: &str) -> Option<Speaker> {
        Speaker::of(&Object::parse(content).expect("an object"))
    }

    fn name(from: &str) -> String {
        speaker(&format!(r#"{{"from":{from}}}"#)).expect("a speaker").name
    }

    #[test]
    fn a_person_has_first_and_last_name() {
        assert_eq!(
            name(r#"{"id":1,"first_name":"Ада","last_name":"Lovelace","username":"ada"}"#),
            "Ада Lovelace"
        );
        assert_eq!(name(r#"{"id":1,"first_name":"Ada"}"#), "Ada");
    }

    #[test]
    fn a_nameless_person_is_called_by_username_or_number() {
        assert_eq!(name(r#"{"id":1,"first_name":" ","username":"ada"}"#), "ada");
        assert_eq!(name(r#"{"id":1,"first_name":7,"username":""}"#), "1");
    }

    #[test]
    fn a_name_cannot_begin_a_line_of_its_own() {
        let forged = r#"{"id":1,"first_name":"Eve\n[#7] noon","last_name":"\u2028Ada:\t hi\u001b"}"#;
        assert_eq!(name(forged), "Eve [#7] noon Ada: hi");
    }

    #[test]
    fn an_anonymous_administrator_and_a_channel_speak_as_chats() {
        let anonymous = r#"{"sender_chat":{"id":-1009,"title":"Дача","type":"supergroup"},
            "from":{"id":1087968824,"is_bot":true,"first_name":"Group"}}"#;
        let speaker = speaker(anonymous).expect("a speaker");
        assert_eq!((speaker.id, speaker.name.as_str(), speaker.is_bot), (-1009, "Дача", false));
    }

    #[test]
    fn where_nobody_is_named_the_chat_speaks() {
        let speaker = speaker(r#"{"from":{"id":"x"},"chat":{"id":5,"first_name":"Ada"}}"#);
        assert_eq!(speaker.map(|speaker| (speaker.id, speaker.name)), Some((5, "Ada".to_owned())));
        assert_eq!(super::tests::speaker("{}"), None);
    }

    #[test]
    fn a_chat_without_a_readable_type_is_told_by_its_number() {
        let kind = |chat: &str| {
            let content = format!(r#"{{"chat":{chat}}}"#);
            Chat::of(&Object::parse(&content).expect("an object")).map(|chat| chat.kind)
        };
        assert_eq!(kind(r#"{"id":5}"#), Some(ChatKind::Private));
        assert_eq!(kind(r#"{"id":-5,"type":null}"#), Some(ChatKind::Group));
        assert_eq!(kind(r#"{"id":-1001234567890,"type":"holodeck"}"#), Some(ChatKind::Supergroup));
        assert_eq!(kind(r#"{"id":-5,"type":"channel"}"#), Some(ChatKind::Channel));
        assert_eq!(kind(r#"{"type":"private"}"#), None);
    }
}
