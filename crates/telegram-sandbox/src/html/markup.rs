//! The smallest parts of HTML: where a tag ends, what an attribute holds, which character an entity is.

use super::Dialect;

/// The value of an attribute, with its entities read.
pub fn attribute(attributes: &str, wanted: &str) -> Option<String> {
    let mut rest = attributes.trim_start();
    while !rest.is_empty() {
        let name_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=').map(str::trim_start) else {
            rest = after;
            continue;
        };
        let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (value, remaining) = match quote {
            Some(quote) => value[1..].split_once(quote)?,
            None => value.split_once(char::is_whitespace).unwrap_or((value, "")),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(unescaped(value));
        }
        rest = remaining.trim_start();
    }
    None
}

/// Whether an `&` is in it that begins no entity.
pub fn has_bare_ampersand(attributes: &str) -> bool {
    attributes.match_indices('&').any(|(at, _)| entity(&attributes[at..]).is_none())
}

fn unescaped(value: &str) -> String {
    let mut read = String::with_capacity(value.len());
    let mut rest = value;
    while let Some(at) = rest.find('&') {
        read.push_str(&rest[..at]);
        let (character, length) = entity(&rest[at..]).unwrap_or(('&', 1));
        read.push(character);
        rest = &rest[at + length..];
    }
    read + rest
}

/// Where the tag at the start of `text` ends. A `>` between quotes does not end it; a `<` outside of them spoils what is
/// read as documented.
pub fn tag_end(text: &str, dialect: Dialect) -> Option<usize> {
    let mut quote = None;
    for (at, character) in text.char_indices().skip(1) {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '>') => return Some(at),
            (None, '<') if dialect == Dialect::Documented => return None,
            _ => {}
        }
    }
    None
}

/// The character that the entity at the start of `text` stands for, and the entity's length in bytes.
pub fn entity(text: &str) -> Option<(char, usize)> {
    let (name, _) = text.strip_prefix('&')?.split_once(';')?;
    let character = match name {
        "lt" => '<',
        "gt" => '>',
        "amp" => '&',
        "quot" => '"',
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(digits) => u32::from_str_radix(digits, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code).filter(|character| *character != '\0')?
        }
    };
    Some((character, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_found_whatever_their_quotes() {
        let tag = r#"expandable title='a "b"' href="/?a=1&amp;b=&lt;" class=x"#;
        let value = |name| attribute(tag, name);
        assert_eq!(value("TITLE").as_deref(), Some("a \"b\""));
        assert_eq!(value("href").as_deref(), Some("/?a=1&b=<"));
        assert_eq!(value("class").as_deref(), Some("x"));
        assert_eq!((value("expandable"), value("b"), attribute("class=\"x", "class")), (None, None, None));
    }

    #[test]
    fn a_quoted_bracket_ends_no_tag() {
        assert_eq!(tag_end("<a href=\">\">b", Dialect::Server), Some(11));
        assert_eq!(tag_end("<a href='>", Dialect::Server), None);
    }

    #[test]
    fn only_characters_are_entities() {
        assert_eq!(entity("&#x1F600;a"), Some(('😀', 9)));
        for text in ["&nbsp;", "&#xD800;", "&#0;", "&lt", "a&lt;"] {
            assert_eq!(entity(text), None, "{text}");
        }
    }
}
