//! Long text becomes several Telegram messages, cut where it hurts least: between paragraphs, else lines, else words.

use unicode_segmentation::{GraphemeCursor, UnicodeSegmentation};

use super::markdown::draft::{Draft, MAX_UNITS, Mark};
use super::markdown::escape::escaped;
use super::markdown::styled::{Style, StyledText};
use crate::sign_in::PLACE;

/// One message to send.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// For `parse_mode=HTML`.
    pub html: String,
    /// The same text without markup, for when Telegram refuses the HTML. It has the addresses of links in it.
    pub plain: String,
}

impl Part {
    /// The part with its secret in the place that is marked for it.
    #[must_use]
    pub fn with_secret(&self, secret: &str) -> Self {
        Self { html: self.html.replace(PLACE, &escaped(secret)), plain: self.plain.replace(PLACE, secret) }
    }
}

/// Our own sentences as messages, in order, within Telegram's limits. Nothing in `text` is taken for markup; text
/// without a visible character gives no messages.
#[must_use]
pub fn plain_parts(text: &str) -> Vec<Part> {
    let mut styled = StyledText::default();
    styled.push(text, Style::default());
    split(&styled)
}

/// A bigger cluster is no letter any more and may be cut; real ones take some forty bytes.
const MAX_GRAPHEME_BYTES: usize = 256;

/// More than a message's text ever has: a UTF-16 code unit takes at most three bytes in UTF-8.
const MAX_TEXT_BYTES: usize = 4 * MAX_UNITS;

/// Cuts a text into messages. What is between two of them is only white space.
pub(super) fn split(source: &StyledText) -> Vec<Part> {
    let text = source.text().trim_end_matches(is_space);
    let mut parts = Vec::new();
    let mut at = skip_blank(text, 0);
    while at < text.len() {
        let (part, end) = fill(source, text, at);
        if text[at..end].chars().any(is_visible) {
            parts.push(part);
        }
        at = skip_blank(text, end);
    }
    parts
}

/// Fills one message from `start` on; gives also where the text goes on.
fn fill(source: &StyledText, text: &str, start: usize) -> (Part, usize) {
    let mut draft = Draft::new(source);
    let mut styles = source.styles_from(start).peekable();
    let mut breaks = Breaks::default();
    for (at, cell) in cells(text, start) {
        while styles.next_if(|(end, _)| *end <= at).is_some() {}
        let style = styles.peek().map(|(_, style)| *style).unwrap_or_default();
        let here = draft.mark(at);
        breaks.see(cell, style, here, start);
        // A cell takes the style of its first character: `e` and a bold accent are one letter.
        draft.write(cell, style);
        if !draft.fits() {
            let cut = breaks.best(here.units).unwrap_or(here);
            return (draft.cut(&cut), cut.at);
        }
    }
    (draft.finish(), text.len())
}

/// The places of a message where it could end, the last of each kind.
#[derive(Default)]
struct Breaks {
    paragraph: Option<Mark>,
    line: Option<Mark>,
    word: Option<Mark>,
    /// The white space that the text is in just now: where it began, and its line breaks so far.
    gap: Option<(Mark, usize)>,
}

impl Breaks {
    /// Notes what comes next in the text that started at byte `start`.
    fn see(&mut self, cell: &str, style: Style, here: Mark, start: usize) {
        if !cell.chars().all(is_space) {
            self.gap = None;
            return;
        }
        let (began, newlines) = self.gap.get_or_insert((here, 0));
        if began.at == start {
            return; // Indentation: nothing is before it.
        }
        *newlines += usize::from(cell == "\n");
        let kind = match newlines {
            0 => &mut self.word,
            2.. if !style.is_code_block() => &mut self.paragraph,
            _ => &mut self.line,
        };
        *kind = Some(*began);
    }

    /// The best place for the end of a message that could have `units` at most. A place in its first quarter is
    /// taken only when there is no other: three words before a long list are no message.
    fn best(&self, units: usize) -> Option<Mark> {
        let kinds = || [self.paragraph, self.line, self.word].into_iter().flatten();
        kinds().find(|mark| mark.units >= units / 4).or_else(|| kinds().next())
    }
}

