//! Reads a prompt for an answer (its form: `reply::sections`) back into what was said, by whom and when.

use super::super::types::{PromptMessage, Role};
use crate::reply::sections::{BOT, CURRENT, FACT, FACTS, RECALLED};

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
        let (history, current) = match messages.split_last() {
            Some((last, history)) if last.role == Role::User => (history, last.content.as_str()),
            _ => (messages, ""),
        };
        let (recalled, current) = split_recalled(current);
        let recent: Vec<_> = history
            .iter()
            .filter(|message| message.role == Role::User)
            .collect();
        let users = || {
            recent
                .iter()
                .map(|message| message.content.as_str())
                .chain([current])
        };
        let group = !current.is_empty() && users().all(|content| named(content).is_some());

        let mut said = facts(messages);
        said.extend(recalled_messages(recalled));
        // A day stands before its own hours, and whatever has no date is newer than what has one.
        said.sort_by_key(|said| if said.date.is_empty() { "~" } else { said.date });
        for message in &recent {
            said.extend(spoken(&message.content, group));
        }
        let (asker, current) = match named(current).filter(|_| group) {
            Some(_) => {
                let mut lines = spoken(current, true);
                let speaker = lines.last().and_then(|line| line.speaker);
                let text = lines.pop().map_or_else(String::new, |line| line.text);
                said.append(&mut lines);
                (speaker, text)
            }
            None => (
                said.iter()
                    .find(|said| said.source == Source::Recalled)
                    .and_then(|said| said.speaker),
                current.to_owned(),
            ),
        };
        Self {
            said,
            current,
            asker,
            group,
        }
    }
}

/// The lines `- text` under the last heading of the facts, a date in brackets taken off.
fn facts(messages: &[PromptMessage]) -> Vec<Said<'_>> {
    let system = messages
        .first()
        .filter(|message| message.role == Role::System)
        .map_or("", |first| &first.content);
    let Some(start) = system
        .match_indices(FACTS)
        .map(|(at, _)| at)
        .filter(|at| starts_line(system, *at))
        .last()
    else {
        return Vec::new();
    };
    system[start..]
        .lines()
        .skip(1)
        .map_while(|line| line.strip_prefix(FACT))
        .map(|fact| {
            let (date, text) = split_date(fact).unwrap_or(("", fact));
            Said {
                source: Source::Fact,
                speaker: None,
                date,
                text: text.to_owned(),
            }
        })
        .collect()
}

fn starts_line(text: &str, at: usize) -> bool {
    at == 0 || text[..at].ends_with('\n')
}

/// The recalled part of the last message, and the message to answer.
fn split_recalled(content: &str) -> (&str, &str) {
    let Some(recalled) = content.strip_prefix(RECALLED) else {
        return ("", content);
    };
    recalled
        .match_indices(CURRENT)
        .find(|(at, _)| recalled[..*at].ends_with("\n\n"))
        .map_or((recalled, ""), |(at, heading)| {
            (
                &recalled[..at],
                recalled[at + heading.len()..].trim_start_matches('\n'),
            )
        })
}

/// Lines `[date] name: text`; a line without that form goes on with the message before it.
fn recalled_messages(recalled: &str) -> Vec<Said<'_>> {
    let mut said: Vec<(bool, Said<'_>)> = Vec::new();
    for line in recalled.lines().filter(|line| !line.is_empty()) {
        if let Some((date, (speaker, text))) =
            split_date(line).and_then(|(date, rest)| Some((date, named(rest)?)))
        {
            let message = Said {
                source: Source::Recalled,
                speaker: Some(speaker),
                date,
                text: text.to_owned(),
            };
            said.push((speaker == BOT, message));
        } else if let Some((_, message)) = said.last_mut() {
            message.text.push('\n');
            message.text.push_str(line);
        }
    }
    said.into_iter()
        .filter(|(by_bot, _)| !by_bot)
        .map(|(_, message)| message)
        .collect()
}

/// The messages of a user turn: one in private chats, one for each named line in groups.
fn spoken(content: &str, group: bool) -> Vec<Said<'_>> {
    let recent = |speaker, text: &str| Said {
        source: Source::Recent,
        speaker,
        date: "",
        text: text.to_owned(),
    };
    if !group {
        return vec![recent(None, content)];
    }
    let mut said: Vec<Said<'_>> = Vec::new();
    for line in content.lines() {
        match (named(line), said.last_mut()) {
            (Some((speaker, text)), _) => said.push(recent(Some(speaker), text)),
            (None, Some(message)) => {
                message.text.push('\n');
                message.text.push_str(line);
            }
            (None, None) => {}
        }
    }
    said
}

/// `[2026-10-02 14:03] rest`.
fn split_date(line: &str) -> Option<(&str, &str)> {
    let (date, rest) = line.strip_prefix('[')?.split_once("] ")?;
    let digits = date.len() >= 10 && date.starts_with(|first: char| first.is_ascii_digit());
    (digits
        && date
            .chars()
            .all(|letter| letter.is_ascii_digit() || "-: TZ+.".contains(letter)))
    .then_some((date, rest))
}

/// `Name: text`, where the name looks like one: short, at most five words, no punctuation that ends a sentence.
fn named(line: &str) -> Option<(&str, &str)> {
    let (name, text) = line.split_once(": ")?;
    let fits = !name.trim().is_empty() && name.len() <= 64 && name.split(' ').count() <= 5;
    let plain =
        !name.contains(['?', '!', ',', '\n', '"', '«', '(', ':']) && !name.starts_with(char::is_lowercase);
    (fits && plain).then_some((name, text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(role: Role, content: &str) -> PromptMessage {
        PromptMessage {
            role,
            content: content.to_owned(),
        }
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
                "Earlier messages that may help, oldest first:\n[2026-09-01 10:00] Olena: I live in Kyiv\nand like it\n\
                 [2026-09-01 10:00] PykhBrain: Good\n\nThe message to answer:\nWhere do I live?",
            ),
        ];
        let prompt = Prompt::read(&messages);
        let said: Vec<_> = prompt
            .said
            .iter()
            .map(|said| (said.date, said.text.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                ("2026-09-01 10:00", "I live in Kyiv\nand like it"),
                ("2026-10-02", "Olena lives in Lviv"),
                ("", "Olena likes tea"),
                ("", "Note: I bought a bike"),
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
            message(Role::System, ""),
            message(Role::User, "Olena: I live in Lviv\nTaras: I live in Kyiv"),
            message(Role::Assistant, "Good"),
            message(Role::User, "Taras: Where do I live?"),
        ];
        let prompt = Prompt::read(&messages);
        let said: Vec<_> = prompt
            .said
            .iter()
            .map(|said| (said.speaker, said.text.as_str()))
            .collect();
        assert_eq!(
            said,
            [
                (Some("Olena"), "I live in Lviv"),
                (Some("Taras"), "I live in Kyiv")
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
