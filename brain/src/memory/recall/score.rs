//! How much a message bears on a question.
//!
//! Each word of the question counts by its rarity in the chat (BM25's weight). A message has a word if it, or less so a message
//! said just before or after it, has it: an answer rarely repeats its question. Whoever the question names counts double, and a
//! time that it names counts as a word that the messages of that time have.

use std::collections::HashMap;

use chrono::{DateTime, TimeDelta, Utc};

use crate::ids::HistoryId;

/// How far a word reaches, in messages before and after its own.
pub const NEIGHBOURS: usize = 2;
/// What a word is worth at its own message, at the next, and at the one after that.
const REACH: [f64; NEIGHBOURS + 1] = [1.0, 0.7, 0.5];
/// Messages further apart than this are no neighbours, whatever is between them.
const SITTING: TimeDelta = TimeDelta::hours(3);
/// What it is worth that the question names the speaker: a factor.
const NAMED: f64 = 2.0;
/// What it is worth that the question names the time, in words as rare as messages of that time.
const DATED: f64 = 2.0;
/// BM25's saturation and length normalisation (its usual 1.2; half of the full normalisation), and the words of a message of usual
/// length. To halve or double any of the three costs at most 0.4 points of recall (docs/recall.md).
const SATURATION: f64 = 1.2;
const NORMALISATION: f64 = 0.5;
const USUAL_LENGTH: f64 = 10.0;

/// Which of the question's words a message has: a bit for each, the first word's lowest.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct WordSet(pub u32);

impl WordSet {
    /// The most words that a question can have.
    pub const MOST: usize = 12;

    fn has(self, word: usize) -> bool {
        self.0 & (1 << word) != 0
    }
}

/// How many messages of the chat have a word, and how many there are, each as far as it was counted.
#[derive(Clone, Copy, Debug)]
pub struct Counted {
    /// That have it.
    pub having: f64,
    /// In all.
    pub of: f64,
}

/// What the question's words are worth.
#[derive(Clone, Debug)]
pub struct Words {
    weights: Vec<f64>,
    date: f64,
}

impl Words {
    /// From how often each word is in the chat, in the question's order, and how many messages are of the time it names.
    #[must_use]
    pub fn new(words: impl IntoIterator<Item = Counted>, dated: Option<Counted>) -> Self {
        Self {
            weights: words.into_iter().map(rarity).collect(),
            date: dated.map_or(0.0, |dated| DATED * rarity(dated)),
        }
    }
}

/// A message that may be worth recalling, as far as ranking needs to know it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Which one.
    pub id: HistoryId,
    /// When it was said.
    pub said_at: DateTime<Utc>,
    /// What it has of the question.
    pub words: WordSet,
    /// How many words it is found by.
    pub length: u32,
    /// Whether the question names who said it.
    pub is_named: bool,
    /// Whether the question names the time when it was said.
    pub is_dated: bool,
}

/// A message at its place around another one.
#[derive(Clone, Copy, Debug)]
pub struct Placed {
    /// The message that it was loaded around.
    pub centre: HistoryId,
    /// How far after it, in messages; negative: before it.
    pub offset: i32,
    /// The message.
    pub candidate: Candidate,
}

/// The candidates around which it is worth to look, best first, at most `limit`. What lies between candidates is not known yet, so
/// those that follow each other are taken for neighbours.
#[must_use]
pub fn centres(mut candidates: Vec<Candidate>, words: &Words, limit: usize) -> Vec<HistoryId> {
    candidates.sort_by_key(|candidate| (candidate.said_at, candidate.id));
    let scored = candidates.iter().enumerate().map(|(place, candidate)| {
        let mut reached = Reached::default();
        let around = place.saturating_sub(NEIGHBOURS)..=(place + NEIGHBOURS).min(candidates.len() - 1);
        for other in around {
            reached.note(candidate, &candidates[other], place.abs_diff(other));
        }
        (candidate.id, reached.score(candidate, words))
    });
    best_first(scored.collect(), limit)
}

/// All messages of the windows that have something of the question, best first, at most `limit`.
#[must_use]
pub fn rank(windows: &[Placed], words: &Words, limit: usize) -> Vec<HistoryId> {
    let mut messages: HashMap<HistoryId, (Candidate, Reached)> = HashMap::new();
    for window in windows.chunk_by(|a, b| a.centre == b.centre) {
        for placed in window {
            let (_, reached) =
                messages.entry(placed.candidate.id).or_insert((placed.candidate, Reached::default()));
            for other in window {
                let distance = placed.offset.abs_diff(other.offset) as usize;
                if distance <= NEIGHBOURS {
                    reached.note(&placed.candidate, &other.candidate, distance);
                }
            }
        }
    }
    let scored =
        messages.values().map(|(candidate, reached)| (candidate.id, reached.score(candidate, words)));
    best_first(scored.collect(), limit)
}

/// The most that each word reaches a message with.
#[derive(Default)]
struct Reached([f64; WordSet::MOST]);

impl Reached {
    fn note(&mut self, candidate: &Candidate, other: &Candidate, distance: usize) {
        if (candidate.said_at - other.said_at).abs() > SITTING {
            return;
        }
        let worth = REACH[distance] * saturated(other.length);
        for (word, most) in self.0.iter_mut().enumerate() {
            if other.words.has(word) {
                *most = most.max(worth);
            }
        }
    }

    fn score(&self, candidate: &Candidate, words: &Words) -> f64 {
        let of_words: f64 = words.weights.iter().zip(self.0).map(|(weight, most)| weight * most).sum();
        of_words * if candidate.is_named { NAMED } else { 1.0 }
            + if candidate.is_dated { words.date } else { 0.0 }
    }
}

/// BM25's weight of a word: the rarer, the more.
fn rarity(counted: Counted) -> f64 {
    let Counted { having, of } = counted;
    ((of - having).max(0.0) + 0.5).mul_add((having + 0.5).recip(), 1.0).ln()
}

/// What a word is worth in a message of so many words: BM25 for a word that is there once.
fn saturated(length: u32) -> f64 {
    let relative = (1.0 - NORMALISATION) + NORMALISATION * f64::from(length) / USUAL_LENGTH;
    (SATURATION + 1.0) / (1.0 + SATURATION * relative)
}

/// Of two that are worth the same, the later one.
fn best_first(mut scored: Vec<(HistoryId, f64)>, limit: usize) -> Vec<HistoryId> {
    scored.retain(|(_, score)| *score > 0.0);
    scored.sort_by(|(a_id, a), (b_id, b)| b.total_cmp(a).then(b_id.cmp(a_id)));
    scored.truncate(limit);
    scored.into_iter().map(|(id, _)| id).collect()
}

#[cfg(test)]
#[path = "score_tests.rs"]
mod tests;
