//! Of whom or what a clause speaks.

use super::clause::Clause;
use super::conjugate::{is_first_person, is_known_first_person};
use super::language::Language;
use super::meanings::Meaning;
use super::words::{Key, Word};

/// Of whom or what something is said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Speaker,
    /// Somebody named: `Taras lives in Kyiv`.
    Person(Key),
    /// `The meeting is cancelled`.
    Thing(Key),
    /// Nothing that can be told.
    Unknown,
}

impl Subject {
    /// What whoever is not the speaker is compared by.
    pub(super) const fn key(&self) -> Option<&Key> {
        match self {
            Self::Person(key) | Self::Thing(key) => Some(key),
            Self::Speaker | Self::Unknown => None,
        }
    }
}

/// The first of: the speaker, something of the speaker's, a name; else the first thing mentioned.
pub(super) fn subject(clause: &Clause) -> (Subject, Vec<Key>) {
    for (index, word) in clause.words.iter().enumerate() {
        let after_preposition = index > 0
            && clause.words[index - 1].is_any(&[Meaning::PlaceTo, Meaning::ByWay, Meaning::Article]);
        if word.is_any(&[Meaning::I, Meaning::We])
            || (word.is(Meaning::Me) && (!after_preposition || clause.language.drops_pronouns()))
        {
            return (Subject::Speaker, Vec::new());
        }
        if word.is_any(&[Meaning::My, Meaning::Our]) {
            return (Subject::Speaker, owned(clause, index + 1));
        }
        let verb = index == 0 && speaks_of_speaker(clause);
        let noun = index > 0 && clause.language == Language::German;
        if word.is_name() && !verb && !noun && !after_preposition {
            let nouns = if word.owner { owned(clause, index + 1) } else { Vec::new() };
            return (word.keys().next().map_or(Subject::Unknown, Subject::Person), nouns);
        }
    }
    // Languages without "I" in front of the verb: `живу у Львові` speaks of the speaker.
    if clause.has(Meaning::Me) || speaks_of_speaker(clause) {
        return (Subject::Speaker, Vec::new());
    }
    let thing = clause.words.iter().flat_map(Word::keys).next();
    (thing.map_or(Subject::Unknown, Subject::Thing), Vec::new())
}

/// What is owned, from the word after its owner on: two content words at most, up to a verb or a pause.
fn owned(clause: &Clause, start: usize) -> Vec<Key> {
    const ENDS: [Meaning; 12] = [
        Meaning::Copula,
        Meaning::Auxiliary,
        Meaning::PlaceTo,
        Meaning::ByWay,
        Meaning::I,
        Meaning::Me,
        Meaning::They,
        Meaning::And,
        Meaning::Live,
        Meaning::Work,
        Meaning::Like,
        Meaning::Negation,
    ];
    let mut nouns = Vec::new();
    for (index, word) in clause.words.iter().enumerate().skip(start) {
        let pause =
            index > start && clause.gap_before(index).contains([',', ':', ';', '—', '–', '(', '"', '«']);
        let verb = word.is_any(&ENDS) && !word.is(Meaning::Favourite);
        let apposition = word.is_name() && clause.language != Language::German;
        if nouns.len() == 2 || pause || verb || apposition || word.is_number() {
            break;
        }
        nouns.extend(word.keys().take(1));
    }
    nouns
}

/// Whether a Ukrainian or Russian clause without "I" is the speaker's: `живу у Львові`, `терпіти не можу комарів`.
pub(super) fn speaks_of_speaker(clause: &Clause) -> bool {
    own_verb(clause).is_some()
}

/// The verb that says so: one of a verb's form at the beginning, or a well-known one a little later.
pub(super) fn own_verb(clause: &Clause) -> Option<usize> {
    let lower = |word: &Word| clause.written(word).to_lowercase();
    let first = clause.words.iter().position(|word| {
        !word.is_any(&[Meaning::Negation, Meaning::Filler, Meaning::Longer, Meaning::Change])
    })?;
    let at_beginning = is_first_person(&lower(&clause.words[first]), clause.language);
    let later =
        || clause.words.iter().take(5).position(|word| is_known_first_person(&lower(word), clause.language));
    if at_beginning { Some(first) } else { later() }
}
