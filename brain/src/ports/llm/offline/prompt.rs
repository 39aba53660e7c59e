//! Reads a prompt for an answer (its form: `reply::sections`) back into what was said, by whom and when.

use super::sections::{BOT, CURRENT, FACT, FACTS, FORWARDED, GROUP, IN_REPLY_TO, RECALLED, SOMEBODY};
use crate::ports::llm::render::{PromptMessage, Role};

/// One message or fact of a prompt; the bot's own are left out.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Said<'a> {
    pub(super) source: Source,
    /// The name, where the prompt has one.
    pub(super) speaker: Option<&'a str>,
    /// `2026-10-02` or `2026-10-02 14:03`; empty where the prompt has none.
    pub(super) date: &'a str,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Source {
    Fact,
    Recalled,
    Recent,
    /// The message to answer.
    Current,
}

/// What a prompt holds.
#[derive(Debug, Default)]
pub(super) struct Prompt<'a> {
    /// Facts and messages, oldest first; facts without a date after what was recalled.
    pub(super) said: Vec<Said<'a>>,
    /// The message to answer, without its speaker.
    pub(super) current: String,
    /// Who asks, where the prompt names them.
    pub(super) asker: Option<&'a str>,
    /// Several people speak: whoever is not the asker is somebody else.
    pub(super) group: bool,
}

impl<'a> Prompt<'a> {
    pub(super) fn read(messages: &'a [PromptMessage]) -> Self {
        let system = messages.first().filter(|message| message.role == Role::System);
        let group = system.is_some_and(|system| system.content.contains(GROUP));
        let (history, last) = match messages.split_last() {
            Some((last, history)) if last.role == Role::User => (history, last.content.as_str()),
            _ => (messages, ""),
        };
        let (before, recalled, current) = parts(last);

        let mut said = system.map_or_else(Vec::new, |system| facts(&system.content));
        said.extend(recalled_messages(recalled));
        // A day stands before its own hours, and whatever has no date is newer than what has one.
        said.sort_by_key(|said| if said.date.is_empty() { "~" } else { said.date });
        let recent = history.iter().filter(|message| message.role == Role::User);
        for content in recent.map(|message| message.content.as_str()).chain([before]) {
            said.extend(spoken(content, group));
        }
        let mut now = spoken(current, group);
        let (asker, current) = now.last_mut().map_or((None, String::new()), |last| {
            last.source = Source::Current;
            (last.speaker, last.text.clone())
        });
        said.append(&mut now);
        let recalled = said.iter().find(|said| said.source == Source::Recalled);
        let asker = asker.or_else(|| recalled.filter(|_| !group).and_then(|said| said.speaker));
        let asker = asker.filter(|name| *name != SOMEBODY);
        Self { said, current, asker, group }
    }
}

/// The lines `- text` under the last heading of the facts, a date in brackets taken off.
fn facts(system: &str) -> Vec<Said<'_>> {
    let Some(start) = last_heading(system, FACTS) else {
        return Vec::new();
    };
    let facts = system[start..].lines().skip(1).map_while(|line| line.strip_prefix(FACT));
    let dated = facts.map(|fact| split_date(fact).unwrap_or(("", fact)));
    dated
        .map(|(date, text)| Said { source: Source::Fact, speaker: None, date, text: text.to_owned() })
        .collect()
}

fn last_heading(text: &str, heading: &str) -> Option<usize> {
    text.match_indices(heading).map(|(at, _)| at).filter(|at| starts_line(text, *at)).last()
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text[..at].ends_with('\n')
}

/// What was said before, what is recalled, and the message to answer: the parts of the last message.
fn parts(last: &str) -> (&str, &str, &str) {
    let mut headings = last.match_indices(RECALLED).map(|(at, _)| at);
    let Some(recalled) = headings.find(|at| starts_line(last, *at)) else {
        return ("", "", last);
    };
    let (before, rest) = last.split_at(recalled);
    let mut headings = rest.match_indices(CURRENT).map(|(at, _)| at);
    match headings.find(|at| rest[..*at].ends_with("\n\n")) {
        Some(current) => (before, &rest[..current], rest[current + CURRENT.len()..].trim_start_matches('\n')),
        None => (before, rest, ""),
    }
}

/// Lines `[date] name: text`; a line without that form goes on with the message before it.
fn recalled_messages(recalled: &str) -> Vec<Said<'_>> {
    let mut said: Vec<(bool, Said<'_>)> = Vec::new();
    for line in recalled.lines().filter(|line| !line.is_empty()) {
        if let Some((date, (speaker, text))) =
            split_date(line).and_then(|(date, rest)| Some((date, named(rest)?)))
        {
            let message =
                Said { source: Source::Recalled, speaker: Some(speaker), date, text: text.to_owned() };
            said.push((speaker == BOT, message));
        } else if let Some((_, message)) = said.last_mut() {
            message.text.push('\n');
            message.text.push_str(line);
        }
    }
    said.into_iter().filter(|(by_bot, _)| !by_bot).map(|(_, message)| message).collect()
}

