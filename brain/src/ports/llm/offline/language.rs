//! Which of the four languages a text is in.

use super::lexicon::Lexicon;

/// The languages that the offline model answers in. Any other is answered in English, or in Ukrainian where the
/// letters are Cyrillic.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Language {
    English,
    Ukrainian,
    Russian,
    German,
}

impl Language {
    pub(super) const ALL: [Self; 4] = [Self::English, Self::Ukrainian, Self::Russian, Self::German];

    /// Judged by letters that only one of the languages has, then by its words.
    pub(super) fn of(text: &str) -> Self {
        let beginning = text.char_indices().nth(400).map_or(text, |(end, _)| &text[..end]);
        let lower = beginning.to_lowercase();
        let count = |letters: &str| lower.chars().filter(|&letter| letters.contains(letter)).count();
        let cyrillic = lower.chars().filter(|letter| ('а'..='ґ').contains(letter)).count();
        let latin = lower.chars().filter(char::is_ascii_alphabetic).count();
        let (one, other, one_has, other_has) = if cyrillic > latin {
            (Self::Ukrainian, Self::Russian, count("іїєґ"), count("ыэъё"))
        } else {
            (Self::English, Self::German, 0, count("äöüß"))
        };
        let words = Lexicon::shared().known_words(&lower);
        if words[one as usize] + 2 * one_has >= words[other as usize] + 2 * other_has { one } else { other }
    }

    /// Verbs say by themselves that the speaker acts: `живу у Львові`.
    pub(super) const fn drops_pronouns(self) -> bool {
        matches!(self, Self::Ukrainian | Self::Russian)
    }

    /// Ukrainian and Russian share their words here: a short text seldom shows which of them it is.
    pub(super) const fn vocabulary(self) -> usize {
        match self {
            Self::English => 0,
            Self::Ukrainian | Self::Russian => 1,
            Self::German => 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Language;

    #[test]
    fn a_language_is_told_from_short_sentences() {
        for (text, language) in [
            ("Where do I live?", Language::English),
            ("Rex", Language::English),
            ("", Language::English),
            ("Де я живу?", Language::Ukrainian),
            ("Моя сестра живе в Одесі", Language::Ukrainian),
            ("Как меня зовут?", Language::Russian),
            ("Где я работаю?", Language::Russian),
            ("Wo wohne ich?", Language::German),
            ("Ich habe einen Hund", Language::German),
            ("My dog Бровко is old", Language::English),
        ] {
            assert_eq!(Language::of(text), language, "{text}");
        }
    }
}
