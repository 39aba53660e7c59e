//! Prompts as the product assembles them, from three sessions of a chat: the first is known as facts, the second is
//! recalled, the third is what was said just now.

use super::super::complete;
use crate::ports::llm::types::{AnswerForm, ChatRequest, PromptMessage, Role};
use crate::reply::sections;

/// A chat's messages, one a line, `Name: text`.
pub(super) struct Conversation {
    pub(super) first: &'static str,
    pub(super) second: &'static str,
    pub(super) third: &'static str,
    pub(super) group: bool,
}

/// A question with what its answer must hold, and what it must not.
pub(super) struct Case {
    pub(super) asker: &'static str,
    pub(super) question: &'static str,
    pub(super) expected: &'static str,
    pub(super) outdated: &'static str,
}

/// A question to which there is one answer.
pub(super) const fn ask(asker: &'static str, question: &'static str, expected: &'static str) -> Case {
    Case {
        asker,
        question,
        expected,
        outdated: "",
    }
}

impl Case {
    /// The answer must not hold what was true before.
    pub(super) const fn not(self, outdated: &'static str) -> Self {
        Self { outdated, ..self }
    }
}

impl Conversation {
    /// The questions that were answered wrongly, with the answers.
    pub(super) fn wrong(&self, cases: &[Case]) -> Vec<String> {
        let facts = facts(self.first);
        let answered = cases
            .iter()
            .map(|case| (case, self.answer(&facts, case.asker, case.question)));
        answered
            .filter(|(case, answer)| {
                !answer.contains(case.expected)
                    || (!case.outdated.is_empty() && answer.contains(case.outdated))
            })
            .map(|(case, answer)| format!("{} -> {answer}", case.question))
            .collect()
    }

    fn answer(&self, facts: &[String], asker: &str, question: &str) -> String {
        let mut system = "Answer in the language of the message.\n".to_owned();
        if !facts.is_empty() {
            system += &format!("\n{}\n", sections::FACTS);
            for fact in facts {
                system += &format!("{}[2026-09-03] {fact}\n", sections::FACT);
            }
        }
        let mut messages = vec![message(Role::System, system)];
        for (speaker, text) in lines(self.third) {
            let role = if speaker == sections::BOT {
                Role::Assistant
            } else {
                Role::User
            };
            let content = self.line(speaker, text);
            match messages.last_mut() {
                Some(last) if last.role == role => last.content += &format!("\n{content}"),
                _ => messages.push(message(role, content)),
            }
        }
        if messages.last().is_some_and(|last| last.role == Role::User) {
            messages.push(message(Role::Assistant, "I see.".to_owned()));
        }
        let mut last = String::new();
        if !self.second.is_empty() {
            last += sections::RECALLED;
            for (speaker, text) in lines(self.second) {
                last += &format!("\n[2026-10-02 14:03] {speaker}: {text}");
            }
            last += &format!("\n\n{}\n", sections::CURRENT);
        }
        messages.push(message(Role::User, last + &self.line(asker, question)));
        text(AnswerForm::Text, messages)
    }

    fn line(&self, speaker: &str, text: &str) -> String {
        if self.group && speaker != sections::BOT {
            format!("{speaker}: {text}")
        } else {
            text.to_owned()
        }
    }
}

/// What the offline model answers to a prompt.
pub(super) fn text(form: AnswerForm, messages: Vec<PromptMessage>) -> String {
    complete(&ChatRequest {
        model: String::new(),
        messages,
        form,
        max_tokens: 10_000,
    })
    .text
}

pub(super) fn message(role: Role, content: String) -> PromptMessage {
    PromptMessage { role, content }
}

/// The prompt for fact operations over known facts and messages.
pub(super) fn transcript(known: &[(i64, &str)], said: &str) -> Vec<PromptMessage> {
    let mut content = format!("{}\n", sections::CURRENT_FACTS);
    for (id, fact) in known {
        content += &format!("{}{id}] {fact}\n", sections::FACT_NUMBER);
    }
    content += &format!("\n{}\n", sections::TRANSCRIPT);
    for (id, (speaker, text)) in lines(said).enumerate() {
        content += &format!(
            "{}{}] 2026-09-03 10:00 {speaker}: {text}\n",
            sections::MESSAGE_NUMBER,
            id + 1
        );
    }
    vec![
        message(Role::System, "Find the facts.".to_owned()),
        message(Role::User, content),
    ]
}

/// The texts of the facts that a transcript gives.
pub(super) fn facts(said: &str) -> Vec<String> {
    let json = text(AnswerForm::FactOperations, transcript(&[], said));
    let document: serde_json::Value = serde_json::from_str(&json).expect("valid JSON");
    let facts = document["facts"].as_array().expect("a list");
    facts
        .iter()
        .map(|fact| fact["text"].as_str().expect("a text").to_owned())
        .collect()
}

fn lines(said: &str) -> impl Iterator<Item = (&str, &str)> {
    said.lines().filter_map(|line| line.trim().split_once(": "))
}
