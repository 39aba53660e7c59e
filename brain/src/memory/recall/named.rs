//! Whether a question names the person who said something.

use std::collections::HashMap;

/// The shortest part of a name that is taken for the name.
const SHORTEST: usize = 3;
/// How many last letters inflection may change: Олена, Оленою; Marta, Martas.
const ENDING: usize = 2;

/// Whom a question names, by one of the words of the name, in any case (`Олена` is named in `що казала Олені мама`).
pub struct Named<'a> {
    question: &'a str,
    known: HashMap<String, bool>,
}

impl<'a> Named<'a> {
    /// By this question.
    #[must_use]
    pub fn in_question(question: &'a str) -> Self {
        Self { question, known: HashMap::new() }
    }

    /// Whether it names the speaker; each is looked at once.
    pub fn is(&mut self, speaker: &str) -> bool {
        if let Some(is_named) = self.known.get(speaker) {
            return *is_named;
        }
        let is_named = words(speaker).any(|name| words(self.question).any(|word| is_form_of(&name, &word)));
        self.known.insert(speaker.to_owned(), is_named);
        is_named
    }
}

/// The words of a text that are long enough to tell something, in small letters.
pub(super) fn words(text: &str) -> impl Iterator<Item = Vec<char>> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(|word| word.to_lowercase().chars().collect::<Vec<char>>())
        .filter(|word| word.len() >= SHORTEST)
}

/// Whether both are forms of one word, as far as their letters say.
pub(super) fn is_form_of(name: &[char], word: &[char]) -> bool {
    let common = name.iter().zip(word).take_while(|(a, b)| a == b).count();
    common >= SHORTEST && name.len() - common <= ENDING && word.len() - common <= ENDING
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_named(speaker: &str, question: &str) -> bool {
        Named::in_question(question).is(speaker)
    }

    #[test]
    fn a_name_is_found_in_any_case_and_next_to_punctuation() {
        assert!(is_named("Caroline", "When is Caroline's birthday?"));
        assert!(is_named("Олена Коваль", "що я казав Олені?"));
        assert!(is_named("Олена Коваль", "куди поїхала пані Коваль"));
        assert!(is_named("Саша", "о чём мы говорили с Сашей"));
        assert!(is_named("Jürgen", "Was hat jürgen gesagt?"));
    }

    #[test]
    fn a_word_that_only_begins_alike_is_no_name() {
        assert!(!is_named("Mark", "Where is the marketplace?"));
        assert!(!is_named("Caroline", "the carol that we sang"));
        assert!(!is_named("Al", "all of it"));
    }
}
