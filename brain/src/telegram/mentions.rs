//! Whom a text addresses.

use std::ops::Range;

use super::object::Object;

/// The people and bots that a text names, and whether it is a command.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mentions {
    /// `@name` in the text: lowercase, without `@`.
    pub usernames: Vec<String>,
    /// People without a username who were mentioned by their name.
    pub user_ids: Vec<i64>,
    /// Whether the text begins with a bot command.
    pub command: bool,
}

/// An `@` and the longest username (32 characters: <https://core.telegram.org/api/username>).
const LONGEST_MENTION: usize = 33;

impl Mentions {
    /// `text` is the message's text or caption. Telegram marks what it takes for a mention or a command, and
    /// leaves unmarked what stands in code; where a server marks nothing at all, the text itself is searched.
    pub(super) fn read(message: &Object, text: &str) -> Self {
        let Some(entities) = ["entities", "caption_entities"].iter().find_map(|field| message.objects(field))
        else {
            return Self::search(text);
        };
        let mut mentions = Self::default();
        let mut units: Option<Vec<u16>> = None;
        for entity in entities {
            match entity.text("type").as_deref() {
                Some("mention") => {
                    let units = units.get_or_insert_with(|| text.encode_utf16().collect());
                    mentions.usernames.extend(username(units, &entity));
                }
                Some("text_mention") => {
                    mentions.user_ids.extend(entity.object("user").and_then(|user| user.integer("id")));
                }
                Some("bot_command") if entity.integer("offset") == Some(0) => {
                    mentions.command = true;
                }
                _ => {}
            }
        }
        mentions
    }

    fn search(text: &str) -> Self {
        Self {
            usernames: at_names(text)
                .map(|range| text[range.start + 1..range.end].to_ascii_lowercase())
                .collect(),
            user_ids: Vec::new(),
            command: text.starts_with('/'),
        }
    }
}

/// The name that a `mention` entity covers. Telegram counts offsets in UTF-16 units:
/// <https://core.telegram.org/api/entities#entity-length>.
fn username(text: &[u16], entity: &Object) -> Option<String> {
    let index = |field| usize::try_from(entity.integer(field)?).ok();
    let (start, length) = (index("offset")?, index("length")?.min(LONGEST_MENTION));
    let mention = String::from_utf16(text.get(start..)?.get(..length)?).ok()?;
    let name = mention.strip_prefix('@').filter(|name| !name.is_empty())?;
    Some(name.to_ascii_lowercase())
}

/// Where `@name` stands in a text as a word of its own, so not in a mail address or in `/command@name`.
pub(super) fn at_names(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices('@').filter_map(move |(start, _)| {
        let rest = &text[start + 1..];
        let length = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(rest.len());
        let in_word = |c: char| c.is_alphanumeric() || c == '_';
        let alone = !text[..start].ends_with(in_word) && !rest[length..].starts_with(in_word);
        (alone && length > 0).then(|| start..start + 1 + length)
    })
}

#[cfg(test)]
mod tests {
    use super::super::{Incoming, parse, samples};
    use super::{Mentions, Object, at_names};

    fn mentions(text: &str, entities: &str) -> Mentions {
        Mentions::read(&Object::parse(&format!(r#"{{"entities":{entities}}}"#)).expect("an object"), text)
    }

    #[test]
    fn offsets_count_utf16_units() {
        let Ok(Incoming::Message(message)) = parse(samples::GROUP_MENTION.as_bytes()) else {
            panic!("not a message");
        };
        assert_eq!(message.mentions.usernames, ["pykhbrain_bot", "ada_l"]);
        assert!(!message.mentions.command);
    }

    #[test]
    fn a_replaced_half_of_an_emoji_moves_no_offset() {
        let body = br#"{"update_id":1,"message":{"message_id":2,"chat":{"id":-5},
            "text":"\ud83d\u0000 @Ada","entities":[{"type":"mention","offset":3,"length":4}]}}"#;
        let Ok(Incoming::Message(message)) = parse(body) else {
            panic!("not a message");
        };
        assert_eq!(message.mentions.usernames, ["ada"]);
    }

    #[test]
    fn offsets_outside_the_text_or_inside_an_emoji_mention_nobody() {
        for (offset, length) in
            [(3, 9), (9, 1), (-1, 4), (i64::MAX, i64::MAX), (1, 4), (0, 2), (0, 0), (3, 1)]
        {
            let entity = format!(r#"[{{"type":"mention","offset":{offset},"length":{length}}}]"#);
            assert_eq!(mentions("😀 @Ada", &entity), Mentions::default(), "{offset} {length}");
        }
    }

    #[test]
    fn people_without_a_username_are_mentioned_by_number() {
        let entity =
            r#"[{"type":"text_mention","offset":0,"length":4,"user":{"id":777,"first_name":"Вера"}}]"#;
        assert_eq!(mentions("Вера, привет", entity).user_ids, [777]);
    }

    #[test]
    fn only_a_command_at_the_beginning_is_one() {
        assert!(mentions("/help", r#"[{"type":"bot_command","offset":0,"length":5}]"#).command);
        assert!(!mentions("so /help", r#"[{"type":"bot_command","offset":3,"length":5}]"#).command);
        assert!(!mentions("/help", r#"[{"type":"code","offset":0,"length":5}]"#).command);
    }

    #[test]
    fn the_text_is_searched_where_a_server_marks_nothing() {
        let search = |text| Mentions::read(&Object::parse("{}").expect("an object"), text);
        assert_eq!(search("спроси @PykhBrain_bot!").usernames, ["pykhbrain_bot"]);
        assert!(search("/help").command);
        assert_eq!(search("привет"), Mentions::default());
    }

    #[test]
    fn a_name_is_a_word_of_its_own() {
        let found = |text: &'static str| at_names(text).map(|range| &text[range]).collect::<Vec<_>>();
        assert_eq!(found("@a, (@b) @c-d\n@e"), ["@a", "@b", "@c", "@e"]);
        assert_eq!(found("me@home.org @ @@ /start@bot ж@bot @botж"), [""; 0]);
    }
}
