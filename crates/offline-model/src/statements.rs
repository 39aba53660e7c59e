//! The plain statements of a text: what its speaker says of themselves, without a doubt, in their own words.

use crate::{
    openings::{CHANGED, Kind, Opened, Single, opened},
    reservations::{holds_secret, is_reserved, own_words, stated},
    words::{Term, Word, has_any, terms, words},
};

/// The longest statement that is a fact, in characters; what is longer is a story.
const LONGEST: usize = 300;
/// Between two statements of one sentence.
const JOINTS: &str = "and|but|und|aber|і|й|та|але|и|но|а";

/// One statement.
#[derive(Clone, Debug)]
pub(crate) struct Statement<'a> {
    /// The words, as they were written.
    pub(crate) text: &'a str,
    pub(crate) kind: Kind,
    pub(crate) single: Option<Single>,
    /// The thing of the speaker's that it speaks of, and whether people have one of it.
    pub(crate) owned: Option<(String, bool)>,
    pub(crate) terms: Vec<Term>,
    pub(crate) denies: bool,
    pub(crate) changes: bool,
}

impl Statement<'_> {
    /// The same again, or a part of it.
    pub(crate) fn repeats(&self, old: &Self) -> bool {
        self.denies == old.denies
            && (self.terms == old.terms
                || self.single.is_none() && self.terms.iter().all(|term| old.terms.contains(term)))
    }

    /// The same thing as it is now.
    pub(crate) fn replaces(&self, old: &Self) -> bool {
        let same_single = self.single.is_some() && self.single == old.single;
        let same_owned = match (&self.owned, &old.owned) {
            (Some((own, single)), Some((other, _))) => own == other && (*single || self.changes),
            _ => false,
        };
        let turned = self.denies != old.denies && self.terms == old.terms;
        same_single || same_owned || turned
    }
}

/// What the writer of a message says of themselves.
pub(crate) fn statements(message: &str) -> Vec<Statement<'_>> {
    stated(own_words(message)).flat_map(of_sentence).collect()
}

/// The statements of a sentence: all of it, or nothing where any part is reserved. The first thing said must be one.
pub(crate) fn of_sentence(sentence: &str) -> Vec<Statement<'_>> {
    let words = words(sentence);
    let mut starts: Vec<(usize, usize, Opened)> = Vec::new();
    match opened(&words, false) {
        Some(first) => starts.push((0, 0, first)),
        None => return Vec::new(),
    }
    for at in 2..words.len() {
        let joint = JOINTS.split('|').any(|joint| joint == words[at].bare);
        let comma = sentence[..words[at].at].trim_end().ends_with(',');
        let begins = if joint { at + 1 } else { at };
        if (joint || comma)
            && let Some((_, last, before)) = starts.last()
            && last + before.length < at
            && let Some(next) = opened(&words[begins..], before.owned.is_none())
        {
            starts.push((at, begins, next));
        }
    }
    let mut found = Vec::new();
    for (place, (_, begins, opened)) in starts.iter().enumerate() {
        let end = starts.get(place + 1).map_or(words.len(), |(joint, ..)| *joint);
        let clause = &words[*begins..end];
        let to = words.get(end).map_or(sentence.len(), |word| word.at);
        let text = sentence[clause[0].at..to].trim_matches(|letter: char| ".,!;… ".contains(letter));
        if is_reserved(&clause[opened.length.min(clause.len())..])
            || holds_secret(text)
            || text.chars().count() > LONGEST
        {
            return Vec::new();
        }
        found.push(statement(text, clause, opened));
    }
    found
}

fn statement<'a>(text: &'a str, clause: &[Word<'_>], opened: &Opened) -> Statement<'a> {
    let denial = "not|не|kein|keine|keinen|nicht";
    let said = clause.iter().filter(|word| denial.split('|').all(|denial| word.bare != denial));
    let said: Vec<_> = said.cloned().collect();
    Statement {
        text,
        kind: opened.kind,
        single: opened.single,
        owned: opened.owned.clone(),
        terms: terms(&said),
        denies: has_any(clause, denial),
        changes: has_any(clause, CHANGED),
    }
}
