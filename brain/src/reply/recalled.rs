//! Recalled messages in the prompt: how a line of them reads, and which of them fit.

use super::prompt::{PER_MESSAGE, named};
use crate::{
    memory::{Author, Remembered},
    ports::llm::sections,
};

/// The recalled messages that go into a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed<'a> {
    /// Oldest first.
    pub messages: Vec<&'a Remembered>,
    /// What they cost, with their heading; 0 where there are none.
    pub tokens: usize,
}

impl Packed<'_> {
    /// The lines as the model reads them, one a message.
    #[must_use]
    pub fn lines(&self) -> String {
        let lines: Vec<String> = self.messages.iter().map(|message| line(message)).collect();
        lines.join("\n")
    }
}

/// Packs the best messages that fit into `room` tokens. One that does not fit is left out, and shorter ones after it may fit.
/// `count` says how many tokens a text is.
#[must_use]
pub fn pack_recalled(best_first: &[Remembered], room: usize, count: impl Fn(&str) -> usize) -> Packed<'_> {
    let mut packed = Packed {
        messages: Vec::new(),
        tokens: count(sections::RECALLED) + count(sections::CURRENT) + PER_MESSAGE,
    };
    for message in best_first {
        let size = count(&line(message)) + 1;
        if packed.tokens + size <= room {
            packed.messages.push(message);
            packed.tokens += size;
        }
    }
    if packed.messages.is_empty() {
        return Packed::default();
    }
    packed.messages.sort_by_key(|message| (message.said_at, message.id));
    packed
}

fn line(message: &Remembered) -> String {
    let speaker = match message.author {
        Author::Assistant => sections::BOT,
        Author::User => message.speaker.as_deref().unwrap_or(sections::SOMEBODY),
    };
    format!("[{}] {}", message.said_at.format("%Y-%m-%d %H:%M"), named(speaker, &message.text))
}
