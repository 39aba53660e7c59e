//! Reads a message as Telegram's server does and refuses what that would refuse. For tests.

use super::draft::{MAX_ADDRESS_BYTES, MAX_ENTITIES, MAX_HTML_BYTES, MAX_UNITS};
use crate::reply::split::{Part, is_visible};

/// Checks that a message is well-formed and within Telegram's limits; gives the text that is seen.
pub(in crate::reply) fn check(part: &Part) -> String {
    let text = read(&part.html);
    assert!(part.html.len() <= MAX_HTML_BYTES, "{} bytes of HTML", part.html.len());
    for text in [&text, &part.plain] {
        let units = text.encode_utf16().count();
        assert!(units <= MAX_UNITS, "{units} units");
        assert!(text.chars().any(is_visible), "an empty message");
    }
    assert!(is_within(&text, &part.plain), "{text:?} is not in {:?}", part.plain);
    text
}

/// Whether the visible characters of `part` are in `whole`, in this order, perhaps with others between them.
pub(in crate::reply) fn is_within(part: &str, whole: &str) -> bool {
    let mut whole = whole.chars();
    part.chars().filter(|char| is_visible(*char) && !char.is_control()).all(|char| whole.any(|c| c == char))
}

/// The text of HTML that has only the tags, attributes and nestings that Telegram keeps.
fn read(html: &str) -> String {
    let mut text = String::new();
    let mut open: Vec<(&str, usize)> = Vec::new();
    let (mut entities, mut address_bytes) = (0, 0);
    let mut rest = html;
    while let Some(char) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("</") {
            let (name, after) = after.split_once('>').expect("an end tag ends");
            let (opened, start) = open.pop().expect("an end tag has a start tag");
            assert_eq!(name, opened, "in {html}");
            assert!(text.len() > start, "empty <{name}> in {html}");
            rest = after;
        } else if let Some(after) = rest.strip_prefix('<') {
            let (tag, after) = after.split_once('>').expect("a start tag ends");
            let (name, attribute) =
                tag.split_once(' ').map_or((tag, None), |(name, rest)| (name, Some(rest)));
            let around: Vec<&str> = open.iter().map(|(name, _)| *name).collect();
            let is_language = name == "code" && around.last() == Some(&"pre");
            match (name, attribute) {
                ("blockquote", None) => assert!(around.is_empty(), "{html}"),
                ("a", Some(href)) => {
                    let href = href.strip_prefix("href=\"").and_then(|href| href.strip_suffix('"'));
                    let href = unescaped(href.expect("a link has an address"));
                    assert!(["https://", "http://", "tg://"].iter().any(|scheme| href.starts_with(scheme)));
                    assert!(around.iter().all(|name| *name == "blockquote"), "{html}");
                    address_bytes += href.len();
                }
                ("code", Some(class)) => {
                    assert!(is_language && class.starts_with("class=\"language-") && class.ends_with('"'));
                }
                ("b" | "i" | "s", None) => {
                    assert!(!around.iter().any(|a| ["pre", "code", name].contains(a)));
                }
                ("code" | "pre", None) => {
                    assert!(around.iter().all(|name| *name == "blockquote"), "{html}");
                }
                _ => panic!("unknown tag {tag} in {html}"),
            }
            entities += usize::from(!is_language);
            open.push((name, text.len()));
            rest = after;
        } else {
            let end = if char == '&' { rest.find(';').expect("an entity ends") + 1 } else { char.len_utf8() };
            assert_ne!(char, '>', "unescaped in {html}");
            text.push_str(&unescaped(&rest[..end]));
            rest = &rest[end..];
        }
    }
    assert!(open.is_empty(), "unclosed {open:?}");
    assert!(entities <= MAX_ENTITIES, "{entities} entities");
    assert!(address_bytes <= MAX_ADDRESS_BYTES, "{address_bytes} bytes of addresses");
    text
}

fn unescaped(html: &str) -> String {
    let text = html.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", "\"").replace("&amp;", "&");
    assert_eq!(super::escape::escaped(&text), html);
    text
}
