//! How one statement bears on a question: by its words, by whom it is about, by what kind of thing it tells.

use super::claim::Slot;
use super::knowledge::Statement;
use super::meanings::Meaning;
use super::question::{Question, Term, offers};
use super::subject::Subject;
use super::words::Key;

/// How well a statement speaks of a term: in its word, in one of the same meaning, or in one that looks like it.
pub(super) fn quality(term: &Term, statement: &Statement<'_>) -> f32 {
    if term.keys.iter().any(|key| statement.keys.contains(key)) {
        if statement.clause.words.iter().any(|word| word.stem == term.stem) { 1.0 } else { 0.95 }
    } else if term.keys.iter().any(|key| statement.keys.iter().any(|other| key.alike(other))) {
        0.8
    } else {
        0.0
    }
}

/// Whether the statement tells the very thing that is asked, in whatever words.
pub(super) fn fills(question: &Question, statement: &Statement<'_>) -> bool {
    let work = |slot| matches!(slot, Some(Slot::Workplace | Slot::Profession));
    let (asked, told) = (&question.claim, &statement.claim);
    let same_person = match (asked.subject.key(), &statement.holder) {
        (None, None) => asked.first_person,
        (Some(one), Some(other)) => one.alike(other),
        _ => false,
    };
    let personal = asked.slot.is_some_and(Slot::is_personal);
    let same_slot = asked.slot == told.slot || (work(asked.slot) && work(told.slot));
    let same_nouns = asked.nouns.len() == told.nouns.len()
        && asked.nouns.iter().zip(&told.nouns).all(|(one, other)| one.alike(other));
    personal && same_slot && same_person && same_nouns
}

/// What is asked about Anna is not answered by what is known of Bob.
pub(super) fn required(question: &Question, qualities: &[f32]) -> f32 {
    let missing =
        question.terms.iter().zip(qualities).any(|(term, quality)| term.required && *quality == 0.0);
    if missing { 0.4 } else { 1.0 }
}

/// Whether the statement is about whom the question is about.
pub(super) fn agreement(question: &Question, statement: &Statement<'_>) -> f32 {
    let asks_of_asker = question.claim.first_person;
    // What another says of "us" may well be about the asker, too.
    let of_another_alone = statement.speaker.is_some()
        && statement.holder.is_some()
        && statement.clause.has_any(&[Meaning::I, Meaning::Me, Meaning::My]);
    let personal = question.claim.slot.is_some_and(|slot| slot.is_personal() || slot == Slot::Liking);
    let asks_of_oneself = question.claim.is_of_oneself();
    let of_oneself = statement.holder.is_none() && statement.claim.nouns.is_empty();
    let of_another = statement.holder.is_some() && !statement.claim.first_person && !of_thing(statement);
    let asks_of_other = question.refers_back || (personal && !question.claim.nouns.is_empty());
    let asked = |noun: &Key| question.terms.iter().any(|term| term.keys.contains(noun));
    let of_ones_own = !statement.claim.nouns.is_empty() && !statement.claim.nouns.iter().any(asked);
    if asks_of_asker && of_another_alone {
        0.0
    } else if asks_of_oneself && personal && (statement.holder.is_some() || of_ones_own) {
        0.25
    } else if (asks_of_other && of_oneself) || (asks_of_oneself && of_another) {
        0.6
    } else if asks_of_oneself && of_ones_own {
        0.8
    } else {
        1.0
    }
}

pub(super) fn of_thing(statement: &Statement<'_>) -> bool {
    matches!(statement.claim.subject, Subject::Thing(_))
}

/// Whether the statement tells the kind of thing that the question wants. Orders candidates, rules none out.
pub(super) fn fitness(question: &Question, statement: &Statement<'_>) -> f32 {
    let kind = match question.expected {
        Some(expected) if offers(&statement.clause, expected) => 1.2,
        Some(_) => 0.8,
        None => 1.0,
    };
    let slot = match (question.claim.slot, statement.claim.slot) {
        (Some(asked), Some(told)) if asked == told => 1.3,
        (Some(Slot::Described) | None, _) => 1.0,
        _ => 0.85,
    };
    let liking = question.claim.slot == Some(Slot::Liking) && statement.claim.slot == Some(Slot::Liking);
    let polarity = if liking && question.claim.negated != statement.claim.negated { 0.7 } else { 1.0 };
    kind * slot * polarity
}