/// The messages of a user turn: one in private chats, one for each named line in groups. What they reply to is left
/// out: it is not said now.
fn spoken(content: &str, group: bool) -> Vec<Said<'_>> {
    let mut said: Vec<Said<'_>> = Vec::new();
    let mut in_quote = false;
    for line in content.lines() {
        if in_quote || line.starts_with(IN_REPLY_TO) {
            in_quote = !line.ends_with("\"]");
            continue;
        }
        let (speaker, text) =
            named(line).filter(|_| group).map_or((None, line), |(name, text)| (Some(name), text));
        match said.last_mut().filter(|_| speaker.is_none()) {
            Some(message) => {
                message.text.push('\n');
                message.text.push_str(text);
            }
            None => {
                said.push(Said { source: Source::Recent, speaker, date: "", text: text.to_owned() });
            }
        }
    }
    said
}

/// The author and the text of a forwarded message.
pub(super) fn forwarded(text: &str) -> Option<(&str, &str)> {
    text.strip_prefix(FORWARDED)?.split_once(']').map(|(author, text)| (author, text.trim_start()))
}

/// `[2026-10-02 14:03] rest`.
fn split_date(line: &str) -> Option<(&str, &str)> {
    let (date, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let digits = date.len() >= 10 && date.starts_with(|first: char| first.is_ascii_digit());
    (digits && date.chars().all(|letter| letter.is_ascii_digit() || "-: TZ+.".contains(letter)))
        .then_some((date, rest))
}

/// `Name: text`, where the name looks like one: short, at most five words, no punctuation that ends a sentence.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, text) = line.split_once(": ")?;
    let fits = !name.trim().is_empty() && name.len() <= 64 && name.split(' ').count() <= 5;
    let plain = !name.contains(['?', '!', ',', '\n', '"', '«', '(', '[', ':'])
        && !name.starts_with(char::is_lowercase);
    (fits && plain).then_some((name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: Role, content: &str) -> PromptMessage {
        PromptMessage { role, content: content.to_owned() }
    }

    #[test]
    fn a_private_prompt_is_read_back() {
        let messages = [
            message(
                Role::System,
                "Be kind.\n\nWhat you know:\n- [2026-10-02] Olena lives in Lviv\n- Olena likes tea\n",
            ),
            message(Role::User, "Note: I bought a bike"),
            message(Role::Assistant, "Nice: a bike"),
            message(
                Role::User,
                "I am back\nEarlier messages that may help, oldest first:\n[2026-09-01 10:00] Olena: I live in Kyiv\nand like it\n\
                 [2026-09-01 10:00] PykhBrain: Good\n\nThe message to answer:\nWhere do I live?",
            ),
        ];
        let prompt = Prompt::read(&messages);
        let said: Vec<_> = prompt.said.iter().map(|said| (said.date, said.text.as_str())).collect();
        assert_eq!(
            said,
            [
                ("2026-09-01 10:00", "I live in Kyiv\nand like it"),
                ("2026-10-02", "Olena lives in Lviv"),
                ("", "Olena likes tea"),
                ("", "Note: I bought a bike"),
                ("", "I am back"),
                ("", "Where do I live?"),
            ]
        );
        assert_eq!(
            (prompt.current.as_str(), prompt.asker, prompt.group),
            ("Where do I live?", Some("Olena"), false)
        );
    }

    #[test]
    fn in_a_group_each_line_has_its_speaker() {
        let messages = [
            message(Role::System, "- This is a group. Be kind."),
            message(Role::User, "Olena: I live in Lviv\nTaras: I live in Kyiv"),
            message(Role::Assistant, "Good"),
            message(
                Role::User,
                "Olena: Hm\n[in reply to Olena: \"I live\nin Lviv\"]\nTaras: Where do I live?",
            ),
        ];
        let prompt = Prompt::read(&messages);
        let said: Vec<_> = prompt.said.iter().map(|said| (said.speaker, said.text.as_str())).collect();
        assert_eq!(
            said,
            [
                (Some("Olena"), "I live in Lviv"),
                (Some("Taras"), "I live in Kyiv"),
                (Some("Olena"), "Hm"),
                (Some("Taras"), "Where do I live?"),
            ]
        );
        assert_eq!(
            (prompt.current.as_str(), prompt.asker, prompt.group),
            ("Where do I live?", Some("Taras"), true)
        );
    }

    #[test]
    fn nothing_is_read_from_an_empty_prompt() {
        let prompt = Prompt::read(&[]);
        assert!(prompt.said.is_empty() && prompt.current.is_empty());
    }
}
