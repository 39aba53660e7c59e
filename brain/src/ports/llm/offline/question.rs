//! What a question is about and what kind of answer it wants.

use super::claim::Claim;
use super::clause::{Clause, QUESTION_WORDS};
use super::language::Language;
use super::meanings::Meaning;
use super::words::{Key, Word};

/// The kind of thing that answers a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    Time,
    Place,
    Name,
    Amount,
    Reason,
}

/// One thing that an answer should speak of.
#[derive(Clone, Debug)]
pub(super) struct Term {
    pub(super) keys: Vec<Key>,
    pub(super) stem: String,
    /// Says what kind of answer is wanted, rather than of what.
    pub(super) hint: bool,
    /// A name or an owner: what is said of another does not answer.
    pub(super) required: bool,
}

/// A question, understood as far as it goes.
#[derive(Clone, Debug)]
pub(super) struct Question {
    pub(super) language: Language,
    pub(super) claim: Claim,
    pub(super) terms: Vec<Term>,
    pub(super) expected: Option<Expected>,
    /// Asked about the bot.
    pub(super) of_bot: bool,
    /// Speaks of somebody that was mentioned before: `she`, `it`.
    pub(super) refers_back: bool,
    /// Asks for all there is: `what do you know about Olena?`.
    pub(super) wants_all: bool,
}

impl Question {
    pub(super) fn read(clause: &Clause) -> Self {
        let claim = Claim::asked(clause);
        let knows = clause.has_any(&[Meaning::AskMemory, Meaning::Vague, Meaning::Tell]);
        let speaks_of_bot = clause.has_any(&[Meaning::You, Meaning::Your]) && !knows;
        let terms: Vec<_> = terms(clause);
        Self {
            language: clause.language,
            of_bot: speaks_of_bot && !claim.first_person,
            refers_back: clause.has(Meaning::They)
                && !claim.first_person
                && !terms.iter().any(|term| term.required),
            wants_all: knows && clause.has(Meaning::ByWay) && expected(clause).is_none(),
            expected: expected(clause),
            terms,
            claim,
        }
    }
}

/// Whether a sentence asks: by its question mark, or by how it opens where people leave the mark out.
pub(super) fn asks(sentence: &Clause) -> bool {
    if sentence.text.trim_end_matches(['"', '»', '“', ')', ' ']).ends_with('?') {
        return true;
    }
    if sentence.text.ends_with('!') {
        return false;
    }
    let opening = [Meaning::Greeting, Meaning::Filler, Meaning::And];
    let words: Vec<_> = sentence.words.iter().skip_while(|word| word.is_any(&opening)).collect();
    let Some(first) = words.first() else { return false };
    let question_word = first.is_any(&QUESTION_WORDS) || first.is(Meaning::How);
    let wonders = words.iter().skip(1).any(|word| word.is_any(&QUESTION_WORDS) || word.is(Meaning::ByWay));
    let short = words.len() <= 9 && !sentence.text[first.at.start..].trim_end_matches(',').contains(',');
    let persons =
        [Meaning::I, Meaning::You, Meaning::They, Meaning::We, Meaning::My, Meaning::Your, Meaning::Our];
    let yes_no = first.is(Meaning::YesNo) && words.get(1).is_some_and(|word| word.is_any(&persons));
    let command = first.is(Meaning::Tell) && wonders;
    // `When I was small we lived in Kyiv` tells; so does `where ...` in the middle of a longer sentence.
    let tells = first.is_any(&[Meaning::When, Meaning::Where])
        && sentence.language == Language::English
        && words.get(1).is_some_and(|word| {
            word.is_any(&[
                Meaning::I,
                Meaning::We,
                Meaning::My,
                Meaning::Our,
                Meaning::They,
                Meaning::Article,
            ])
        });
    (short && ((question_word && !tells) || first.is(Meaning::AskMemory) || yes_no || command))
        || first.is(Meaning::Whether)
}

