//! A prompt as the messages that an OpenAI-compatible server reads. Pure; whoever fills a prompt counts its parts as they read here.
//!
//! A prompt for an answer:
//!
//! ```text
//! system     guidelines, then
//!            Rules:
//!            - Answer in the language of the message
//!
//!            What you know:
//!            - [2026-10-02] Olena lives in Lviv
//!
//!            The conversation so far: text
//! user       Olena: text                                 (a name only in groups, one such line for each message)
//! assistant  text
//! user       Earlier messages that may help, oldest first:
//!            [2026-10-02 14:03] Olena: text
//!            [2026-10-02 14:03] PykhBrain: text
//!
//!            The message to answer:
//!            [in reply to Olena: "text"]                 (where it replies to one)
//!            text                                        (only this line where nothing was recalled)
//! ```
//!
//! A prompt for fact operations:
//!
//! ```text
//! system     instructions
//! user       The conversation so far:
//!            text                                        (both may be missing)
//!
//!            Current facts:
//!            [f12] Olena lives in Lviv
//!
//!            Transcript:
//!            [#345] 2026-10-02 14:03 Olena: text
//! ```
//!
//! After it stands each answer that could not be used, and why.

use super::prompt::{ExtractionPrompt, KnownFact, Prompt, Quoted, ReplyPrompt, Said};

/// The name under which the bot's own messages stand in recalled messages and in transcripts.
const BOT: &str = "PykhBrain";
/// Stands for the name of a person who has none.
const SOMEBODY: &str = "User";
const RULES: &str = "Rules:";
const FACTS: &str = "What you know:";
const NARRATIVE: &str = "The conversation so far:";
const CURRENT_FACTS: &str = "Current facts:";
const TRANSCRIPT: &str = "Transcript:";

/// Before the recalled messages, in the last user message.
pub(crate) const RECALLED: &str = "Earlier messages that may help, oldest first:";
/// Between the recalled messages and the current one.
pub(crate) const CURRENT: &str = "The message to answer:";

/// Who speaks in a prompt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// Always the first message, and the only one of its role.
    System,
    /// A person, or several people of a group, each line named.
    User,
    /// The bot.
    Assistant,
}

/// One message of a rendered prompt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct PromptMessage {
    pub(crate) role: Role,
    pub(crate) content: String,
}

/// One system message, then user and assistant in turn, a user message last.
pub(crate) fn messages(prompt: &Prompt) -> Vec<PromptMessage> {
    match prompt {
        Prompt::Reply(prompt) => reply(prompt),
        Prompt::Extraction(prompt) => extraction(prompt),
    }
}

fn reply(prompt: &ReplyPrompt) -> Vec<PromptMessage> {
    let mut system = prompt.guidelines.clone() + &rules(&prompt.rules);
    if !prompt.facts.is_empty() {
        system += &facts_heading();
        system.extend(prompt.facts.iter().map(fact));
    }
    system.extend(prompt.narrative.as_deref().map(narrative));
    let mut messages = vec![PromptMessage { role: Role::System, content: system }];
    for said in &prompt.recent {
        let role = if said.by_bot { Role::Assistant } else { Role::User };
        push(&mut messages, role, recent(said, prompt.is_group));
    }
    let current = current(prompt.is_group, &prompt.speaker, prompt.quoted.as_ref(), &prompt.current);
    let last = if prompt.recalled.is_empty() {
        current
    } else {
        let lines: Vec<String> = prompt.recalled.iter().map(recalled).collect();
        format!("{RECALLED}\n{}\n\n{CURRENT}\n{current}", lines.join("\n"))
    };
    push(&mut messages, Role::User, last);
    messages
}

/// Adds a message; what the same side says twice in a row becomes one message, because roles must alternate.
fn push(messages: &mut Vec<PromptMessage>, role: Role, content: String) {
    match messages.last_mut() {
        Some(last) if last.role == role => {
            last.content.push('\n');
            last.content.push_str(&content);
        }
        _ => messages.push(PromptMessage { role, content }),
    }
}

