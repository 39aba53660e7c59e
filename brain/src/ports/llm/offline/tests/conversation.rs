//! Prompts as the product assembles them, from three sessions of a chat: the first is known as facts, the second is
//! recalled, the third is what was said just now.

use super::super::answered as complete;
use super::super::sections::{
    BOT, CURRENT, CURRENT_FACTS, FACT, FACT_NUMBER, FACTS, GROUP, MESSAGE_NUMBER, RECALLED, TRANSCRIPT,
};
use super::super::{AnswerForm, ChatRequest};
use crate::ports::llm::render::{PromptMessage, Role};

/// A chat's messages, one a line, `Name: text`.
pub(super) struct Conversation {
    pub(super) first: &'static str,
    pub(super) second: &'static str,
    pub(super) third: &'static str,
    pub(super) group: bool,
}

/// A question with what its answer must hold, and what it must not.
pub(super) struct Case {
    asker: &'static str,
    question: &'static str,
    expected: &'static str,
    outdated: Option<&'static str>,
}

/// A question to which there is one answer.
pub(super) const fn ask(asker: &'static str, question: &'static str, expected: &'static str) -> Case {
    Case { asker, question, expected, outdated: None }
}

impl Case {
    /// The answer must not hold what was true before.
    pub(super) const fn not(self, outdated: &'static str) -> Self {
        Self { outdated: Some(outdated), ..self }
    }

    fn is_answered_by(&self, answer: &str) -> bool {
        answer.contains(self.expected) && self.outdated.is_none_or(|outdated| !answer.contains(outdated))
    }
}

impl Conversation {
    /// The questions that were answered wrongly, with the answers.
    pub(super) fn wrong(&self, cases: &[Case]) -> Vec<String> {
        let facts = facts(self.first);
        let answered = cases.iter().map(|case| (case, self.answer(&facts, case)));
        let wrong = answered.filter(|(case, answer)| !case.is_answered_by(answer));
        wrong.map(|(case, answer)| format!("{} -> {answer}", case.question)).collect()
    }

    fn answer(&self, facts: &[String], case: &Case) -> String {
        let mut system = vec!["Answer in the language of the message.".to_owned()];
        if self.group {
            system.push(format!("- {GROUP} Do not mix people up."));
        }
        if !facts.is_empty() {
            system.push(format!("\n{FACTS}"));
            system.extend(facts.iter().map(|fact| format!("{FACT}[2026-09-03] {fact}")));
        }
        let mut turns = vec![(Role::System, system)];
        for (speaker, text) in lines(self.third) {
            let role = if speaker == BOT { Role::Assistant } else { Role::User };
            let line = self.line(speaker, text);
            match turns.last_mut() {
                Some((last, lines)) if *last == role => lines.push(line),
                _ => turns.push((role, vec![line])),
            }
        }
        if turns.last().is_some_and(|(role, _)| *role == Role::User) {
            turns.push((Role::Assistant, vec!["I see.".to_owned()]));
        }
        let mut last = Vec::new();
        if !self.second.is_empty() {
            last.push(RECALLED.to_owned());
            last.extend(
                lines(self.second).map(|(speaker, text)| format!("[2026-10-02 14:03] {speaker}: {text}")),
            );
            last.push(format!("\n{CURRENT}"));
        }
        last.push(self.line(case.asker, case.question));
        turns.push((Role::User, last));
        text(
            AnswerForm::Text,
            turns.into_iter().map(|(role, lines)| message(role, lines.join("\n"))).collect(),
        )
    }

    fn line(&self, speaker: &str, text: &str) -> String {
        if self.group && speaker != BOT { format!("{speaker}: {text}") } else { text.to_owned() }
    }
}

/// What the offline model answers to a prompt.
pub(super) fn text(form: AnswerForm, messages: Vec<PromptMessage>) -> String {
    complete(&ChatRequest { model: String::new(), messages, form, max_tokens: 10_000 }).text
}

pub(super) fn message(role: Role, content: String) -> PromptMessage {
    PromptMessage { role, content }
}

/// The prompt for fact operations over known facts and messages, the messages numbered from 1.
pub(super) fn transcript(known: &[(i64, &str)], said: &str) -> Vec<PromptMessage> {
    let mut content = vec![CURRENT_FACTS.to_owned()];
    content.extend(known.iter().map(|(id, fact)| format!("{FACT_NUMBER}{id}] {fact}")));
    content.push(format!("\n{TRANSCRIPT}"));
    let numbered = (1..).zip(lines(said));
    content
        .extend(numbered.map(|(id, (speaker, text))| {
            format!("{MESSAGE_NUMBER}{id}] 2026-09-03 10:00 {speaker}: {text}")
        }));
    vec![message(Role::System, "Find the facts.".to_owned()), message(Role::User, content.join("\n"))]
}

/// The texts of the facts that a transcript gives.
pub(super) fn facts(said: &str) -> Vec<String> {
    let json = text(AnswerForm::FactOperations, transcript(&[], said));
    let document: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
    let facts = document["facts"].as_array().expect("a list");
    facts.iter().map(|fact| fact["text"].as_str().expect("a text").to_owned()).collect()
}

fn lines(said: &str) -> impl Iterator<Item = (&str, &str)> {
    said.lines().filter_map(|line| line.trim().split_once(": "))
}