/// What a reader takes for one character, piece by piece from byte `start` on, each with its place. It ends where
/// no message could go on: a cluster of a megabyte would otherwise be looked at once for each message.
fn cells(text: &str, start: usize) -> impl Iterator<Item = (usize, &str)> {
    let mut end = text.len().min(start + MAX_TEXT_BYTES);
    while !text.is_char_boundary(end) {
        end -= 1;
    }
    let pieces = text[start..end].graphemes(true).flat_map(|grapheme| {
        let too_big = grapheme.len() > MAX_GRAPHEME_BYTES;
        grapheme.split_inclusive(move |_: char| too_big)
    });
    pieces.scan(start, |at, cell| {
        let here = *at;
        *at += cell.len();
        Some((here, cell))
    })
}

/// Where the text goes on after a cut at `at`: without the white space there, but with the indentation of a line.
fn skip_blank(text: &str, at: usize) -> usize {
    let rest = &text[at..];
    let mut blank = &rest[..rest.len() - rest.trim_start_matches(is_space).len()];
    if GraphemeCursor::new(at + blank.len(), text.len(), true).is_boundary(text, 0) == Ok(false) {
        // The last space carries an accent.
        blank = &blank[..blank.char_indices().next_back().map_or(0, |(last, _)| last)];
    }
    match blank.rfind('\n') {
        Some(newline) => at + newline + 1,
        None if at == 0 => 0,
        None => at + blank.len(),
    }
}

/// White space where a line may be broken.
fn is_space(char: char) -> bool {
    char.is_whitespace() && !matches!(char, '\u{a0}' | '\u{2007}' | '\u{202f}')
}

