//! The part of a long message that bears on a question, so that one long answer does not take all the room.

use unicode_segmentation::UnicodeSegmentation;

use super::named::{is_form_of, words};

/// What stands where something was left out.
const LEFT_OUT: &str = "…";

/// Of a text of more than `most` characters, the sentences in a row that have most of the question's words and fit into `most`;
/// its beginning where no sentence has any. A shorter text is left as it is.
#[must_use]
pub fn excerpt(text: String, question_words: &[&str], most: usize) -> String {
    if text.chars().count() <= most {
        return text;
    }
    let wanted: Vec<Vec<char>> = question_words.iter().flat_map(|word| words(word)).collect();
    let pieces: Vec<Piece<'_>> = pieces(&text, most).map(|piece| Piece::of(piece, &wanted)).collect();
    let mut best = (0, 0..0);
    for first in 0..pieces.len() {
        let (mut length, mut has) = (0, 0_u64);
        let mut end = first;
        while let Some(piece) = pieces.get(end).filter(|piece| length + piece.length <= most) {
            length += piece.length;
            has |= piece.has;
            end += 1;
        }
        if best.1.is_empty() || has.count_ones() > best.0 {
            best = (has.count_ones(), first..end);
        }
    }
    let range = best.1;
    let kept: String = pieces[range.clone()].iter().map(|piece| piece.text).collect();
    let before = if range.start > 0 { LEFT_OUT } else { "" };
    let after = if range.end < pieces.len() { LEFT_OUT } else { "" };
    format!("{before}{}{after}", kept.trim())
}

/// A sentence, its length in characters, and which of the first 64 wanted words it has.
struct Piece<'a> {
    text: &'a str,
    length: usize,
    has: u64,
}

impl<'a> Piece<'a> {
    fn of(text: &'a str, wanted: &[Vec<char>]) -> Self {
        let said: Vec<Vec<char>> = words(text).collect();
        let has = wanted
            .iter()
            .take(64)
            .enumerate()
            .filter(|(_, word)| said.iter().any(|said| is_form_of(said, word)));
        Self { text, length: text.chars().count(), has: has.map(|(bit, _)| 1 << bit).sum() }
    }
}

/// Sentences; one that is too long for any excerpt in pieces of half of one.
fn pieces(text: &str, most: usize) -> impl Iterator<Item = &str> {
    text.split_sentence_bounds().flat_map(move |sentence| {
        let mut rest = sentence;
        std::iter::from_fn(move || {
            if rest.is_empty() {
                return None;
            }
            let is_short = rest.chars().count() <= most;
            let end =
                if is_short { None } else { rest.char_indices().nth((most / 2).max(1)).map(|(end, _)| end) };
            let (piece, after) = rest.split_at(end.unwrap_or(rest.len()));
            rest = after;
            Some(piece)
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, words: &[&str], most: usize) -> String {
        excerpt(text.to_owned(), words, most)
    }

    #[test]
    fn a_short_text_stays_as_it_is() {
        assert_eq!(of("The tea is oolong.", &["coffee"], 18), "The tea is oolong.");
    }

    #[test]
    fn the_sentences_with_most_of_the_words_are_kept() {
        let text = "We talked of tea. Then of the weather. The oolong tea is in the blue tin. Nothing else.";
        assert_eq!(of(text, &["oolong", "tea"], 40), "…The oolong tea is in the blue tin.…");
        assert_eq!(of("Пили каву. Потім бачили Олену. І все інше.", &["олена"], 21), "…Потім бачили Олену.…");
    }

    #[test]
    fn without_a_word_it_is_the_beginning() {
        assert_eq!(
            of("One is here. Two is there. Three is gone.", &["four"], 28),
            "One is here. Two is there.…"
        );
    }

    #[test]
    fn a_text_without_sentences_is_cut_too() {
        let text = format!("{} needle {}", "x".repeat(100), "ї".repeat(100));
        let found = of(&text, &["needle"], 20);
        assert!(found.contains("needle") && found.chars().count() <= 22, "{found}");
        assert_eq!(of("abc", &[], 1), "a…");
    }
}
