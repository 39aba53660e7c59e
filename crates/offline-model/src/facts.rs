//! What a transcript says that is new, changed or no longer so.

use crate::{
    openings::Kind,
    statements::{Statement, of_sentence, statements},
};

/// A fact that may be changed.
#[derive(Clone, Copy, Debug)]
pub struct Known<'a> {
    /// Its number.
    pub number: i32,
    /// Its words.
    pub text: &'a str,
}

/// A person's message.
#[derive(Clone, Copy, Debug)]
pub struct Line<'a> {
    /// Its number.
    pub id: i64,
    /// Who wrote it.
    pub speaker: &'a str,
    /// Its own words: what somebody passes on says nothing of who passes it on.
    pub text: &'a str,
}

/// One change of the facts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The number of the known fact that is now like this; `None` for a new one.
    pub instead_of: Option<i32>,
    /// The fact, as [`quotation`] makes it.
    pub text: String,
    /// What sort of fact.
    pub kind: Kind,
    /// Whom it is about.
    pub about: String,
    /// The messages that say so.
    pub sources: Vec<i64>,
}

/// A fact: somebody's own words under their name.
#[must_use]
pub fn quotation(speaker: &str, words: &str) -> String {
    format!("{speaker}: “{words}”")
}

/// The name and the words of a fact that [`quotation`] made.
pub(crate) fn quoted(fact: &str) -> Option<(&str, &str)> {
    fact.strip_suffix('”')?.split_once(": “")
}

/// What is held to be true, and where it came from.
struct Held<'a> {
    speaker: &'a str,
    statement: Statement<'a>,
    /// The place of the change that it is.
    change: Option<usize>,
    known: Option<i32>,
}

/// The changes that the messages call for, in their order.
#[must_use]
pub fn extract(known: &[Known<'_>], transcript: &[Line<'_>]) -> Vec<Change> {
    let mut held: Vec<Held<'_>> = known.iter().filter_map(held_fact).collect();
    let mut changes: Vec<Change> = Vec::new();
    for line in transcript {
        for statement in statements(line.text) {
            take_up(line, statement, &mut held, &mut changes);
        }
    }
    changes
}

fn held_fact<'a>(fact: &Known<'a>) -> Option<Held<'a>> {
    let (speaker, words) = quoted(fact.text)?;
    let statement = of_sentence(words).into_iter().next()?;
    Some(Held { speaker, statement, change: None, known: Some(fact.number) })
}

fn take_up<'a>(
    line: &Line<'a>,
    statement: Statement<'a>,
    held: &mut Vec<Held<'a>>,
    changes: &mut Vec<Change>,
) {
    let of_speaker = |old: &&mut Held<'_>| old.speaker == line.speaker;
    if let Some(same) = held.iter_mut().filter(of_speaker).find(|old| statement.repeats(&old.statement)) {
        if let Some(change) = same.change
            && !changes[change].sources.contains(&line.id)
        {
            changes[change].sources.push(line.id);
        }
        return;
    }
    let old = held.iter_mut().filter(of_speaker).rfind(|old| statement.replaces(&old.statement));
    let (known, place) = old.as_ref().map_or((None, None), |old| (old.known, old.change));
    let change = Change {
        instead_of: known,
        text: quotation(line.speaker, statement.text),
        kind: statement.kind,
        about: line.speaker.to_owned(),
        sources: vec![line.id],
    };
    // Said and changed within one transcript: only the last word is a fact.
    let place = if let Some(place) = place {
        changes[place] = change;
        place
    } else {
        changes.push(change);
        changes.len() - 1
    };
    match old {
        Some(old) => (old.statement, old.change) = (statement, Some(place)),
        None => held.push(Held { speaker: line.speaker, statement, change: Some(place), known: None }),
    }
}