fn extraction(prompt: &ExtractionPrompt) -> Vec<PromptMessage> {
    let mut messages = vec![
        PromptMessage { role: Role::System, content: prompt.instructions.to_owned() },
        PromptMessage { role: Role::User, content: material(prompt) },
    ];
    for rejected in &prompt.rejected {
        messages.push(PromptMessage { role: Role::Assistant, content: rejected.answer.clone() });
        let again = format!(
            "Your answer cannot be used: {}. Answer again, with the JSON document only.",
            rejected.why
        );
        messages.push(PromptMessage { role: Role::User, content: again });
    }
    messages
}

/// What facts are to be found in.
pub(crate) fn material(prompt: &ExtractionPrompt) -> String {
    let mut text = String::new();
    if let Some(narrative) = &prompt.narrative {
        text.extend([NARRATIVE, "\n", narrative, "\n\n"]);
    }
    text.extend([CURRENT_FACTS, "\n"]);
    text.extend(prompt.facts.iter().map(numbered_fact));
    text.extend(["\n", TRANSCRIPT, "\n"]);
    text.extend(prompt.transcript.iter().map(transcript_line));
    text
}

/// The rules with their heading; nothing where there are none.
pub(crate) fn rules(rules: &[String]) -> String {
    if rules.is_empty() {
        return String::new();
    }
    let lines: Vec<String> = rules.iter().map(|rule| format!("- {}\n", rule.replace('\n', " "))).collect();
    format!("\n{RULES}\n{}", lines.concat())
}

pub(crate) fn facts_heading() -> String {
    format!("\n{FACTS}\n")
}

pub(crate) fn fact(fact: &KnownFact) -> String {
    format!("- [{}] {}\n", fact.since.format("%Y-%m-%d"), fact.text)
}

pub(crate) fn narrative(narrative: &str) -> String {
    format!("\n{NARRATIVE} {narrative}\n")
}

pub(crate) fn recent(said: &Said, is_group: bool) -> String {
    match &said.speaker {
        Some(speaker) if is_group && !said.by_bot => named(speaker, &said.text),
        _ => said.text.clone(),
    }
}

/// `[2026-10-02 14:03] Olena: text`.
pub(crate) fn recalled(said: &Said) -> String {
    format!("[{}] {}", said.at.format("%Y-%m-%d %H:%M"), named(name(said), &said.text))
}

/// The message to answer, after the one that it replies to.
pub(crate) fn current(is_group: bool, speaker: &str, quoted: Option<&Quoted>, text: &str) -> String {
    let said = if is_group { named(speaker, text) } else { text.to_owned() };
    let Some(quoted) = quoted else { return said };
    let author = quoted.author.as_deref().unwrap_or("an earlier message of yours");
    format!("[in reply to {author}: \"{}\"]\n{said}", quoted.text)
}

/// `[f12] Olena lives in Lviv`.
pub(crate) fn numbered_fact(fact: &KnownFact) -> String {
    format!("[f{}] {}\n", fact.number, fact.text)
}

/// `[#345] 2026-10-02 14:03 Olena: text`.
pub(crate) fn transcript_line(said: &Said) -> String {
    format!("[#{}] {} {}\n", said.id, said.at.format("%Y-%m-%d %H:%M"), named(name(said), &said.text))
}

fn name(said: &Said) -> &str {
    if said.by_bot { BOT } else { said.speaker.as_deref().unwrap_or(SOMEBODY) }
}

fn named(speaker: &str, text: &str) -> String {
    format!("{speaker}: {}", indented(text))
}

/// A text whose further lines cannot be taken for lines of the prompt.
fn indented(text: &str) -> String {
    text.split(['\n', '\r']).collect::<Vec<_>>().join("\n  ")
}
