//! A clause as words: where each stands, what it means, by what it is found.

use std::ops::Range;

use super::language::Language;
use super::lexicon::{Lexicon, Sense};
use super::meanings::{Kind, Meaning};
use super::stem::{alike, bare, stem};
use super::tokens::{Token, tokens};

/// What two words have in common when they say the same.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Key {
    Meaning(Meaning),
    /// The stem of a word that has no meaning here.
    Stem(String),
}

impl Key {
    /// Whether both are the same or look like forms of one word.
    pub(super) fn alike(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Stem(one), Self::Stem(other)) => alike(one, other),
            (one, other) => one == other,
        }
    }
}

/// A word, or several that have one meaning together.
#[derive(Clone, Debug)]
pub(super) struct Word {
    /// Where it stands in its text, in bytes.
    pub(super) at: Range<usize>,
    /// As `stem` makes it; grammar as `bare` does.
    pub(super) stem: String,
    pub(super) senses: &'static [Sense],
    pub(super) capital: bool,
    /// Marked as the owner of what follows: `Anna's`.
    pub(super) owner: bool,
}

impl Word {
    /// Whether the lexicon gives it this meaning, or a narrower one.
    pub(super) fn is(&self, meaning: Meaning) -> bool {
        self.senses.iter().any(|sense| sense.meaning == meaning)
    }

    pub(super) fn is_any(&self, meanings: &[Meaning]) -> bool {
        self.senses.iter().any(|sense| meanings.contains(&sense.meaning))
    }

    /// Whether it has this very meaning, not just a narrower one.
    pub(super) fn is_itself(&self, meaning: Meaning) -> bool {
        self.senses.iter().any(|sense| sense.meaning == meaning && sense.kind != Kind::Narrower)
    }

    /// Whether it says something by itself.
    pub(super) fn has_content(&self) -> bool {
        self.senses.iter().all(|sense| sense.kind != Kind::Grammar)
    }

    /// Whether it only says what kind of answer is wanted.
    pub(super) fn is_hint(&self) -> bool {
        self.senses.iter().any(|sense| sense.kind == Kind::Hint)
    }

    pub(super) fn is_number(&self) -> bool {
        self.stem.starts_with(|letter: char| letter.is_ascii_digit()) || self.is(Meaning::Number)
    }

    /// What a question finds it by: its own meanings, or its stem.
    pub(super) fn keys(&self) -> impl Iterator<Item = Key> {
        let own = self.senses.iter().filter(|sense| matches!(sense.kind, Kind::Content | Kind::Hint));
        let unlisted = self.has_content() && own.clone().next().is_none();
        own.map(|sense| Key::Meaning(sense.meaning)).chain(unlisted.then(|| Key::Stem(self.stem.clone())))
    }

    /// What it can answer to: its keys, and the wider meanings.
    pub(super) fn answers_to(&self) -> impl Iterator<Item = Key> {
        let wider = self.senses.iter().filter(|sense| sense.kind == Kind::Narrower);
        self.keys().chain(wider.map(|sense| Key::Meaning(sense.meaning)))
    }

    /// A capital letter on a word that the lexicon does not have: most likely a name.
    pub(super) fn is_name(&self) -> bool {
        self.capital && self.senses.is_empty() && !self.is_number()
    }
}

/// The words of a text, in order.
pub(super) fn words(text: &str, language: Language) -> Vec<Word> {
    let tokens = tokens(text, language);
    let full = |token: &Token| token.stands_for.map_or_else(|| bare(&text[token.at.clone()]), str::to_owned);
    let lower: Vec<_> = tokens.iter().map(full).collect();
    let mut words: Vec<Word> = Vec::with_capacity(tokens.len());
    let mut next = 0;
    while let Some(token) = tokens.get(next) {
        let capital = text[token.at.start..].starts_with(char::is_uppercase);
        let (stem, senses, length) = understood(&lower[next..], language, capital && !words.is_empty());
        let at = token.at.start..tokens[next + length - 1].at.end;
        words.push(Word { at, stem, senses, capital, owner: token.owner });
        next += length;
    }
    words
}

/// The stem and meanings of the first of some words, or of as many of them as mean something together.
/// With a capital in the middle of a sentence content comes first: that "May" is the month.
fn understood(
    lower: &[String],
    language: Language,
    content_first: bool,
) -> (String, &'static [Sense], usize) {
    let lexicon = Lexicon::shared();
    if let Some((senses, length)) = lexicon.phrase(lower, language) {
        return (lower[0].clone(), senses, length);
    }
    let grammar = lexicon.grammar(&lower[0], language);
    if let Some(senses) = grammar.filter(|_| !content_first) {
        return (lower[0].clone(), senses, 1);
    }
    let stem = stem(&lower[0], language);
    match lexicon.content(&stem, language).or(grammar) {
        Some(senses) => (stem, senses, 1),
        None => (stem, &[], 1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(text: &str, language: Language) -> Vec<&str> {
        words(text, language).iter().map(|word| &text[word.at.clone()]).collect()
    }

    #[test]
    fn shortened_words_become_two_and_owners_are_marked() {
        assert_eq!(texts("I'm Anna’s friend", Language::English), ["I", "'m", "Anna", "friend"]);
        let words = words("I don't own Anna's car", Language::English);
        assert!(words[2].is(Meaning::Negation));
        assert!(words[4].owner);
    }

    #[test]
    fn times_and_dates_stay_whole() {
        assert_eq!(texts("Call at 10:30, 14.05.", Language::English), ["Call", "at", "10:30", "14.05"]);
        assert_eq!(texts("Моє ім'я — Юля", Language::Ukrainian), ["Моє", "ім'я", "Юля"]);
    }

    #[test]
    fn several_words_of_one_meaning_are_one_word() {
        let words = words("What do I do for a living?", Language::English);
        assert!(words.last().is_some_and(|word| word.is_itself(Meaning::Work)));
    }

    #[test]
    fn may_is_a_month_only_with_a_capital() {
        assert!(words("I leave in May", Language::English)[3].is(Meaning::Moment));
        assert!(!words("I may leave", Language::English)[1].has_content());
    }
}
