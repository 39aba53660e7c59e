//! Texts as sentences and words, and words as what they are compared by.

use std::sync::LazyLock;

use rust_stemmers::{Algorithm, Stemmer};

static ENGLISH: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::English));
static GERMAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::German));
static RUSSIAN: LazyLock<Stemmer> = LazyLock::new(|| Stemmer::create(Algorithm::Russian));

/// Endings of Ukrainian nouns, adjectives and verbs, longest first; Snowball has no rules for Ukrainian.
const UKRAINIAN: &str = "ювали ували ювати увати ювала увала имося ують ював ував ього ьому ають яють іють ться ить ете \
    єте ите еш єш иш їш ємо емо имо їмо ати яти іти ити ала яла іла ила али яли іли или ому ого ова ими іми ами ями \
    ові еві єві юю ює ує ую аю яю ею ає яє іє ою ий ій ая яя ої ей єю їв ів ев ах ях ам ям ом ем єм им їм их їх ав яв \
    ив ає ує ть ти а я о е є и і ї у ю й ь";

/// Words that say nothing of what a sentence is about, without apostrophes.
const EMPTY: &str = "a about again all also am an and any anymore are as at be been but by can could did do does for from had has \
    have he her him his how i if in into is it its just know me mine more much many my need not now of on or our ours please \
    remember remind s say said she so some take tell than that the their them then there these they this those to told too us \
    was we were what when where which who whom whose why will with would you your \
    aber als am an auch auf aus bei bin bis bist da das dass dein dem den der des die dich dir doch du ein eine einem einen \
    einer er es euch für habe haben hast hat ich ihm ihn ihr im in ist ja jetzt kann man mein meine meinem meinen meiner meines \
    mich mir mit nach nicht noch nun nur oder ob seid sein seine seit sich sie sind so über um und uns unser unsere von vor war \
    warum was weißt welche welchen welcher welches wem wen wer wie wann wieder wir wird wo wohin woher zu zum zur \
    а але без був була було були в вам вас ви вже він вона воно вони від де для до є за з зараз звідки знаєш і із її його \
    й як яка яке який яку які коли куди ким кого кому ли мене мені ми мій моя моє мої мого моєї моєму моїй моїм мою мною на наш \
    наша наше наші нам нас не ні о от по про пам'ятаєш при скажи скільки так та там те тепер ти тебе тобі то у хто це цей ця ці \
    чи чий чия чому що щоб яких якої якому \
    бы был была были было вам вас вы где да для ее если еще же за здесь знаешь и из или их к как какая какие какой какую когда \
    кого кому кто куда меня мне мной мои мой моя мое моего моей моему мою моих мы на нам нас наш наша наше наши не нет ни но ну \
    о об он она оно они от откуда по под помнишь почему при с сейчас сколько со так там теперь то только тот ты тебя тебе у уже \
    чего чей чему что чтобы чье чья эта эти это этот я";

/// A word as it stands, and in the form in which words are compared.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Word<'a> {
    pub(crate) written: &'a str,
    /// Where it begins in its text, in bytes.
    pub(crate) at: usize,
    /// Lower case, one kind of apostrophe, none in Cyrillic words.
    pub(crate) bare: String,
}

impl Word<'_> {
    pub(crate) fn is_capital(&self) -> bool {
        self.written.starts_with(char::is_uppercase)
    }
}

/// What a word is found by: its stem in each of the two languages that share its letters.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Term([String; 2]);

impl Term {
    pub(crate) fn of(bare: &str) -> Self {
        if is_cyrillic(bare) {
            Self([RUSSIAN.stem(bare).into_owned(), ukrainian(bare)])
        } else {
            Self([ENGLISH.stem(bare).into_owned(), GERMAN.stem(bare).into_owned()])
        }
    }

    /// Whether both are forms of one word, as far as can be told: the same stem, or one that goes on for two letters at most.
    pub(crate) fn matches(&self, other: &Self) -> bool {
        self.0.iter().zip(&other.0).any(|(one, other)| {
            let (short, long) = if one.len() <= other.len() { (one, other) } else { (other, one) };
            let rest = long.strip_prefix(short.as_str());
            rest.is_some_and(|rest| {
                rest.is_empty() || (rest.chars().count() <= 2 && short.chars().count() >= 4)
            })
        })
    }
}

