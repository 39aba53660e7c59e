//! Which of the things that people say are worth keeping. Better too few: a memory full of junk answers badly.

use serde::Serialize;

use super::claim::{Claim, Slot};
use super::clause::Clause;
use super::language::Language;
use super::meanings::Meaning;
use super::words::Word;

/// The kinds of facts, as fact operations name them.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum FactKind {
    Person,
    Preference,
    Event,
    Decision,
    Other,
}

/// What a person has, is or does for long.
const LASTING: [Meaning; 15] = [
    Meaning::Relative,
    Meaning::Pet,
    Meaning::Friend,
    Meaning::Colleague,
    Meaning::Neighbour,
    Meaning::Car,
    Meaning::House,
    Meaning::Allergy,
    Meaning::Vegetarian,
    Meaning::Marry,
    Meaning::Born,
    Meaning::Study,
    Meaning::Play,
    Meaning::Language,
    Meaning::Nationality,
];

/// The kind of fact that a clause is, or nothing for talk that passes.
pub(super) fn worth(clause: &Clause, claim: &Claim) -> Option<FactKind> {
    let content = clause.words.iter().filter(|word| word.has_content()).count();
    let of_person = claim.first_person || claim.subject.key().is_some();
    if clause.text.chars().count() > 400
        || content == 0
        || !of_person
        || points_back(clause, claim)
        || clause.has_any(&[Meaning::You, Meaning::Your])
    {
        return None;
    }
    if clause.has(Meaning::Decide) && content > 1 {
        return Some(FactKind::Decision);
    }
    match claim.slot {
        Some(Slot::Liking) => (content > 1 && !likes_the_moment(clause)).then_some(FactKind::Preference),
        Some(Slot::Described) if clause.has(Meaning::Favourite) => Some(FactKind::Preference),
        Some(Slot::Described) => described(clause, claim, content),
        Some(_) => Some(FactKind::Person),
        None if clause.has(Meaning::Event) && has_date(clause) => Some(FactKind::Event),
        None if claim.first_person && has_day(clause) && content > 1 => Some(FactKind::Event),
        None if claim.changes && clause.has(Meaning::Event) => Some(FactKind::Event),
        None if clause.has_any(&[Meaning::Password, Meaning::Phone, Meaning::Email]) && clause.says_is() => {
            Some(FactKind::Other)
        }
        None if claim.first_person
            && clause.has(Meaning::Negation)
            && clause.has_any(&[Meaning::Food, Meaning::Drink]) =>
        {
            Some(FactKind::Preference)
        }
        None => (lasting(clause, claim) || specific(clause, claim, content)).then_some(FactKind::Person),
    }
}

/// `She turned four`, `named her Biscuit`: of somebody whom only the sentence before names.
fn points_back(clause: &Clause, claim: &Claim) -> bool {
    let name = clause
        .words
        .iter()
        .position(|word| word.is_name() || word.is(Meaning::Article))
        .unwrap_or(usize::MAX);
    !claim.first_person && clause.find(Meaning::They).is_some_and(|at| at < name)
}

fn described(clause: &Clause, claim: &Claim, content: usize) -> Option<FactKind> {
    if clause.has(Meaning::Event) && has_date(clause) {
        return Some(FactKind::Event);
    }
    if specific(clause, claim, content) {
        return Some(FactKind::Person);
    }
    let thing = clause.has_any(&LASTING)
        || clause.has_any(&[
            Meaning::Phone,
            Meaning::Email,
            Meaning::Password,
            Meaning::Amount,
            Meaning::Place,
        ]);
    (thing && content > 1).then_some(FactKind::Person)
}

/// `I have a dog`, `у мене є собака`, `I am allergic to nuts`, `Taras plays the violin`.
fn lasting(clause: &Clause, claim: &Claim) -> bool {
    const ALWAYS: [Meaning; 14] = [
        Meaning::Live,
        Meaning::Work,
        Meaning::Allergy,
        Meaning::Vegetarian,
        Meaning::Marry,
        Meaning::Born,
        Meaning::Study,
        Meaning::Teach,
        Meaning::Play,
        Meaning::Nationality,
        Meaning::Hobby,
        Meaning::Sport,
        Meaning::Fear,
        Meaning::Goal,
    ];
    let has = clause.has(Meaning::Have)
        || clause.words.iter().any(|word| word.is(Meaning::Auxiliary) && is_to_have(word))
        || (clause.has_any(&[Meaning::Me, Meaning::We])
            && clause.has(Meaning::PlaceTo)
            && clause.language.drops_pronouns());
    let speaks_of_person = claim.first_person || clause.words.iter().any(Word::is_name);
    let speaks_language = clause.words.iter().any(|word| word.is_itself(Meaning::Language));
    // `My wife runs a bakery`, but not `my wife called today`.
    let of_relative = clause.has(Meaning::My)
        && !claim.nouns.is_empty()
        && !clause.has(Meaning::Soon)
        && clause.words.len() > 3
        && clause
            .words
            .iter()
            .take(4)
            .any(|word| word.is_any(&[Meaning::Relative, Meaning::Pet, Meaning::Friend]));
    of_relative
        || speaks_of_person
            && (clause.has_any(&ALWAYS) || speaks_language || (has && clause.has_any(&LASTING)))
}

