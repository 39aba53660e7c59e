//! Recalled messages in the prompt: which of them fit.

use super::prompt::PER_MESSAGE;
use crate::{
    memory::Remembered,
    ports::llm::{Said, render},
};

/// The recalled messages that go into a prompt.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Packed<'a> {
    /// Oldest first.
    pub messages: Vec<&'a Remembered>,
    /// What they cost, with their heading; 0 where there are none.
    pub tokens: usize,
}

/// Packs the best messages that fit into `room` tokens. One that does not fit is left out, and shorter ones after it may fit.
/// `count` says how many tokens a text is.
#[must_use]
pub fn pack_recalled(best_first: &[Remembered], room: usize, count: impl Fn(&str) -> usize) -> Packed<'_> {
    let mut packed = Packed {
        messages: Vec::new(),
        tokens: count(render::RECALLED) + count(render::CURRENT) + PER_MESSAGE,
    };
    for message in best_first {
        let size = count(&render::recalled(&Said::from(message))) + 1;
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
