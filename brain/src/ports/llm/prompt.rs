//! What a model is asked, as data: whoever asks fills it in, and each model reads it in its own way.

use chrono::{DateTime, Utc};

use crate::memory::{Author, Fact, Remembered};

/// A forwarded message is remembered with this before its author; `]` and its text follow.
pub const FORWARDED: &str = "[forwarded, written by ";

/// One question to a model.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Prompt {
    /// An answer in plain words (Markdown) is wanted.
    Reply(ReplyPrompt),
    /// Wanted is the JSON document of fact operations:
    /// `{"facts":[{"op","id","text","kind","about","sources"}],"narrative"}`.
    Extraction(ExtractionPrompt),
}

/// A message to answer, and what bears on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReplyPrompt {
    /// How to answer anybody.
    pub guidelines: String,
    /// Whether people must be told apart by name.
    pub is_group: bool,
    /// The account's rules, the weightiest first.
    pub rules: Vec<String>,
    /// What is true now, by number.
    pub facts: Vec<KnownFact>,
    /// The conversation so far, in short.
    pub narrative: Option<String>,
    /// The conversation's recent messages, oldest first.
    pub recent: Vec<Said>,
    /// Older messages, oldest first.
    pub recalled: Vec<Said>,
    /// Who says the current message.
    pub speaker: String,
    /// When it is answered.
    pub asked_at: DateTime<Utc>,
    /// The message that the current one replies to.
    pub quoted: Option<Quoted>,
    /// The message to answer.
    pub current: String,
}

/// New messages, and what is known already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ExtractionPrompt {
    /// What to look for, and the form of the answer.
    pub instructions: &'static str,
    /// The conversation so far, in short.
    pub narrative: Option<String>,
    /// The facts that may be changed, by number.
    pub facts: Vec<KnownFact>,
    /// The messages, oldest first.
    pub transcript: Vec<Said>,
    /// Answers that could not be used, in order.
    pub rejected: Vec<Rejected>,
}

/// A fact as a model is told of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KnownFact {
    /// What people and the model call it.
    pub number: i32,
    /// Since when it is true.
    pub since: DateTime<Utc>,
    /// The fact, in a sentence.
    pub text: String,
}

/// A remembered message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Its number in the history.
    pub id: i64,
    /// Whether the bot said it.
    pub by_bot: bool,
    /// The person's name, where it is known.
    pub speaker: Option<String>,
    /// When.
    pub at: DateTime<Utc>,
    /// The words.
    pub text: String,
}

/// A message that another one replies to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quoted {
    /// Its author; `None` is the bot.
    pub author: Option<String>,
    /// Its words, or their beginning.
    pub text: String,
}

/// An answer that could not be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rejected {
    /// The answer.
    pub answer: String,
    /// What is wrong with it, in words for the model.
    pub why: String,
}

impl From<&Fact> for KnownFact {
    fn from(fact: &Fact) -> Self {
        Self { number: fact.number, since: fact.valid_from, text: fact.text.clone() }
    }
}

impl From<&Remembered> for Said {
    fn from(message: &Remembered) -> Self {
        Self {
            id: message.id.0,
            by_bot: message.author == Author::Assistant,
            speaker: message.speaker.clone(),
            at: message.said_at,
            text: message.text.clone(),
        }
    }
}
