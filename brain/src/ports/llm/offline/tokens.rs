//! A text cut into words: times and dates stay whole, shortened words are two.

use std::ops::Range;

use super::language::Language;

/// Where a word stands, with its clitic taken off.
pub(super) struct Token {
    pub(super) at: Range<usize>,
    pub(super) owner: bool,
    /// The full word of a shortened one: `am` of `'m`.
    pub(super) stands_for: Option<&'static str>,
}

impl Token {
    const fn plain(at: Range<usize>) -> Self {
        Self { at, owner: false, stands_for: None }
    }
}

/// The words of a text, as they stand in it.
pub(super) fn tokens(text: &str, language: Language) -> Vec<Token> {
    let mut tokens = Vec::new();
    let mut letters = text.char_indices().peekable();
    while let Some((start, first)) = letters.next() {
        if !first.is_alphanumeric() {
            continue;
        }
        let mut end = start + first.len_utf8();
        let mut before = first;
        while let Some(&(at, letter)) = letters.peek() {
            let inner = match letter {
                '\'' | '’' | 'ʼ' | '-' | '`' => true,
                ':' | '.' | ',' | '/' => before.is_ascii_digit(),
                _ => false,
            };
            let follows = text[at + letter.len_utf8()..].chars().next();
            let joins = inner
                && follows.is_some_and(|after| match letter {
                    ':' | '.' | ',' | '/' => after.is_ascii_digit(),
                    _ => after.is_alphanumeric(),
                });
            if !letter.is_alphanumeric() && !joins {
                break;
            }
            end = at + letter.len_utf8();
            before = letter;
            letters.next();
        }
        match language {
            Language::English => split_english(text, start..end, &mut tokens),
            Language::German => split_german(text, start..end, &mut tokens),
            Language::Ukrainian | Language::Russian => tokens.push(Token::plain(start..end)),
        }
    }
    tokens
}

/// `Lieblingsfarbe` is a favourite and a colour.
fn split_german(text: &str, at: Range<usize>, tokens: &mut Vec<Token>) {
    const FAVOURITE: &str = "lieblings";
    let word = &text[at.clone()];
    let compound = word.get(..FAVOURITE.len()).is_some_and(|start| start.eq_ignore_ascii_case(FAVOURITE));
    if compound && word.len() > FAVOURITE.len() + 2 {
        let middle = at.start + FAVOURITE.len();
        tokens.push(Token::plain(at.start..middle));
        tokens.push(Token::plain(middle..at.end));
    } else {
        tokens.push(Token::plain(at));
    }
}

/// `I'm` is two words, `Anna's` is one that owns.
fn split_english(text: &str, at: Range<usize>, tokens: &mut Vec<Token>) {
    const ENDINGS: [(&str, &str); 6] =
        [("n't", "not"), ("'m", "am"), ("'re", "are"), ("'ve", "have"), ("'ll", "will"), ("'d", "would")];
    const IRREGULAR: [(&str, &str); 3] = [("ca", "can"), ("wo", "will"), ("sha", "shall")];
    const PRONOUNS: [&str; 12] =
        ["what", "who", "where", "when", "how", "it", "he", "she", "that", "there", "here", "let"];
    let lower = text[at.clone()].to_lowercase().replace('’', "'");
    // An apostrophe can be one byte or three: count letters from the end.
    let cut = |ending: &str| {
        let letters = text[at.clone()].char_indices().rev();
        at.start + letters.take(ending.len()).last().map_or(0, |(before, _)| before)
    };
    if let Some((ending, full)) = ENDINGS.into_iter().find(|(ending, _)| lower.ends_with(ending)) {
        let middle = cut(ending);
        let base = &lower[..lower.len() - ending.len()];
        let irregular = IRREGULAR.into_iter().find(|(short, _)| ending == "n't" && *short == base);
        tokens.push(Token { stands_for: irregular.map(|(_, full)| full), ..Token::plain(at.start..middle) });
        tokens.push(Token { stands_for: Some(full), ..Token::plain(middle..at.end) });
    } else if let Some(base) = lower.strip_suffix("'s") {
        let middle = cut("'s");
        let owner = !PRONOUNS.contains(&base);
        tokens.push(Token { owner, ..Token::plain(at.start..middle) });
        if !owner {
            tokens.push(Token { stands_for: Some("is"), ..Token::plain(middle..at.end) });
        }
    } else {
        tokens.push(Token::plain(at));
    }
}
