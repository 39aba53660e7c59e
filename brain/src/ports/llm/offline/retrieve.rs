//! Finds the statements that bear on a question: by the words they share, rare ones first, by whom they speak of and
//! what kind of thing they tell, the newest first among equals.

use super::bearing::{agreement, fills, fitness, of_thing, quality, required};
use super::claim::Slot;
use super::knowledge::Statement;
use super::meanings::Meaning;
use super::question::{Question, Term};
use super::words::{Key, Word};

/// A statement must bear on at least this share of a question to answer it...
const ANSWERS: f32 = 0.5;
/// ...and on this share to be worth telling where nothing answers.
const TOUCHES: f32 = 0.3;

/// So many of the best are compared with each other.
const CONSIDERED: usize = 64;

/// The statements that bear on a question, best first.
#[derive(Debug, Default)]
pub(super) struct Found<'a> {
    pub(super) statements: Vec<&'a Statement<'a>>,
    /// They only touch on the question; none answers it.
    pub(super) unsure: bool,
}

struct Candidate<'a> {
    statement: &'a Statement<'a>,
    order: usize,
    /// Which of the question's terms it speaks of.
    covers: Vec<bool>,
    /// How much of the question it bears on, from 0 to 1 and a little over.
    bearing: f32,
    score: f32,
}

/// At most `most` statements; more than one only where the question asks for several things.
pub(super) fn find<'a>(question: &Question, statements: &'a [Statement<'a>], most: usize) -> Found<'a> {
    if question.terms.is_empty() && question.claim.slot.is_none() {
        return Found { statements: about_asker(question, statements, most), unsure: false };
    }
    let mut candidates = candidates(question, statements);
    candidates.sort_by(|one, other| other.score.total_cmp(&one.score).then(other.order.cmp(&one.order)));
    candidates.truncate(CONSIDERED);
    drop_outdated(&mut candidates);
    let (answers, touching): (Vec<_>, Vec<_>) =
        candidates.into_iter().partition(|candidate| candidate.bearing >= ANSWERS);
    if answers.is_empty() {
        let nearest = touching.first().map(|candidate| candidate.statement);
        return Found { statements: nearest.into_iter().collect(), unsure: true };
    }
    Found { statements: selected(question, &answers, &touching, most), unsure: false }
}

/// For `what do you know about me?`: what was told of or by the asker, facts first, then the newest.
fn about_asker<'a>(
    question: &Question,
    statements: &'a [Statement<'a>],
    most: usize,
) -> Vec<&'a Statement<'a>> {
    if !question.claim.first_person {
        return Vec::new();
    }
    let own = |statement: &&Statement<'_>| statement.holder.is_none() || statement.speaker.is_none();
    let telling = |statement: &&Statement<'_>| statement.clause.words.len() > 2;
    let mut found: Vec<_> = statements.iter().filter(own).filter(telling).rev().collect();
    found.sort_by_key(|statement| statement.claim.slot.is_none());
    found.truncate(most);
    found
}

