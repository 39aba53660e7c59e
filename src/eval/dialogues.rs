//! The file that `eval recall` reads: dialogues, and questions with the messages that answer them.

use std::{collections::HashMap, path::Path};

use anyhow::{Context as _, bail, ensure};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Deserialize;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    dialogues: Vec<Dialogue>,
}

/// What was said in one chat, and what is asked about it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Dialogue {
    /// For messages about the file.
    pub(super) name: String,
    /// Oldest first.
    pub(super) messages: Vec<Message>,
    pub(super) questions: Vec<Question>,
    #[serde(skip)]
    places: HashMap<String, usize>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Message {
    id: String,
    pub(super) speaker: String,
    #[serde(default)]
    pub(super) role: Speaks,
    pub(super) time: DateTime<Utc>,
    pub(super) text: String,
}

#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Speaks {
    #[default]
    User,
    Assistant,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Question {
    pub(super) text: String,
    evidence: Vec<String>,
    asked_at: Option<DateTime<Utc>>,
}

impl Dialogue {
    /// When the question is asked: where it does not say, a day after the last message.
    pub(super) fn asked_at(&self, question: &Question) -> DateTime<Utc> {
        let after =
            || self.messages.last().map_or(DateTime::UNIX_EPOCH, |last| last.time) + TimeDelta::days(1);
        question.asked_at.unwrap_or_else(after)
    }

    /// Where among the messages its evidence stands.
    pub(super) fn evidence(&self, question: &Question) -> Vec<usize> {
        question.evidence.iter().map(|id| self.places[id]).collect()
    }

    /// Fills `places` and sees that everything fits together.
    fn check(&mut self) -> anyhow::Result<()> {
        let mut last: Option<&Message> = None;
        for (place, message) in self.messages.iter().enumerate() {
            ensure!(
                self.places.insert(message.id.clone(), place).is_none(),
                "two messages have the id {:?}",
                message.id
            );
            if let Some(last) = last.filter(|last| last.time > message.time) {
                bail!("message {:?} is older than {:?}, which stands before it", message.id, last.id);
            }
            ensure!(
                !message.text.contains('\0'),
                "message {:?} has a character that cannot be kept",
                message.id
            );
            last = Some(message);
        }
        for (number, question) in (1..).zip(&self.questions) {
            ensure!(!question.evidence.is_empty(), "question {number} has no evidence");
            if let Some(id) = question.evidence.iter().find(|id| !self.places.contains_key(*id)) {
                bail!("the evidence of question {number} is {id:?}, and no message has that id");
            }
        }
        Ok(())
    }
}

/// Reads the file. What is wrong in it is said with its place.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Dialogue>> {
    let shown = path.display();
    let text = std::fs::read_to_string(path).with_context(|| format!("cannot read {shown}"))?;
    parse(&text).with_context(|| format!("{shown} is no file of dialogues"))
}

fn parse(text: &str) -> anyhow::Result<Vec<Dialogue>> {
    let file: File = serde_json::from_str(text)?;
    let mut dialogues = file.dialogues;
    ensure!(dialogues.iter().any(|dialogue| !dialogue.questions.is_empty()), "it has no questions");
    for dialogue in &mut dialogues {
        dialogue.check().with_context(|| format!("dialogue {:?}", dialogue.name))?;
    }
    Ok(dialogues)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(messages: &str, questions: &str) -> String {
        format!(
            r#"{{"dialogues": [{{"name": "tea", "messages": [{messages}], "questions": [{questions}]}}]}}"#
        )
    }

    fn problem(text: &str) -> String {
        format!("{:#}", parse(text).unwrap_err())
    }

    const FIRST: &str =
        r#"{"id": "a", "speaker": "Olena", "time": "2026-01-01T10:00:00Z", "text": "I drink oolong"}"#;
    const SECOND: &str = r#"{"id": "b", "speaker": "PykhBrain", "role": "assistant", "time": "2026-01-01T10:01:00Z", "text": "Noted."}"#;
    const QUESTION: &str = r#"{"text": "Which tea?", "evidence": ["a"]}"#;

    #[test]
    fn a_question_without_a_time_is_asked_a_day_after_the_last_message() {
        let dialogues = parse(&file(&format!("{FIRST}, {SECOND}"), QUESTION)).unwrap();
        let question = &dialogues[0].questions[0];
        assert_eq!(dialogues[0].asked_at(question).to_rfc3339(), "2026-01-02T10:01:00+00:00");
        assert_eq!(dialogues[0].evidence(question), [0]);
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert_eq!(
            problem(&file(FIRST, r#"{"text": "Which tea?", "evidence": ["z"]}"#)),
            r#"dialogue "tea": the evidence of question 1 is "z", and no message has that id"#
        );
        assert_eq!(
            problem(&file(&format!("{SECOND}, {FIRST}"), QUESTION)),
            r#"dialogue "tea": message "a" is older than "b", which stands before it"#
        );
        assert_eq!(
            problem(&file(&format!("{FIRST}, {FIRST}"), QUESTION)),
            r#"dialogue "tea": two messages have the id "a""#
        );
        assert_eq!(
            problem(&file(FIRST, r#"{"text": "?", "evidence": []}"#)),
            r#"dialogue "tea": question 1 has no evidence"#
        );
        assert_eq!(problem(&file(FIRST, "")), "it has no questions");
        assert!(problem("{\n \"dialogs\": []}").contains("line 2"));
        assert!(
            problem(&file(r#"{"id": "a", "speaker": "Olena", "time": "yesterday", "text": "x"}"#, QUESTION))
                .contains("column")
        );
    }
}
