//! What of the facts and of the conversation in short goes into a prompt.

use crate::{
    memory::Fact,
    ports::llm::{KnownFact, render},
};

/// What is known, as far as it fits.
pub(super) struct Known {
    /// By number.
    pub(super) facts: Vec<KnownFact>,
    pub(super) narrative: Option<String>,
    /// Tokens of both.
    pub(super) tokens: usize,
    /// `history_context` ids of the facts, in their order.
    pub(super) ids: Vec<i64>,
}

/// The facts to keep first that fit `room`, and the narrative where it fits too. They stand by number, whatever matters more
/// today, so that the prompt's beginning stays the same until a fact changes.
pub(super) fn known(
    keep_first: &[Fact],
    narrative: Option<&str>,
    room: usize,
    count: impl Fn(&str) -> usize,
) -> Known {
    let heading = count(&render::facts_heading());
    let mut tokens = 0;
    let mut kept: Vec<(i64, KnownFact)> = Vec::new();
    let mut left = room.saturating_sub(heading);
    for fact in keep_first {
        let known = KnownFact::from(fact);
        let size = count(&render::fact(&known));
        if size > left {
            break;
        }
        left -= size;
        tokens += size;
        kept.push((fact.id, known));
    }
    kept.sort_by_key(|(id, fact)| (fact.number, *id));
    if !kept.is_empty() {
        tokens += heading;
    }
    let size = narrative.map_or(0, |narrative| count(&render::narrative(narrative)));
    let narrative = narrative.filter(|_| tokens + size <= room).map(str::to_owned);
    if narrative.is_some() {
        tokens += size;
    }
    let (ids, facts) = kept.into_iter().unzip();
    Known { facts, narrative, tokens, ids }
}
