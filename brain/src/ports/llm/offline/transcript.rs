//! Reads a prompt for fact operations (its form: `reply::sections`) back into facts and numbered messages.

use super::sections::{BOT, CURRENT_FACTS, FACT_NUMBER, MESSAGE_NUMBER, TRANSCRIPT};
use crate::ports::llm::render::{PromptMessage, Role};

/// A fact that may be changed.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct KnownFact<'a> {
    pub(super) id: i64,
    pub(super) text: &'a str,
}

/// A message of a person.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) id: i64,
    /// The day, as the transcript gives it; empty where it does not.
    pub(super) date: &'a str,
    pub(super) speaker: &'a str,
    pub(super) text: String,
}

/// The facts and the people's messages of the last message of a prompt; the bot's own are left out.
pub(super) fn read(messages: &[PromptMessage]) -> (Vec<KnownFact<'_>>, Vec<Line<'_>>) {
    let last = messages.last().filter(|message| message.role == Role::User).map_or("", |last| &last.content);
    let mut in_transcript = None;
    let mut facts = Vec::new();
    let mut lines: Vec<Option<Line<'_>>> = Vec::new();
    for line in last.lines() {
        match in_transcript {
            _ if line == CURRENT_FACTS && in_transcript.is_none() => in_transcript = Some(false),
            None | Some(false) if line == TRANSCRIPT => in_transcript = Some(true),
            Some(false) => facts.extend(
                numbered(line, FACT_NUMBER).map(|(id, text)| KnownFact { id, text: without_date(text) }),
            ),
            Some(true) => match numbered(line, MESSAGE_NUMBER) {
                // The bot's own lines are kept as nothing, so that what goes on under them goes nowhere.
                Some((id, rest)) => lines.push(spoken(id, rest).filter(|line| line.speaker != BOT)),
                None => {
                    if let Some(Some(message)) = lines.last_mut() {
                        message.text.push('\n');
                        message.text.push_str(line);
                    }
                }
            },
            None => {}
        }
    }
    (facts, lines.into_iter().flatten().collect())
}

/// The number of a line `[x12] rest`, where `[x` is the mark.
fn numbered<'a>(line: &'a str, mark: &str) -> Option<(i64, &'a str)> {
    let (id, rest) = line.strip_prefix(mark)?.split_once(']')?;
    Some((id.parse().ok()?, rest.trim_start()))
}

/// `2026-10-02 14:03 Olena: text`.
fn spoken(id: i64, rest: &str) -> Option<Line<'_>> {
    let (before, text) = rest.split_once(": ").or_else(|| Some((rest.strip_suffix(':')?, "")))?;
    let mut speaker = before;
    for _ in 0..2 {
        if let Some((time, name)) = speaker.split_once(' ')
            && is_time(time)
        {
            speaker = name;
        }
    }
    let date = before.split([' ', 'T']).next().filter(|day| is_time(day)).unwrap_or_default();
    (!speaker.is_empty() && !is_time(speaker)).then(|| Line { id, date, speaker, text: text.to_owned() })
}

fn is_time(word: &str) -> bool {
    let digits = word.chars().filter(char::is_ascii_digit).count();
    digits >= 4 && word.chars().all(|letter| letter.is_ascii_digit() || "-:.+TZ[]".contains(letter))
}

fn without_date(fact: &str) -> &str {
    let dated =
        fact.strip_prefix('[').and_then(|rest| rest.split_once("] ")).filter(|(date, _)| is_time(date));
    dated.map_or(fact, |(_, text)| text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn facts_and_messages_are_read_back_without_the_bots() {
        let content = "Current facts:\n[f7] [2026-10-01] Olena lives in Kyiv\n[f8] Olena likes tea\n\nTranscript:\n\
                       [#3] 2026-10-02 14:03 Olena Koval: I moved: to Lviv\nand like it\n\
                       [#4] 2026-10-02 14:04 PykhBrain: I know\nI live in Oslo\n[#x] broken\n[#5] Taras: Hi";
        let messages = [PromptMessage { role: Role::User, content: content.to_owned() }];
        let (facts, lines) = read(&messages);
        assert_eq!(
            facts,
            [KnownFact { id: 7, text: "Olena lives in Kyiv" }, KnownFact { id: 8, text: "Olena likes tea" }]
        );
        let said: Vec<_> =
            lines.iter().map(|line| (line.id, line.date, line.speaker, line.text.as_str())).collect();
        assert_eq!(
            said,
            [(3, "2026-10-02", "Olena Koval", "I moved: to Lviv\nand like it"), (5, "", "Taras", "Hi")]
        );
    }
}