fn candidates<'a>(question: &Question, statements: &'a [Statement<'a>]) -> Vec<Candidate<'a>> {
    let matches: Vec<Vec<f32>> = statements
        .iter()
        .map(|statement| question.terms.iter().map(|term| quality(term, statement)).collect())
        .collect();
    let weights = weights(&question.terms, &matches);
    let whole = weights.iter().sum::<f32>().max(f32::MIN_POSITIVE);
    let count = small(statements.len());
    let mut found = Vec::new();
    for (order, (statement, qualities)) in statements.iter().zip(&matches).enumerate() {
        let covered: f32 = qualities.iter().zip(&weights).map(|(quality, weight)| quality * weight).sum();
        let words = covered / whole * agreement(question, statement) * required(question, qualities);
        let bearing = if fills(question, statement) { words.max(1.0) } else { words };
        if bearing < TOUCHES {
            continue;
        }
        let recency = 1.0 + 0.15 * small(order + 1) / count;
        found.push(Candidate {
            statement,
            order,
            covers: qualities.iter().map(|quality| *quality > 0.0).collect(),
            bearing,
            score: bearing * recency * fitness(question, statement),
        });
    }
    found
}

/// From 1 for a term in every statement to 2 for one in none; hints weigh a third.
fn weights(terms: &[Term], matches: &[Vec<f32>]) -> Vec<f32> {
    let all = small(matches.len() + 1);
    terms
        .iter()
        .enumerate()
        .map(|(index, term)| {
            let having = matches.iter().filter(|qualities| qualities[index] > 0.0).count();
            let rarity = 1.0 + (all / small(having + 1)).ln() / (all + 1.0).ln();
            if term.hint { rarity * 0.3 } else { rarity }
        })
        .collect()
}

/// Drops what a newer statement replaces: `I live in Kyiv` once `I moved to Lviv` is known.
fn drop_outdated(candidates: &mut Vec<Candidate<'_>>) {
    let replaced: Vec<bool> = candidates
        .iter()
        .map(|old| {
            candidates.iter().any(|new| new.order > old.order && replaces(new.statement, old.statement))
        })
        .collect();
    let mut replaced = replaced.into_iter();
    candidates.retain(|_| !replaced.next().unwrap_or_default());
}

/// Whether the newer of two statements leaves the older one untrue.
pub(super) fn replaces(new: &Statement<'_>, old: &Statement<'_>) -> bool {
    let turned = new.claim.slot == Some(Slot::Liking)
        && new.claim.negated != old.claim.negated
        && new
            .clause
            .words
            .iter()
            .filter(|word| !word.is(Meaning::Like))
            .flat_map(Word::keys)
            .any(|key| old.keys.contains(&key));
    new.holder == old.holder && new.claim.same_thing(&old.claim) && (new.claim.is_single() || turned)
}

/// The best of the answers, and after it those that speak of what it leaves out; all of them where all were asked for.
fn selected<'a>(
    question: &Question,
    answers: &[Candidate<'a>],
    touching: &[Candidate<'a>],
    most: usize,
) -> Vec<&'a Statement<'a>> {
    let Some(best) = answers.first() else {
        return Vec::new();
    };
    // A newer word on the same thing, though it shares less with the question: `the exam is postponed to Friday`.
    let correction = answers.iter().chain(touching).find(|newer| {
        let asked = |key: &Key| question.terms.iter().any(|term| term.keys.contains(key));
        let of_same = newer.statement.holder == best.statement.holder
            || of_thing(newer.statement)
            || newer.statement.claim.subject.key().is_some_and(asked);
        newer.order > best.order && newer.statement.claim.changes && of_same
    });
    let mut found: Vec<_> = correction.map(|newer| newer.statement).into_iter().collect();
    let mut covered = correction.map_or_else(|| vec![false; best.covers.len()], |newer| newer.covers.clone());
    let named = question.claim.slot == Some(Slot::Name) && !question.claim.nouns.is_empty();
    let many = question.wants_all || named || question.claim.slot == Some(Slot::Liking);
    for candidate in answers {
        let adds = candidate.covers.iter().zip(&covered).any(|(covers, already)| *covers && !already);
        let equal = many && candidate.score >= best.score * 0.8;
        let repeats =
            found.iter().any(|statement| statement.clause.gist() == candidate.statement.clause.gist());
        if found.len() < most && (found.is_empty() || adds || equal) && !repeats {
            found.push(candidate.statement);
        }
        for (already, covers) in covered.iter_mut().zip(&candidate.covers) {
            *already |= covers;
        }
    }
    found
}

#[expect(
    clippy::cast_precision_loss,
    reason = "counts of statements in a prompt, far below what f32 holds exactly"
)]
const fn small(count: usize) -> f32 {
    count as f32
}
