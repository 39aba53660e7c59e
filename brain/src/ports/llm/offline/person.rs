//! The speaker's words seen from outside: `I live with my son` told back as `you live with your son`, and kept as
//! `Anna lives with their son`.

use super::clause::Clause;
use super::conjugate::third_person as conjugated;
use super::language::Language;
use super::meanings::Meaning;
use super::phrases::report;
use super::subject::{own_verb, speaks_of_speaker};
use super::words::Word;

/// An English clause in the second person; nothing where the language is another or the clause speaks to the bot.
pub(super) fn second_person(clause: &Clause) -> Option<String> {
    if clause.language != Language::English || clause.has_any(&[Meaning::You, Meaning::Your]) {
        return None;
    }
    let near_i = |index: usize| {
        let before = index > 0 && clause.words[index - 1].is_any(&[Meaning::I, Meaning::We]);
        before || clause.words.get(index + 1).is_some_and(|word| word.is(Meaning::I))
    };
    Some(rewritten(clause, |index, word, written| {
        Some(
            match written {
                "i" | "we" | "me" | "us" => "you",
                "my" | "our" => "your",
                "mine" | "ours" => "yours",
                "myself" => "yourself",
                "ourselves" => "yourselves",
                "am" if near_i(index) => "are",
                "'m" | "’m" => "'re",
                "was" if near_i(index) => "were",
                _ => return plain_start(index, word, written),
            }
            .to_owned(),
        )
    }))
}

/// A clause as a fact about its speaker. What cannot be turned safely is kept as the speaker's own words.
pub(super) fn third_person(clause: &Clause, speaker: &str) -> String {
    if !clause.has_any(&[
        Meaning::I,
        Meaning::Me,
        Meaning::My,
        Meaning::We,
        Meaning::Our,
        Meaning::You,
        Meaning::Your,
    ]) && !speaks_of_speaker(clause)
    {
        return clause.gist().to_owned();
    }
    let plain = !clause.has_any(&[Meaning::We, Meaning::Our, Meaning::You, Meaning::Your]);
    let turned = plain.then(|| match clause.language {
        Language::English => Some(english(clause, speaker)),
        Language::German => german(clause, speaker),
        Language::Ukrainian | Language::Russian => slavic(clause, speaker),
    });
    turned.flatten().unwrap_or_else(|| report(speaker, clause.gist(), clause.language))
}

/// A name as Ukrainians call somebody by it: `Олено`, `Тарасе`. Other names stay as they are.
pub(super) fn addressed(name: &str, language: Language) -> String {
    let cyrillic = name.chars().all(|letter| letter.is_alphabetic() && !letter.is_ascii());
    if language != Language::Ukrainian || !cyrillic {
        return name.to_owned();
    }
    let endings = [("ія", "іє"), ("а", "о"), ("я", "ю"), ("й", "ю"), ("ь", "ю"), ("о", "е")];
    let changed =
        endings.iter().find_map(|(ending, called)| Some(format!("{}{called}", name.strip_suffix(ending)?)));
    changed.unwrap_or_else(|| match name.chars().last() {
        Some('г' | 'к' | 'х') => format!("{name}у"),
        Some(last) if !"еиіїуюєы".contains(last) => format!("{name}е"),
        _ => name.to_owned(),
    })
}

