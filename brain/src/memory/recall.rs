//! What recall looks for: the words of a message that can tell one old message from another.

/// The most words that one search uses; the longest ones, which are the rarest as a rule.
const MOST_WORDS: usize = 12;

/// Words so common that they find everything: English, German, Ukrainian and Russian.
const COMMON: &[&str] = &[
    "the",
    "and",
    "you",
    "your",
    "what",
    "when",
    "where",
    "who",
    "why",
    "how",
    "was",
    "were",
    "are",
    "did",
    "does",
    "have",
    "has",
    "had",
    "that",
    "this",
    "with",
    "for",
    "from",
    "about",
    "tell",
    "know",
    "can",
    "could",
    "would",
    "should",
    "will",
    "not",
    "but",
    "all",
    "any",
    "his",
    "her",
    "him",
    "she",
    "they",
    "them",
    "our",
    "its",
    "mine",
    "again",
    "please",
    "which",
    "und",
    "der",
    "die",
    "das",
    "ist",
    "wie",
    "was",
    "wann",
    "wer",
    "wo",
    "ich",
    "mein",
    "meine",
    "dein",
    "ein",
    "eine",
    "nicht",
    "що",
    "коли",
    "хто",
    "який",
    "яка",
    "яке",
    "які",
    "мене",
    "мій",
    "моя",
    "моє",
    "мої",
    "тебе",
    "твій",
    "так",
    "для",
    "про",
    "що-небудь",
    "как",
    "что",
    "когда",
    "кто",
    "где",
    "какой",
    "какая",
    "мой",
    "моя",
    "меня",
    "тебя",
    "это",
    "или",
    "для",
    "про",
];

/// The words of `text` that are worth a search, as `to_tsquery('simple', …)` takes them (`word:* | word:*`): prefixes, so that
/// endings do not matter. `None` where no word is worth it.
#[must_use]
pub fn search_words(text: &str) -> Option<String> {
    let mut words: Vec<String> = text
        .split(|c: char| !c.is_alphanumeric())
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= 3 && word.len() <= 200 && !COMMON.contains(&word.as_str()))
        .collect();
    words.sort_by_key(|word| std::cmp::Reverse(word.chars().count()));
    words.dedup();
    words.truncate(MOST_WORDS);
    if words.is_empty() {
        return None;
    }
    Some(words.iter().map(|word| format!("{}:*", stem(word))).collect::<Vec<_>>().join(" | "))
}

/// A word without the last letters that inflection changes; short words stay whole.
fn stem(word: &str) -> String {
    let length = word.chars().count();
    let kept = match length {
        0..=4 => length,
        5..=6 => length - 1,
        _ => length - 2,
    };
    word.chars().take(kept).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn common_words_are_left_out_and_endings_do_not_matter() {
        assert_eq!(search_words("When was the birthday of Marta?").as_deref(), Some("birthd:* | mart:*"));
        assert_eq!(search_words("коли день народження?").as_deref(), Some("народжен:* | день:*"));
    }

    #[test]
    fn nothing_worth_a_search_is_no_search() {
        assert_eq!(search_words("and you? 🙈 ':*|&!"), None);
    }

    #[test]
    fn punctuation_that_a_query_would_take_for_operators_never_gets_in() {
        let words = search_words("drop'; & table:* | !users <-> (x)").unwrap();
        assert!(
            words.split(" | ").all(|word| word.trim_end_matches(":*").chars().all(char::is_alphanumeric)),
            "{words}"
        );
    }
}