/// The terms of words that say something, each once.
pub(crate) fn terms(words: &[Word<'_>]) -> Vec<Term> {
    let telling = words.iter().map(|word| word.bare.as_str()).filter(|bare| !is_empty(bare));
    let mut terms: Vec<Term> = telling.map(Term::of).collect();
    terms.sort_unstable();
    terms.dedup();
    terms
}

pub(crate) fn is_empty(bare: &str) -> bool {
    static WORDS: LazyLock<std::collections::HashSet<String>> =
        LazyLock::new(|| EMPTY.split_whitespace().map(bare_form).collect());
    WORDS.contains(bare) || bare == "—"
}

/// Whether the words stand among those of a list, as the list writes them: `one|two words`.
pub(crate) fn has_any(words: &[Word<'_>], list: &str) -> bool {
    list.split('|').any(|phrase| (0..words.len()).any(|at| starts_with(&words[at..], phrase).is_some()))
}

/// How many words a phrase takes at the beginning of others; `#` is any number.
pub(crate) fn starts_with(words: &[Word<'_>], phrase: &str) -> Option<usize> {
    let mut count = 0;
    for part in phrase.split_whitespace() {
        let word = &words.get(count)?.bare;
        let number = || part == "#" && word.starts_with(|letter: char| letter.is_ascii_digit());
        count += (word == part || number()).then_some(1)?;
    }
    Some(count)
}

/// The words of a text. `I'm` is two; a dash between spaces is one, because it stands for "is" in some languages.
pub(crate) fn words(text: &str) -> Vec<Word<'_>> {
    let mut words = Vec::new();
    let mut from = None;
    let mut letters = text.char_indices().peekable();
    let mut before = ' ';
    while let Some((at, letter)) = letters.next() {
        let after = letters.peek().map_or(' ', |(_, after)| *after);
        let inside = match letter {
            '\'' | '’' | 'ʼ' | '`' => before.is_alphanumeric() && after.is_alphanumeric(),
            ':' | '.' | ',' | '/' | '-' => before.is_ascii_digit() && after.is_ascii_digit(),
            letter => letter.is_alphanumeric(),
        };
        match from {
            None if inside => from = Some(at),
            Some(start) if !inside => {
                push(text, start, at, &mut words);
                from = None;
            }
            _ => {}
        }
        if matches!(letter, '—' | '–' | '-') && before == ' ' && after == ' ' {
            words.push(Word { written: &text[at..at + letter.len_utf8()], at, bare: "—".into() });
        }
        before = letter;
    }
    if let Some(start) = from {
        push(text, start, text.len(), &mut words);
    }
    words
}

fn push<'a>(text: &'a str, start: usize, end: usize, words: &mut Vec<Word<'a>>) {
    const SHORTENED: [(&str, &str); 7] = [
        ("n't", "not"),
        ("'m", "am"),
        ("'re", "are"),
        ("'ve", "have"),
        ("'ll", "will"),
        ("'d", "would"),
        ("'s", "s"),
    ];
    let written = &text[start..end];
    let bare = bare_form(written);
    let shortened = SHORTENED.iter().find_map(|(ending, full)| Some((bare.strip_suffix(ending)?, *full)));
    let Some((first, second)) = shortened.filter(|(first, _)| !first.is_empty()) else {
        return words.push(Word { written, at: start, bare });
    };
    let first = match first {
        "ca" => "can",
        "wo" => "will",
        first => first,
    };
    let is = second == "s" && ["it", "he", "she", "that", "what", "who", "where"].contains(&first);
    let second = if is { "is" } else { second };
    words.push(Word { written, at: start, bare: first.to_owned() });
    words.push(Word { written: "", at: start, bare: second.to_owned() });
}

fn bare_form(word: &str) -> String {
    let cyrillic = is_cyrillic(word);
    let letters = word.chars().flat_map(char::to_lowercase).filter_map(|letter| match letter {
        '\'' | '’' | 'ʼ' | '`' => (!cyrillic).then_some('\''),
        'ё' => Some('е'),
        letter => Some(letter),
    });
    letters.collect()
}

fn is_cyrillic(word: &str) -> bool {
    word.chars().any(|letter| ('\u{400}'..='\u{4ff}').contains(&letter))
}

fn ukrainian(word: &str) -> String {
    static ENDINGS: LazyLock<Vec<&str>> = LazyLock::new(|| UKRAINIAN.split_whitespace().collect());
    let long = |start: &str| start.chars().count() >= 3;
    let word =
        word.strip_suffix("ся").or(word.strip_suffix("сь")).filter(|start| long(start)).unwrap_or(word);
    // доньці is a form of донька.
    let dative = word.strip_suffix("ці").filter(|start| long(start)).map(|start| format!("{start}к"));
    let shortened =
        || ENDINGS.iter().find_map(|ending| word.strip_suffix(ending).filter(|start| long(start)));
    let stem = dative.unwrap_or_else(|| shortened().unwrap_or(word).to_owned());
    // і, о and е change places within one word: Львів, Львова; Київ, Києва.
    stem.chars()
        .enumerate()
        .map(|(at, letter)| match letter {
            'і' | 'е' | 'є' | 'ї' if at > 0 => 'о',
            'ґ' => 'г',
            letter => letter,
        })
        .collect()
}

/// The sentences of a text; a full stop inside a number or after a single letter ends none.
pub(crate) fn sentences(text: &str) -> impl Iterator<Item = &str> {
    text.split(['\n', '\r'])
        .flat_map(sentences_of_line)
        .map(str::trim)
        .filter(|sentence| !sentence.is_empty())
}

fn sentences_of_line(line: &str) -> Vec<&str> {
    let mut sentences = Vec::new();
    let mut start = 0;
    for (at, mark) in line.match_indices(['.', '!', '?', '…', ';']) {
        let end = at + mark.len();
        let ends = line[end..].starts_with(char::is_whitespace) || end == line.len();
        let word = line[start..at].rsplit(char::is_whitespace).next().unwrap_or_default();
        // `5. Mai`, `J. Smith`, `St. Gallen`
        let short = mark == "."
            && end < line.len()
            && (word.chars().all(|c| c.is_ascii_digit()) || word.chars().count() < 3);
        if ends && !short {
            sentences.push(&line[start..end]);
            start = end;
        }
    }
    sentences.push(&line[start..]);
    sentences
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_match() {
        let families = "live lives lived living|plan planned planning plans|study studies studied|живу живе живемо|працюю працює працювати|Львів Львова Львові|\
            робота роботу роботою роботі|работаю работает работать|машина машины машину машиной|wohne wohnt wohnen|Hund Hunde|Sohn Söhne";
        for family in families.split('|') {
            let terms: Vec<_> = words(family).iter().map(|word| Term::of(&word.bare)).collect();
            assert!(terms.iter().all(|term| term.matches(&terms[0])), "{family}: {terms:?}");
        }
        assert!(!Term::of("cat").matches(&Term::of("car")));
    }

    #[test]
    fn shortened_words_are_two_and_times_stay_whole() {
        let bare = |text| words(text).into_iter().map(|word| word.bare).collect::<Vec<_>>().join(" ");
        assert_eq!(bare("I'm at Anna’s, can't at 10:30!"), "i am at anna s can not at 10:30");
        assert_eq!(bare("Моє ім'я — Юля"), "моє імя — юля");
    }

    #[test]
    fn a_full_stop_inside_a_number_or_a_name_ends_nothing() {
        let text = "Am 5. Mai um 7.40 bei J. Smith. Gut!\nWas? x";
        assert_eq!(
            sentences(text).collect::<Vec<_>>(),
            ["Am 5. Mai um 7.40 bei J. Smith.", "Gut!", "Was?", "x"]
        );
    }
}
