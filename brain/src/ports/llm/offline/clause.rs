//! Texts cut into sentences, and sentences into clauses that say one thing each.

use super::language::Language;
use super::meanings::{Meaning, MeaningSet};
use super::words::{Key, Word, words};

/// The meanings of the words that open a question.
pub(super) const QUESTION_WORDS: [Meaning; 7] = [
    Meaning::What,
    Meaning::Which,
    Meaning::Who,
    Meaning::Where,
    Meaning::When,
    Meaning::HowMany,
    Meaning::Why,
];

/// One thing said.
#[derive(Clone, Debug)]
pub(super) struct Clause {
    /// As written, with its closing punctuation.
    pub(super) text: String,
    pub(super) words: Vec<Word>,
    pub(super) language: Language,
    /// Of any of its words.
    meanings: MeaningSet,
}

impl Clause {
    pub(super) fn new(text: &str, language: Language) -> Self {
        let text = text.trim();
        let words = words(text, language);
        let mut meanings = MeaningSet::default();
        for sense in words.iter().flat_map(|word| word.senses) {
            meanings.insert(sense.meaning);
        }
        Self { text: text.to_owned(), words, language, meanings }
    }

    pub(super) const fn has(&self, meaning: Meaning) -> bool {
        self.meanings.contains(meaning)
    }

    pub(super) fn has_any(&self, meanings: &[Meaning]) -> bool {
        meanings.iter().any(|meaning| self.has(*meaning))
    }

    /// Whether it says that something is something: by a verb or by a colon or dash.
    pub(super) fn says_is(&self) -> bool {
        self.has(Meaning::Copula) || self.text.contains([':', '—', '–', '=']) || self.text.contains(" - ")
    }

    /// Where the first word of that meaning stands.
    pub(super) fn find(&self, meaning: Meaning) -> Option<usize> {
        self.words.iter().position(|word| word.is(meaning))
    }

    pub(super) fn written(&self, word: &Word) -> &str {
        &self.text[word.at.clone()]
    }

    /// What stands between a word and the one before it.
    pub(super) fn gap_before(&self, index: usize) -> &str {
        let start = index.checked_sub(1).map_or(0, |before| self.words[before].at.end);
        self.words.get(index).map_or("", |word| &self.text[start..word.at.start])
    }

    /// What the content words can answer to.
    pub(super) fn answers_to(&self) -> impl Iterator<Item = Key> {
        self.words.iter().flat_map(Word::answers_to)
    }

    /// The text without the full stop at its end.
    pub(super) fn gist(&self) -> &str {
        self.text.trim_end_matches(['.', '!', ',', ';', ' ']).trim()
    }
}

/// The sentences of a text, with their closing punctuation, and the language of the line in which they stand. Lines that
/// start with `>` quote somebody else.
pub(super) fn sentences(text: &str) -> impl Iterator<Item = (&str, Language)> {
    text.lines().filter(|line| !line.trim_start().starts_with('>')).flat_map(|line| {
        let language = Language::of(line);
        sentences_of_line(line, language).into_iter().map(move |sentence| (sentence, language))
    })
}

fn sentences_of_line(line: &str, language: Language) -> Vec<&str> {
    let mut found = Vec::new();
    let mut start = 0;
    let mut letters = line.char_indices().peekable();
    while let Some((at, letter)) = letters.next() {
        let ends = match letter {
            '!' | '?' | '…' => true,
            '.' => !is_abbreviation(&line[start..at], language),
            _ => false,
        };
        let stands_alone = letters.peek().is_none_or(|(_, after)| after.is_whitespace());
        if ends && stands_alone {
            let end = at + letter.len_utf8();
            found.push(line[start..end].trim());
            start = end;
        }
    }
    found.push(line[start..].trim());
    found.retain(|sentence| sentence.chars().any(char::is_alphanumeric));
    found
}

/// Whether a full stop after this text belongs to its last word: `Dr`, `a.m`, the `5` of `am 5. Mai`.
fn is_abbreviation(before: &str, language: Language) -> bool {
    const ABBREVIATIONS: [&str; 14] =
        ["dr", "mr", "mrs", "ms", "st", "vs", "nr", "bzw", "вул", "ул", "м", "г", "т", "им"];
    let last = before.rsplit(char::is_whitespace).next().unwrap_or_default().to_lowercase();
    let ordinal = language == Language::German && last.parse::<u8>().is_ok_and(|day| day <= 31);
    let letter =
        last.chars().count() == 1 && last.chars().all(char::is_alphabetic) && last != "i" && last != "я";
    ordinal
        || letter
        || last.contains('.') && !last.contains('@') && last.len() < 6
        || ABBREVIATIONS.contains(&&*last)
}