/// Whether Telegram sees something in the character: of others alone it makes no message ("text must be non-empty").
pub(super) fn is_visible(char: char) -> bool {
    !char.is_whitespace()
        && !matches!(char, '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2800}')
        && !matches!(
            char,
            '\u{feff}' | '\u{fffc}' | '\u{333}' | '\u{33f}' | '\u{30a}' | '\u{e0000}'..='\u{e007f}'
        )
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use unicode_segmentation::UnicodeSegmentation;

    use super::{MAX_GRAPHEME_BYTES, plain_parts};
    use crate::reply::markdown::checker::check;

    fn texts(text: &str) -> Vec<String> {
        let parts = plain_parts(text);
        for part in &parts {
            assert_eq!(check(part), part.plain);
        }
        parts.into_iter().map(|part| part.plain).collect()
    }

    #[test]
    fn our_own_text_is_not_markup() {
        let part = plain_parts("*a* <b> & [c](https://e.org)\n    d").remove(0);
        assert_eq!(part.plain, "*a* <b> & [c](https://e.org)\n    d");
        assert_eq!(part.html, "*a* &lt;b&gt; &amp; [c](https://e.org)\n    d");
        assert_eq!(plain_parts(" \n\u{200b}"), []);
        assert_eq!(texts("a\r\nb\u{7}c\td"), ["a\nb c d"]);
    }

    #[test]
    fn text_is_cut_between_paragraphs_else_lines_else_words_else_letters() {
        let [words, long] = ["word ".repeat(400), "w".repeat(4000)].map(|text| text.trim_end().to_owned());
        for (first, between, second) in [
            (format!("{words}\n{words}"), "\n\n", format!("{words}\n{words}")),
            (format!("{words} {words}"), "\n", words.clone()),
            ("w".repeat(4092), " ", words.clone()),
            ("w".repeat(4000), " ", format!("{}\u{a0}{}", "w".repeat(50), "w".repeat(100))),
            ("w".repeat(4096), "", long.clone()),
            ("w".repeat(4096), "\n\n \n", long.clone()),
        ] {
            assert_eq!(texts(&format!("{first}{between}{second}")), [first, second]);
        }
    }

    #[test]
    fn a_few_words_are_no_message_of_their_own_unless_they_must_be() {
        let list = "- a line of a list\n".repeat(300);
        assert!(texts(&format!("A list:\n\n{list}"))[0].len() > 4000);
        let word = "w".repeat(4096);
        assert_eq!(texts(&format!("A word: {word}")), ["A word:", &word]);
    }

    #[test]
    fn indentation_alone_is_no_message_and_a_space_with_an_accent_no_space() {
        let word = "w".repeat(4094);
        assert_eq!(texts(&format!("  {word}{word}")), [format!("\u{a0} {word}"), word.clone()]);
        assert_eq!(texts(&format!("{word}  \u{301}{word}")), [word.clone(), format!("\u{a0}\u{301}{word}")]);
    }

    #[test]
    fn text_that_grows_in_html_is_cut_earlier() {
        let text = "&".repeat(4096);
        assert_eq!(texts(&text).concat(), text);
    }

    #[test]
    fn a_list_keeps_its_indentation_after_a_cut() {
        let parts = texts(&"  - inner item of a list\n".repeat(300));
        assert!(parts.len() > 1);
        // Telegram would cut off a plain space at the beginning.
        assert!(parts.iter().all(|part| part.starts_with("\u{a0} - inner")));
    }

    #[test]
    fn what_a_reader_takes_for_one_letter_is_not_cut() {
        for letter in
            ["👩‍👩‍👧‍👦", "🇩🇪", "👍🏽", "e\u{301}\u{323}", "नि", "각", "\u{1f3f4}\u{e0067}\u{e0062}\u{e007f}"]
        {
            let text = format!("x{}", letter.repeat(5000));
            let parts = texts(&text);
            assert_eq!(parts.concat(), text);
            assert!(parts.iter().skip(1).all(|part| part.starts_with(letter)), "{letter}");
            let full = 4096 - letter.encode_utf16().count();
            assert!(parts[0].encode_utf16().count() > full, "{letter}");
        }
    }

    #[test]
    fn a_letter_longer_than_a_message_is_cut_all_the_same() {
        let text = format!("a{}", "\u{301}".repeat(10_000));
        assert_eq!(texts(&text).concat(), text);
    }

    fn letters() -> impl Strategy<Value = String> {
        let pieces = vec!["a", "é", "e\u{301}", "漢", "👩‍👩‍👧", "🇩🇪", "🇩", "👍🏽", "नि", "<", "&"];
        let spaces = vec![" ", "  ", "\n", "\n\n", "\n  ", "\u{a0}", "\u{3000}", "\t", "\r\n"];
        let word = (
            prop::collection::vec(prop::sample::select(pieces), 1..12),
            prop::sample::select(spaces),
            1..400_usize,
        );
        let word = word.prop_map(|(letters, space, times)| letters.concat().repeat(times) + space);
        prop::collection::vec(word, 0..12).prop_map(|words| words.concat())
    }

    proptest! {
        #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

        #[test]
        fn messages_joined_are_the_text_and_each_cut_is_between_letters(text in letters()) {
            let text = text.replace("\r\n", "\n").replace('\t', " ");
            prop_assume!(text.graphemes(true).all(|letter| letter.len() <= MAX_GRAPHEME_BYTES));
            let letters: Vec<usize> =
                text.grapheme_indices(true).map(|(at, _)| at).chain([text.len()]).collect();
            let mut at = 0;
            for mut part in texts(&text) {
                let before = text[at..].len() - text[at..].trim_start_matches([' ', '\n', '\u{3000}']).len();
                if !text[at + before..].starts_with(&part) {
                    part = part.replacen('\u{a0}', " ", 1);
                }
                at += text[at..].find(&part).expect("the part is in the text");
                prop_assert!(letters.binary_search(&at).is_ok(), "begins within a letter");
                at += part.len();
                prop_assert!(letters.binary_search(&at).is_ok(), "ends within a letter");
            }
            prop_assert!(text[at..].trim().is_empty());
        }
    }
}
