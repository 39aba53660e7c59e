//! Marked places in a text, counted as Telegram counts: in UTF-16 units, <https://core.telegram.org/api/entities>.

use serde::{Deserialize, Serialize};

/// A place in a text that means or looks something, <https://core.telegram.org/bots/api#messageentity>.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entity {
    /// Telegram's word: `bold`, `mention`, `bot_command`, ...
    #[serde(rename = "type")]
    pub kind: String,
    pub offset: usize,
    pub length: usize,
    /// Of a `text_link`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
    /// Of a `pre`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub language: Option<String>,
}

impl Entity {
    pub fn new(kind: &str, offset: usize, length: usize) -> Self {
        Self { kind: kind.to_owned(), offset, length, url: None, language: None }
    }
}

/// How long a text is for Telegram.
pub fn utf16_len(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}

/// The commands and mentions in what a person has typed, in their order.
pub fn find(text: &str) -> Vec<Entity> {
    let mut found = Vec::new();
    let mut offset = 0;
    let mut before = None;
    let mut taken_to = 0;
    for (at, character) in text.char_indices() {
        if at >= taken_to && matches!(character, '/' | '@') && !before.is_some_and(joins) {
            let length = match character {
                '/' => command_len(&text[at..]),
                _ => name_len(&text[at + 1..], 3..=32).map(|name| 1 + name),
            };
            if let Some(length) = length {
                let kind = if character == '/' { "bot_command" } else { "mention" };
                // Both are ASCII, so bytes and UTF-16 units are the same number.
                found.push(Entity::new(kind, offset, length));
                taken_to = at + length;
            }
        }
        offset += character.len_utf16();
        before = Some(character);
    }
    found
}

/// After these a `/` or `@` belongs to the word before it: a path, a fraction, an address.
fn joins(before: char) -> bool {
    before.is_alphanumeric() || matches!(before, '_' | '/' | '@' | '.' | '<' | '>')
}

/// `/name` or `/name@bot`.
fn command_len(text: &str) -> Option<usize> {
    let name = 1 + name_len(&text[1..], 1..=64)?;
    let bot = text[name..].strip_prefix('@').and_then(|rest| name_len(rest, 3..=32));
    let length = name + bot.map_or(0, |bot| 1 + bot);
    (!text[length..].starts_with('/')).then_some(length)
}

/// The length of the name that `text` starts with, if it is one and no longer word goes on from it.
fn name_len(text: &str, allowed: std::ops::RangeInclusive<usize>) -> Option<usize> {
    let length = text.find(|c: char| !c.is_ascii_alphanumeric() && c != '_').unwrap_or(text.len());
    (allowed.contains(&length) && !text[length..].starts_with(char::is_alphanumeric)).then_some(length)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(String, String)> {
        let units: Vec<u16> = text.encode_utf16().collect();
        find(text)
            .into_iter()
            .map(|entity| {
                let place = &units[entity.offset..entity.offset + entity.length];
                (entity.kind, String::from_utf16(place).expect("whole characters"))
            })
            .collect()
    }

    fn pair(kind: &str, text: &str) -> (String, String) {
        (kind.to_owned(), text.to_owned())
    }

    #[test]
    fn offsets_count_utf16_units() {
        assert_eq!(find("👨‍👩‍👧 и @taras"), [Entity::new("mention", 11, 6)]);
        assert_eq!(
            found("🙈 @olena, ask @pykhbrain_local_bot 👍🏽 /help"),
            [
                pair("mention", "@olena"),
                pair("mention", "@pykhbrain_local_bot"),
                pair("bot_command", "/help")
            ]
        );
    }

    #[test]
    fn a_command_may_name_its_bot() {
        assert_eq!(
            found("/session@pykhbrain_local_bot long"),
            [pair("bot_command", "/session@pykhbrain_local_bot")]
        );
        assert_eq!(found("/start ref_7"), [pair("bot_command", "/start")]);
        assert_eq!(found("/a, /b."), [pair("bot_command", "/a"), pair("bot_command", "/b")]);
    }

    #[test]
    fn a_path_a_fraction_and_an_address_mark_nothing() {
        for text in
            ["/usr/bin", "and/or 1/2", "me@home.org", "https://a.example/b", "/", "@ab", "/привет", "@олена"]
        {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