/// The things that a sentence says one after the other: `My name is Anna and I live in Lviv` is two. A second verb
/// gets the subject of the first: `I live in Lviv and work as a nurse`.
pub(super) fn clauses(whole: Clause) -> Vec<Clause> {
    let language = whole.language;
    let mut starts = vec![(0, None)];
    for index in 1..whole.words.len() {
        let word = &whole.words[index];
        // `and now I work ...` starts at "now".
        let opening =
            |word: &Word| word.is_any(&[Meaning::Filler, Meaning::Change]) && !word.is(Meaning::And);
        let pause = |at: usize| whole.gap_before(at).contains([',', ':', ';', '—', '–']);
        let goes_back = |at: &usize| !pause(*at) && opening(&whole.words[at - 1]);
        let start = (1..=index).rev().find(|at| !goes_back(at)).unwrap_or(index);
        let joined = whole.words[start - 1].is(Meaning::And);
        let parted = pause(start) || joined;
        let begins =
            whole.words.iter().find(|word| word.at.start >= starts.last().map_or(0, |(start, _)| *start));
        let begins = begins.unwrap_or(word);
        if !parted || word.is(Meaning::And) || opening(word) {
            continue;
        }
        let greeted = whole.words[..index]
            .iter()
            .all(|word| word.is_any(&[Meaning::Greeting, Meaning::Thanks, Meaning::Filler]));
        let asks_more = joined && word.is_any(&QUESTION_WORDS);
        let own_verb =
            is_activity(word) && language.drops_pronouns() && whole.written(word).ends_with(['у', 'ю']);
        let at = whole.words[start].at.start;
        if starts_anew(&whole, index) || greeted || asks_more || own_verb {
            starts.push((at, None));
        } else if joined && begins.is(Meaning::I) && (is_activity(word) || ends_as_german_verb(&whole, word))
        {
            starts.push((at, Some(whole.written(begins))));
        }
    }
    if starts.len() == 1 {
        return vec![whole];
    }
    let ends = starts.iter().skip(1).map(|(start, _)| *start).chain([whole.text.len()]);
    starts
        .iter()
        .zip(ends)
        .map(|((start, subject), end)| {
            let piece = without_joint(&whole, *start, end);
            let text = subject.map_or_else(|| piece.to_owned(), |subject| format!("{subject} {piece}"));
            Clause::new(&text, language)
        })
        .filter(|clause| !clause.words.is_empty())
        .collect()
}

/// Whether a new subject stands here: `I ...`, `my ...`, with a verb in front of it in German.
fn starts_anew(whole: &Clause, index: usize) -> bool {
    let subject = |word: &Word| word.is_any(&[Meaning::I, Meaning::We, Meaning::My, Meaning::Our]);
    let here = &whole.words[index];
    let verb_follows = whole.words[index..]
        .iter()
        .skip(1)
        .any(|word| !word.is_any(&[Meaning::My, Meaning::Our, Meaning::And]));
    (subject(here) && verb_follows)
        || here.is(Meaning::Me)
            && whole
                .words
                .get(index + 1)
                .is_some_and(|word| word.is_any(&[Meaning::Name, Meaning::Like]) || word.is_number())
        || (whole.language == Language::German
            && whole.words.get(index + 1).is_some_and(|word| word.is(Meaning::I)))
}

/// `Ich bin Lena und komme aus Hamburg`: nouns have a capital, so this is a verb of the first person.
fn ends_as_german_verb(whole: &Clause, word: &Word) -> bool {
    whole.language == Language::German && !word.capital && whole.written(word).ends_with('e')
}

fn is_activity(word: &Word) -> bool {
    word.is_any(&[
        Meaning::Live,
        Meaning::Work,
        Meaning::Study,
        Meaning::Like,
        Meaning::Play,
        Meaning::Have,
        Meaning::Move,
        Meaning::Travel,
        Meaning::Buy,
        Meaning::Teach,
        Meaning::Drink,
        Meaning::Sport,
    ])
}

/// A piece of a sentence without the comma or the "and" that ties it to the next one.
fn without_joint(whole: &Clause, start: usize, end: usize) -> &str {
    let last = whole.words.iter().rev().find(|word| word.at.end <= end);
    let end =
        last.filter(|word| word.is(Meaning::And) && word.at.start > start).map_or(end, |word| word.at.start);
    whole.text[start..end].trim_end_matches([' ', ',', ';', '—', '–'])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pieces(sentence: &str) -> Vec<String> {
        let language = Language::of(sentence);
        clauses(Clause::new(sentence, language)).into_iter().map(|clause| clause.text).collect()
    }

    #[test]
    fn a_full_stop_inside_a_word_or_number_ends_nothing() {
        for (text, expected) in [
            ("Dr. Wu is in. Come at 9.30 a.m. today!", &["Dr. Wu is in.", "Come at 9.30 a.m. today!"][..]),
            ("Ich fliege am 5. Mai. Toll", &["Ich fliege am 5. Mai.", "Toll"]),
            ("> quoted\n\nmine... ?", &["mine..."]),
        ] {
            let found: Vec<_> = sentences(text).map(|(sentence, _)| sentence).collect();
            assert_eq!(found, expected);
        }
    }

    #[test]
    fn each_thing_said_is_a_clause() {
        assert_eq!(
            pieces("Hi, my name is Anna and I live in Lviv, but work in Kyiv."),
            ["Hi", "my name is Anna", "I live in Lviv", "I work in Kyiv."]
        );
        assert_eq!(pieces("I live in Lviv and work as a nurse."), ["I live in Lviv", "I work as a nurse."]);
        assert_eq!(pieces("Мене звати Ігор, я живу в Одесі"), ["Мене звати Ігор", "я живу в Одесі"]);
        assert_eq!(pieces("I like cats and dogs"), ["I like cats and dogs"]);
    }
}
