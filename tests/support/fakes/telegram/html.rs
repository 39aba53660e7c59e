//! Telegram's HTML, <https://core.telegram.org/bots/api#html-style>: what a person sees of it, or why it is refused.
//!
//! Stricter than Telegram in one thing: a bare `&` is an error, as the page says, though the server lets it pass.

/// The tags that the page lists.
const TAGS: [&str; 16] = [
    "b",
    "strong",
    "i",
    "em",
    "u",
    "ins",
    "s",
    "strike",
    "del",
    "span",
    "tg-spoiler",
    "a",
    "tg-emoji",
    "code",
    "pre",
    "blockquote",
];

/// The text without its markup, or what follows "can't parse entities: ".
pub fn visible_text(html: &str) -> Result<String, String> {
    let mut visible = String::with_capacity(html.len());
    let mut open = Vec::new();
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        let offset = html.len() - rest.len() + at;
        visible.push_str(&rest[..at]);
        rest = &rest[at..];
        if rest.starts_with('&') {
            let (character, length) =
                entity(rest).ok_or_else(|| format!("Unescaped \"&\" at byte offset {offset}"))?;
            visible.push(character);
            rest = &rest[length..];
        } else {
            let end = tag_end(rest).ok_or_else(|| format!("Unclosed start tag at byte offset {offset}"))?;
            change_nesting(&mut open, &rest[1..end], offset)?;
            rest = &rest[end + 1..];
        }
    }
    visible.push_str(rest);
    match open.pop() {
        None => Ok(visible),
        Some(name) => Err(format!("Can't find end tag corresponding to start tag \"{name}\"")),
    }
}

/// Opens or closes the tag whose inside is given.
fn change_nesting(open: &mut Vec<String>, tag: &str, offset: usize) -> Result<(), String> {
    let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
    let name = name.to_ascii_lowercase();
    if let Some(name) = name.strip_prefix('/') {
        return match open.pop() {
            Some(expected) if expected == name => Ok(()),
            Some(expected) => Err(format!(
                "Unmatched end tag at byte offset {offset}, expected \"</{expected}>\", found \"</{name}>\""
            )),
            None => Err(format!("Unexpected end tag at byte offset {offset}")),
        };
    }
    if !TAGS.contains(&name.as_str()) {
        return Err(format!("Unsupported start tag \"{name}\" at byte offset {offset}"));
    }
    if name == "span" && attributes.trim() != "class=\"tg-spoiler\"" {
        return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {offset}"));
    }
    if attributes.match_indices('&').any(|(at, _)| entity(&attributes[at..]).is_none()) {
        return Err(format!("Unescaped \"&\" in the tag at byte offset {offset}"));
    }
    open.push(name);
    Ok(())
}

/// Where the tag at the start of `text` ends. A `>` between quotes does not end it; a `<` outside of them spoils it.
fn tag_end(text: &str) -> Option<usize> {
    let mut quote = None;
    for (at, character) in text.char_indices().skip(1) {
        match (quote, character) {
            (Some(open), _) if open == character => quote = None,
            (None, '"' | '\'') => quote = Some(character),
            (None, '>') => return Some(at),
            (None, '<') => return None,
            _ => {}
        }
    }
    None
}

/// The character that the entity at the start of `text` stands for, and the entity's length in bytes.
fn entity(text: &str) -> Option<(char, usize)> {
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
            char::from_u32(code)?
        }
    };
    Some((character, name.len() + 2))
}

#[cfg(test)]
mod tests {
    use super::visible_text;

    #[test]
    fn markup_is_taken_off_and_entities_become_characters() {
        for (html, text) in [
            ("plain > text", "plain > text"),
            ("<b>a <i>b</i></b>&lt;&#33;&#x1F600;&gt;&amp;&quot;", "a b<!😀>&\""),
            ("<a href=\"https://a.example/?a=1&amp;b=>\">link</a>", "link"),
            ("<pre><code class=\"language-rust\">a &lt; b</code></pre>", "a < b"),
            ("<span class=\"tg-spoiler\">s</span><blockquote expandable>q</blockquote>", "sq"),
        ] {
            assert_eq!(visible_text(html).as_deref(), Ok(text), "{html}");
        }
    }

    #[test]
    fn what_telegram_cannot_read_is_refused() {
        for (html, reason) in [
            ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
            ("<b><i>a</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("ü<h1>a</h1>", "Unsupported start tag \"h1\" at byte offset 2"),
            ("1 < 2 > 0", "Unsupported start tag \"\" at byte offset 2"),
            ("1 < 2", "Unclosed start tag at byte offset 2"),
            ("<<b>a</b>", "Unclosed start tag at byte offset 0"),
            ("a & b", "Unescaped \"&\" at byte offset 2"),
            ("&nbsp;", "Unescaped \"&\" at byte offset 0"),
            ("<a href=\"/?a&b\">a</a>", "Unescaped \"&\" in the tag at byte offset 0"),
            ("<span class=\"x\">a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(visible_text(html).unwrap_err(), reason, "{html}");
        }
    }
}