fn terms(clause: &Clause) -> Vec<Term> {
    let mut terms: Vec<Term> = Vec::new();
    for (index, word) in clause.words.iter().enumerate() {
        let keys: Vec<_> = word.keys().collect();
        if keys.is_empty() || terms.iter().any(|term| term.keys == keys) {
            continue;
        }
        let name = index > 0 && word.is_name() && clause.language != Language::German;
        terms.push(Term {
            keys,
            stem: word.stem.clone(),
            hint: word.is_hint(),
            required: name || word.owner,
        });
    }
    terms
}

fn expected(clause: &Clause) -> Option<Expected> {
    let asked = |meaning| {
        // `What city do I live in?`, not `What did I say about the city?`.
        let opening = clause.words.iter().take(4);
        clause.has_any(&[Meaning::What, Meaning::Which]) && opening.clone().any(|word| word.is(meaning))
    };
    if clause.has(Meaning::When) || asked(Meaning::Time) || clause.has(Meaning::Birthday) {
        Some(Expected::Time)
    } else if clause.has(Meaning::Where) || asked(Meaning::Place) {
        Some(Expected::Place)
    } else if clause.has(Meaning::HowMany)
        || asked(Meaning::Amount)
        || asked(Meaning::Age)
        || asked(Meaning::Phone)
    {
        Some(Expected::Amount)
    } else if clause.has_any(&[Meaning::Who, Meaning::Name]) {
        Some(Expected::Name)
    } else {
        clause.has(Meaning::Why).then_some(Expected::Reason)
    }
}

/// Whether a clause holds what a question of that kind wants.
pub(super) fn offers(clause: &Clause, expected: Expected) -> bool {
    let words = &clause.words;
    match expected {
        Expected::Time => words.iter().any(|word| word.is(Meaning::Moment) || is_clock_or_year(word)),
        Expected::Place => words.iter().any(|word| word.is_any(&[Meaning::PlaceTo, Meaning::This])),
        Expected::Name => {
            let place = |index: usize| index > 0 && words[index - 1].is(Meaning::PlaceTo);
            words.iter().enumerate().any(|(index, word)| word.is_name() && !place(index))
        }
        Expected::Amount => words.iter().any(Word::is_number),
        Expected::Reason => clause.has(Meaning::Because),
    }
}

fn is_clock_or_year(word: &Word) -> bool {
    let digits = word.stem.starts_with(|letter: char| letter.is_ascii_digit());
    digits && (word.stem.contains([':', '.', '-', '/']) || word.stem.len() == 4 || word.stem.len() <= 2)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn clause(text: &str) -> Clause {
        Clause::new(text, Language::of(text))
    }

    #[test]
    fn questions_are_known_without_their_mark() {
        for text in [
            "Where do I live?",
            "where do i live",
            "do you remember my name",
            "Tell me about my dog",
            "Hey, what is my name",
            "я живу у Львові?",
            "де я живу",
            "чи є у мене собака",
            "Как меня зовут",
            "wie heißt mein Hund",
            "Weißt du, wo ich wohne?",
            "Habe ich einen Hund",
        ] {
            assert!(asks(&clause(text)), "{text}");
        }
    }

    #[test]
    fn statements_are_no_questions() {
        for text in [
            "I live in Lviv",
            "When I was small we lived in Kyiv",
            "Remind me to buy milk",
            "What a day!",
            "Я живу у Львові",
            "Ich habe einen Hund",
            "",
        ] {
            assert!(!asks(&clause(text)), "{text}");
        }
    }

    #[test]
    fn the_kind_of_answer_is_known_from_the_question() {
        for (text, expected) in [
            ("When is the exam?", Some(Expected::Time)),
            ("What day is the exam?", Some(Expected::Time)),
            ("Коли іспит?", Some(Expected::Time)),
            ("Wo arbeite ich?", Some(Expected::Place)),
            ("Сколько у меня детей?", Some(Expected::Amount)),
            ("Who is my boss?", Some(Expected::Name)),
            ("Чому я переїхала?", Some(Expected::Reason)),
            ("What do I like?", None),
        ] {
            assert_eq!(Question::read(&clause(text)).expected, expected, "{text}");
        }
    }
}