/// With a capital at its beginning.
pub(super) fn capitalized(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn english(clause: &Clause, speaker: &str) -> String {
    let first = clause
        .words
        .iter()
        .position(|word| ["i", "my", "me"].contains(&clause.written(word).to_lowercase().as_str()));
    let verb =
        first.filter(|index| clause.words[*index].is(Meaning::I)).and_then(|index| verb_after(clause, index));
    rewritten(clause, |index, word, written| {
        let named = first == Some(index);
        let owner = if speaker.ends_with('s') { format!("{speaker}'") } else { format!("{speaker}'s") };
        Some(match written {
            "i" | "me" | "my" if named => {
                if written == "my" {
                    owner
                } else {
                    speaker.to_owned()
                }
            }
            "i" => "they".to_owned(),
            "me" => "them".to_owned(),
            "my" => "their".to_owned(),
            "mine" => "theirs".to_owned(),
            "myself" => "themselves".to_owned(),
            "'m" | "’m" => if verb == Some(index) { " is" } else { " are" }.to_owned(),
            "'ve" | "’ve" => if verb == Some(index) { " has" } else { " have" }.to_owned(),
            "'ll" | "’ll" => " will".to_owned(),
            "'d" | "’d" => " would".to_owned(),
            "am" if verb != Some(index) => "are".to_owned(),
            "n't" | "n’t" => return None,
            _ if verb == Some(index) => conjugated(written, Language::English)?,
            _ => return plain_start(index, word, written),
        })
    })
}

/// The verb of "I", past words such as `really` and `never`.
fn verb_after(clause: &Clause, subject: usize) -> Option<usize> {
    let skipped = |word: &Word| {
        word.is_any(&[Meaning::Filler, Meaning::Longer])
            || (word.is(Meaning::Change) && !clause.written(word).ends_with("ed"))
            || clause.written(word) == "never"
            || (word.senses.is_empty() && clause.written(word).ends_with("ly"))
    };
    (subject + 1..clause.words.len()).find(|index| !skipped(&clause.words[*index]))
}

/// `Ich wohne` and `Morgen fliege ich`: the verb stands beside its subject. `Meine Schwester` becomes `Annas Schwester`.
fn german(clause: &Clause, speaker: &str) -> Option<String> {
    let own = |word: &&Word| word.is_any(&[Meaning::I, Meaning::Me, Meaning::My]);
    if clause.words.iter().filter(own).count() != 1 {
        return None;
    }
    let at = clause.words.iter().position(|word| own(&word))?;
    if clause.words[at].is(Meaning::Me) || (clause.words[at].is(Meaning::My) && at != 0) {
        return None;
    }
    let verb = if clause.words[at].is(Meaning::My) { None } else { Some(if at == 0 { 1 } else { at - 1 }) };
    Some(rewritten(clause, |index, _, written| match written {
        "ich" => Some(speaker.to_owned()),
        _ if index == at && speaker.ends_with(['s', 'x', 'z', 'ß']) => Some(format!("{speaker}'")),
        _ if index == at => Some(format!("{speaker}s")),
        _ if verb == Some(index) => conjugated(written, Language::German),
        _ => None,
    }))
}

/// `Я живу у Львові`, `живу у Львові`; anything with `мене` or `мій` needs a gender or a case and stays.
fn slavic(clause: &Clause, speaker: &str) -> Option<String> {
    let words = &clause.words;
    let own = words.iter().filter(|word| word.is_any(&[Meaning::I, Meaning::Me, Meaning::My])).count();
    let named = words.first().is_some_and(|word| word.is(Meaning::I));
    if own != usize::from(named) {
        return None;
    }
    let after_i = || {
        (1..words.len()).find(|at| {
            !words[*at].is_any(&[Meaning::Negation, Meaning::Filler, Meaning::Longer, Meaning::Change])
        })
    };
    let verb = if named { after_i() } else { own_verb(clause) }?;
    let third = conjugated(&clause.written(&words[verb]).to_lowercase(), clause.language)?;
    let told = rewritten(clause, |index, word, written| match index {
        0 if named => Some(speaker.to_owned()),
        index if index == verb => Some(third.clone()),
        0 => plain_start(0, word, written),
        _ => None,
    });
    Some(if named { told } else { format!("{speaker} {told}") })
}

/// The first word without its capital, unless the capital is its own.
fn plain_start(index: usize, word: &Word, written: &str) -> Option<String> {
    (index == 0 && !word.senses.is_empty() && !word.is(Meaning::Moment)).then(|| written.to_owned())
}

/// The clause without its closing full stop, each word replaced where `replacement` gives another for its lower-case
/// form.
fn rewritten(clause: &Clause, mut replacement: impl FnMut(usize, &Word, &str) -> Option<String>) -> String {
    let mut text = String::with_capacity(clause.text.len() + 16);
    let end = clause.gist().len();
    let mut copied = 0;
    for (index, word) in clause.words.iter().enumerate() {
        let lower = clause.written(word).to_lowercase();
        if let Some(other) = replacement(index, word, &lower) {
            text.push_str(&clause.text[copied..word.at.start]);
            text.push_str(&other);
            copied = word.at.end;
        }
    }
    text.push_str(clause.text.get(copied..end.max(copied)).unwrap_or_default());
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(text: &str) -> Clause {
        Clause::new(text, Language::of(text))
    }

    #[test]
    fn what_was_said_is_told_back() {
        for (said, told) in [
            ("I live in Lviv.", "you live in Lviv"),
            ("I'm a nurse and my son is five", "you're a nurse and your son is five"),
            ("My dog was ill, I was sad", "your dog was ill, you were sad"),
            ("The keys are mine", "the keys are yours"),
            ("Taras gave me a book", "Taras gave you a book"),
        ] {
            assert_eq!(second_person(&clause(said)).as_deref(), Some(told));
        }
        assert_eq!(second_person(&clause("I like you")), None);
        assert_eq!(second_person(&clause("Я живу у Львові")), None);
    }

    #[test]
    fn what_was_said_is_kept_as_a_fact() {
        for (said, fact) in [
            ("I live in Lviv.", "Anna lives in Lviv"),
            ("I'm a nurse", "Anna is a nurse"),
            ("I don't like fish", "Anna doesn't like fish"),
            ("I really love my cat", "Anna really loves their cat"),
            ("My sister lives in Odesa", "Anna's sister lives in Odesa"),
            ("I moved to Lviv", "Anna moved to Lviv"),
            ("I changed the code", "Anna changed the code"),
            ("The meeting is on Friday", "The meeting is on Friday"),
            ("We agreed on Friday", "Anna says: “We agreed on Friday”"),
            ("Ich wohne in Köln", "Anna wohnt in Köln"),
            ("Morgen fliege ich nach Rom", "Morgen fliegt Anna nach Rom"),
            ("Meine Schwester heißt Lena", "Annas Schwester heißt Lena"),
            ("Mir gefällt Musik", "Anna sagt: „Mir gefällt Musik“"),
            ("Я працюю в лікарні", "Anna працює в лікарні"),
            ("Я не люблю каву", "Anna не любить каву"),
            ("Живу у Львові", "Anna живе у Львові"),
            ("Мій пес — Рекс", "Anna каже: «Мій пес — Рекс»"),
            ("Я переехала в Одессу", "Anna переехала в Одессу"),
        ] {
            assert_eq!(third_person(&clause(said), "Anna"), fact);
        }
    }

    #[test]
    fn people_are_called_as_their_language_does() {
        for (name, called) in [
            ("Олена", "Олено"),
            ("Марія", "Маріє"),
            ("Тарас", "Тарасе"),
            ("Андрій", "Андрію"),
            ("Ann", "Ann"),
        ] {
            assert_eq!(addressed(name, Language::Ukrainian), called);
        }
        assert_eq!(addressed("Олена", Language::Russian), "Олена");
    }
}
