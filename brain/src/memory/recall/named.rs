//! Whether a question names the person who said something.

/// The shortest part of a name that is taken for the name.
const SHORTEST: usize = 3;
/// How many last letters inflection may change: Олена, Оленою; Marta, Martas.
const ENDING: usize = 2;

/// Whether one of the question's words is a word of the speaker's name, in any case (`Олена` is named in `що казала Олені мама`).
#[must_use]
pub fn is_named(speaker: &str, question: &str) -> bool {
    words(speaker).any(|name| words(question).any(|word| is_form_of(&name, &word)))
}

fn words(text: &str) -> impl Iterator<Item = Vec<char>> {
    text.split(|c: char| !c.is_alphanumeric())
        .map(|word| word.to_lowercase().chars().collect::<Vec<char>>())
        .filter(|word| word.len() >= SHORTEST)
}

fn is_form_of(name: &[char], word: &[char]) -> bool {
    let common = name.iter().zip(word).take_while(|(a, b)| a == b).count();
    common >= SHORTEST && name.len() - common <= ENDING && word.len() - common <= ENDING
}

#[cfg(test)]
mod tests {
    use super::*;

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
