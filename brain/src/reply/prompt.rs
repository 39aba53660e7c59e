//! Prompt assembly: what goes in, in which order, and what is left out to fit.
//!
//! Order: guidelines, rules, facts, short-term, recalled messages with dates, current message. What is stable comes first and
//! the conversation only grows at its end, because a prefix that the server has seen costs a tenth. Over the budget, recalled
//! messages go first, then the oldest of short-term, then the facts that matter least; rules and the current message never.

use chrono::{DateTime, Utc};
use serde_json::json;

use super::{guidelines, known::known, recalled::pack_recalled};
use crate::{
    ids::HistoryId,
    memory::{Fact, Remembered},
    ports::llm::{Quoted, ReplyPrompt, Said, render},
};

/// Tokens that a message costs beyond its text, by the provider's own counting rule for chat prompts.
pub(super) const PER_MESSAGE: usize = 4;

/// How much may go in, in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Budget {
    /// The whole prompt.
    pub total: usize,
    /// Of that, facts and the conversation in short.
    pub facts: usize,
    /// Of that, recalled messages.
    pub recalled: usize,
}

impl Budget {
    /// For a reply.
    pub const REPLY: Self = Self { total: 8000, facts: 2000, recalled: 1000 };

    /// Half of a prompt that a model has found too long. Half of what it was, not of what it might have been: a small model's
    /// window can be far under our budget, and its tokens are not ours.
    #[must_use]
    pub const fn half_of(tokens: usize) -> Self {
        Self { total: tokens / 2, facts: tokens / 8, recalled: tokens / 8 }
    }
}

/// What a prompt is made of.
pub struct PromptInput<'a> {
    /// Whether people must be told apart by name.
    pub is_group: bool,
    /// The account's rules, the weightiest first.
    pub rules: &'a [String],
    /// What is true now, the facts to keep first.
    pub facts: &'a [Fact],
    /// The conversation so far, in short.
    pub narrative: Option<&'a str>,
    /// The conversation's recent messages, oldest first.
    pub short_term: &'a [Remembered],
    /// Older messages, best first.
    pub recalled: &'a [Remembered],
    /// Who says the current message.
    pub speaker: &'a str,
    /// When it is answered.
    pub asked_at: DateTime<Utc>,
    /// The message that the current one replies to.
    pub quoted: Option<&'a Quoted>,
    /// The current message.
    pub current: &'a str,
}

/// A prompt, and the record of how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Assembled {
    /// What the model is asked.
    pub prompt: ReplyPrompt,
    /// Tokens of the whole.
    pub tokens: usize,
    /// Sections with token counts and message ids, and what was dropped. No texts.
    pub record: serde_json::Value,
}

/// Puts a prompt together within the budget. `count` says how many tokens a text is.
#[must_use]
pub fn assemble(input: &PromptInput<'_>, budget: Budget, count: impl Fn(&str) -> usize) -> Assembled {
    let guidelines = guidelines(input.is_group);
    let rules = render::rules(input.rules);
    let system_tokens = count(&(guidelines.clone() + &rules)) + PER_MESSAGE;
    let current = render::current(input.is_group, input.speaker, input.quoted, input.current);
    let current_tokens = count(&current) + PER_MESSAGE;
    let left = budget.total.saturating_sub(system_tokens + current_tokens);
    let known = known(input.facts, input.narrative, left.min(budget.facts), &count);
    let left = left - known.tokens;

    let short_term: Vec<Said> = input.short_term.iter().map(Said::from).collect();
    let sizes: Vec<usize> =
        short_term.iter().map(|said| count(&render::recent(said, input.is_group)) + PER_MESSAGE).collect();
    let first = first_kept(&sizes, left);
    let kept = &short_term[first..];
    let kept_tokens: usize = sizes[first..].iter().sum();

    let room = left.saturating_sub(kept_tokens).min(budget.recalled);
    let recalled = pack_recalled(input.recalled, room, &count);
    let recalled_ids: Vec<HistoryId> = recalled.messages.iter().map(|message| message.id).collect();

    let record = json!({
        "sections": {
            "guidelines": system_tokens,
            "facts": known.tokens,
            "short_term": kept_tokens,
            "recalled": recalled.tokens,
            "current": current_tokens,
        },
        "budget": budget.total,
        "rules": input.rules.len(),
        "facts": known.ids,
        "narrative": known.narrative.is_some(),
        "short_term": kept.iter().map(|said| said.id).collect::<Vec<_>>(),
        "recalled": recalled_ids,
        "dropped": {
            "facts": input.facts.len() - known.ids.len(),
            "short_term": first,
            "recalled": input.recalled.len() - recalled_ids.len(),
        },
    });
    let tokens = system_tokens + known.tokens + kept_tokens + recalled.tokens + current_tokens;
    let prompt = ReplyPrompt {
        guidelines,
        is_group: input.is_group,
        rules: input.rules.to_vec(),
        facts: known.facts,
        narrative: known.narrative,
        recent: kept.to_vec(),
        recalled: recalled.messages.into_iter().map(Said::from).collect(),
        speaker: input.speaker.to_owned(),
        asked_at: input.asked_at,
        quoted: input.quoted.cloned(),
        current: input.current.to_owned(),
    };
    Assembled { prompt, tokens, record }
}

/// The first short-term message that is kept. Messages are dropped in steps of a quarter of the room, so that the prompt's
/// beginning stays the same for many messages instead of moving with each (and losing the server's cache each time).
fn first_kept(sizes: &[usize], room: usize) -> usize {
    let total: usize = sizes.iter().sum();
    if total <= room {
        return 0;
    }
    let step = (room / 4).max(1);
    let to_drop = (total - room).div_ceil(step) * step;
    let mut dropped = 0;
    for (index, size) in sizes.iter().enumerate() {
        if dropped >= to_drop {
            return index;
        }
        dropped += size;
    }
    sizes.len()
}

#[cfg(test)]
#[path = "prompt_tests.rs"]
mod tests;