/// What somebody says of themselves with a name, a number or a habit in it, or as what they are: `I'm the goalkeeper`.
/// Not what is true today only.
fn specific(clause: &Clause, claim: &Claim, content: usize) -> bool {
    let named = clause.words.iter().skip(1).any(Word::is_name) && clause.language != Language::German;
    let numbered = clause.words.iter().any(Word::is_number);
    let identity = clause.words.windows(3).any(|words| {
        words[0].is(Meaning::I) && words[1].is(Meaning::Copula) && words[2].is(Meaning::Article)
    });
    let definite = (named || numbered || clause.has(Meaning::Always)) && content > 1;
    claim.first_person && !clause.has(Meaning::Soon) && (definite || identity)
}

fn is_to_have(word: &Word) -> bool {
    ["have", "has", "had", "habe", "hat", "haben", "hatte"].contains(&word.stem.as_str())
}

/// `I like it`, `I love this`: nothing that could be understood later.
fn likes_the_moment(clause: &Clause) -> bool {
    let after = clause.find(Meaning::Like).map_or(0, |at| at + 1);
    clause.words.get(after).is_some_and(|word| word.is_any(&[Meaning::They, Meaning::This]))
}

/// Any time at all: `tomorrow`, `at 10:30`, `on 5 May`.
fn has_date(clause: &Clause) -> bool {
    clause.has(Meaning::Moment) || clause.words.iter().any(Word::is_number)
}

/// A day that can still be found later: a weekday, a month, a date in figures.
fn has_day(clause: &Clause) -> bool {
    let named = clause
        .words
        .iter()
        .any(|word| word.is(Meaning::Moment) && !word.is_any(&[Meaning::Soon, Meaning::Season]));
    named
        || clause
            .words
            .iter()
            .any(|word| word.stem.len() > 3 && word.stem.contains(['-', '.', '/']) && word.is_number())
}

/// Whether a clause tells its time by the day on which it is said: `tomorrow`, `next week`.
pub(super) fn is_relative(clause: &Clause) -> bool {
    clause.has(Meaning::Soon) || (clause.has(Meaning::Moment) && !has_month(clause))
}

fn has_month(clause: &Clause) -> bool {
    const DAYS: [Meaning; 8] = [
        Meaning::Soon,
        Meaning::Monday,
        Meaning::Tuesday,
        Meaning::Wednesday,
        Meaning::Thursday,
        Meaning::Friday,
        Meaning::Saturday,
        Meaning::Sunday,
    ];
    clause.words.iter().any(|word| word.is(Meaning::Moment) && !word.is_any(&DAYS))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind(text: &str) -> Option<FactKind> {
        let clause = Clause::new(text, Language::of(text));
        worth(&clause, &Claim::told(&clause))
    }

    #[test]
    fn what_lasts_is_kept() {
        for (text, expected) in [
            ("My name is Anna", FactKind::Person),
            ("I have two sons", FactKind::Person),
            ("У мене є кіт Мурчик", FactKind::Person),
            ("Ich habe einen Hund", FactKind::Person),
            ("I'm allergic to peanuts", FactKind::Person),
            ("Taras plays the violin", FactKind::Person),
            ("I love jazz", FactKind::Preference),
            ("Мой любимый цвет — зелёный", FactKind::Preference),
            ("The exam is on 5 June", FactKind::Event),
            ("Завтра я лечу в Рим", FactKind::Event),
            ("We decided to use Rust", FactKind::Decision),
            ("The wifi password is swordfish", FactKind::Other),
        ] {
            assert_eq!(kind(text), Some(expected), "{text}");
        }
    }

    #[test]
    fn what_passes_is_not() {
        for text in [
            "I am tired",
            "ok",
            "I love it!",
            "I have a headache",
            "Thank you",
            "That's funny",
            "I think so",
            "Можливо",
            "Ich bin müde",
            "I like you",
            "She turned four in June",
            "Named her Biscuit",
        ] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
