//! Finds what words mean: the table of `meanings`, by word and stem.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::language::Language;
use super::meanings::{Kind, Meaning, Row, TABLE};
use super::stem::{bare, stem};

static LEXICON: LazyLock<Lexicon> = LazyLock::new(Lexicon::new);

/// One meaning of a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Sense {
    pub(super) meaning: Meaning,
    pub(super) kind: Kind,
}

/// The words of one vocabulary (see [`Language::vocabulary`]).
#[derive(Default)]
struct Vocabulary {
    /// Grammar, as written.
    exact: HashMap<String, Vec<Sense>>,
    /// Hints and content, by stem.
    stems: HashMap<String, Vec<Sense>>,
    /// Two or three words with one meaning, as written, a space between.
    phrases: HashMap<String, Vec<Sense>>,
    /// The first words of those, with the length of the longest.
    openings: HashMap<String, usize>,
}

/// All words. There is one, made at first use.
pub(super) struct Lexicon {
    vocabularies: [Vocabulary; 3],
    /// Which languages have a word, to tell them apart.
    languages: HashMap<String, [bool; 4]>,
}

impl Lexicon {
    pub(super) fn shared() -> &'static Self {
        &LEXICON
    }

    /// What a word means as part of the grammar, given as [`bare`] makes it.
    pub(super) fn grammar(&self, word: &str, language: Language) -> Option<&[Sense]> {
        self.vocabularies[language.vocabulary()].exact.get(word).map(Vec::as_slice)
    }

    /// What a word means by itself, given by its [`stem`].
    pub(super) fn content(&self, stem: &str, language: Language) -> Option<&[Sense]> {
        self.vocabularies[language.vocabulary()].stems.get(stem).map(Vec::as_slice)
    }

    /// The meaning of the first words taken together, and how many they are.
    pub(super) fn phrase(&self, words: &[String], language: Language) -> Option<(&[Sense], usize)> {
        let vocabulary = &self.vocabularies[language.vocabulary()];
        let longest = *vocabulary.openings.get(words.first()?)?;
        (2..=longest.min(words.len())).rev().find_map(|length| {
            let senses = vocabulary.phrases.get(&words[..length].join(" "))?;
            Some((senses.as_slice(), length))
        })
    }

    /// How many of a text's words each language knows.
    pub(super) fn known_words(&self, lower: &str) -> [usize; 4] {
        let words = lower.split(|letter: char| !letter.is_alphanumeric() && letter != '\'');
        let mut counts = [0; 4];
        for languages in words.filter_map(|word| self.languages.get(word)) {
            for (count, known) in counts.iter_mut().zip(languages) {
                *count += usize::from(*known);
            }
        }
        counts
    }

    fn new() -> Self {
        let mut lexicon = Self { vocabularies: Default::default(), languages: HashMap::new() };
        for row in TABLE {
            let wider = TABLE.iter().filter(|wider| wider.narrower.contains(&row.meaning));
            let wider: Vec<_> =
                wider.map(|wider| Sense { meaning: wider.meaning, kind: Kind::Narrower }).collect();
            lexicon.add_row(row, &wider);
        }
        lexicon
    }

    fn add_row(&mut self, row: &Row, wider: &[Sense]) {
        let own = Sense { meaning: row.meaning, kind: row.kind };
        let kind_of = Sense { meaning: row.meaning, kind: Kind::Narrower };
        for (language, words) in Language::ALL.into_iter().zip(row.words) {
            for word in words.split_whitespace() {
                self.languages.entry(word.to_owned()).or_default()[language as usize] = true;
                for sense in [&own].into_iter().chain(wider) {
                    self.add(word, language, *sense);
                }
            }
        }
        for word in row.kinds.split_whitespace() {
            for language in [Language::English, Language::Ukrainian, Language::German] {
                for sense in [&kind_of].into_iter().chain(wider) {
                    self.add(word, language, *sense);
                }
            }
        }
    }

    fn add(&mut self, word: &str, language: Language, sense: Sense) {
        let word = bare(&word.replace('_', " "));
        let vocabulary = &mut self.vocabularies[language.vocabulary()];
        let senses = if let Some((first, rest)) = word.split_once(' ') {
            let longest = vocabulary.openings.entry(first.to_owned()).or_default();
            *longest = (*longest).max(rest.split(' ').count() + 1);
            vocabulary.phrases.entry(word)
        } else if sense.kind == Kind::Grammar {
            vocabulary.exact.entry(word)
        } else {
            vocabulary.stems.entry(stem(&word, language))
        }
        .or_default();
        if senses.iter().all(|known| known.meaning != sense.meaning) {
            senses.push(sense);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_of_one_meaning_share_it_across_languages() {
        for (word, language) in [
            ("puppy", Language::English),
            ("собаку", Language::Ukrainian),
            ("щенок", Language::Russian),
            ("hunde", Language::German),
        ] {
            let senses = Lexicon::shared().content(&stem(word, language), language).unwrap_or_default();
            assert!(
                senses.contains(&Sense { meaning: Meaning::Dog, kind: Kind::Content }),
                "{word}: {senses:?}"
            );
            assert!(
                senses.contains(&Sense { meaning: Meaning::Pet, kind: Kind::Narrower }),
                "{word}: {senses:?}"
            );
        }
    }

    #[test]
    fn several_words_can_have_one_meaning() {
        let words = ["for", "a", "living", "now"].map(str::to_owned);
        let (senses, length) = Lexicon::shared().phrase(&words, Language::English).expect("a phrase");
        assert_eq!((senses[0].meaning, length), (Meaning::Work, 3));
    }
}
