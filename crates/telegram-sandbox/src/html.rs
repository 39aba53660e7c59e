//! Telegram's HTML, <https://core.telegram.org/bots/api#html-style>, read into a text and its entities, or refused in
//! Telegram's words. What is kept and shown is never HTML.

mod markup;

use self::markup::{attribute, entity, tag_end};
use crate::entities::{Entity, utf16_len};

/// How strictly markup is read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Dialect {
    /// As Telegram's server reads it: what names no entity and what stands in a tag is let pass.
    #[default]
    Server,
    /// As Telegram's page has it: a bare `&`, and a `<` in a tag, are errors.
    Documented,
}

/// A tag that is open: what it is called, and the entity that it becomes when it closes (some become none).
struct Open {
    name: String,
    entity: Option<Entity>,
}

/// The text that people see, and its entities from the outer to the inner.
///
/// # Errors
/// With what follows "can't parse entities: ".
pub fn read(html: &str, dialect: Dialect) -> Result<(String, Vec<Entity>), String> {
    let mut reader = Reader { dialect, ..Reader::default() };
    let mut rest = html;
    while let Some(at) = rest.find(['<', '&']) {
        reader.push(&rest[..at]);
        rest = &rest[at..];
        let offset = html.len() - rest.len();
        if rest.starts_with('&') {
            let (character, length) = match (entity(rest), dialect) {
                (Some(found), _) => found,
                (None, Dialect::Server) => ('&', 1),
                (None, Dialect::Documented) => {
                    return Err(format!("Unescaped \"&\" at byte offset {offset}"));
                }
            };
            reader.push(character.encode_utf8(&mut [0; 4]));
            rest = &rest[length..];
        } else {
            let end = tag_end(rest, dialect)
                .ok_or_else(|| format!("Unclosed start tag at byte offset {offset}"))?;
            reader.tag(&rest[1..end], offset)?;
            rest = &rest[end + 1..];
        }
    }
    reader.push(rest);
    reader.finish()
}

/// The same for a text without markup: Telegram takes the space at its ends off.
pub fn trimmed(text: &str, entities: Vec<Entity>) -> (String, Vec<Entity>) {
    let start = utf16_len(&text[..text.len() - text.trim_start().len()]);
    let text = text.trim();
    let length = utf16_len(text);
    let mut kept: Vec<Entity> = entities
        .into_iter()
        .filter_map(|mut entity| {
            let end = (entity.offset + entity.length).saturating_sub(start).min(length);
            entity.offset = entity.offset.saturating_sub(start);
            entity.length = end.checked_sub(entity.offset).filter(|length| *length > 0)?;
            Some(entity)
        })
        .collect();
    // Outer before inner; the sort is stable and inner ones were closed first.
    kept.reverse();
    kept.sort_by_key(|entity| (entity.offset, std::cmp::Reverse(entity.length)));
    (text.to_owned(), kept)
}

#[derive(Default)]
struct Reader {
    dialect: Dialect,
    text: String,
    units: usize,
    open: Vec<Open>,
    closed: Vec<Entity>,
}

impl Reader {
    fn push(&mut self, text: &str) {
        self.text.push_str(text);
        self.units += utf16_len(text);
    }

    /// Opens or closes the tag whose inside is given.
    fn tag(&mut self, tag: &str, offset: usize) -> Result<(), String> {
        let (name, attributes) = tag.split_once(char::is_whitespace).unwrap_or((tag, ""));
        let name = name.to_ascii_lowercase();
        let Some(name) = name.strip_prefix('/') else {
            let entity = self.meaning(&name, attributes, offset)?;
            if self.dialect == Dialect::Documented && markup::has_bare_ampersand(attributes) {
                return Err(format!("Unescaped \"&\" in the tag at byte offset {offset}"));
            }
            self.open.push(Open { name, entity });
            return Ok(());
        };
        match self.open.pop() {
            None => Err(format!("Unexpected end tag at byte offset {offset}")),
            Some(open) if open.name == name => {
                self.closed.extend(open.entity.map(|mut entity| {
                    entity.length = self.units - entity.offset;
                    entity
                }));
                Ok(())
            }
            Some(open) => Err(format!(
                "Unmatched end tag at byte offset {offset}, expected \"</{}>\", found \"</{name}>\"",
                open.name
            )),
        }
    }

    /// What a start tag means, beginning here.
    fn meaning(&mut self, name: &str, attributes: &str, offset: usize) -> Result<Option<Entity>, String> {
        let here = |kind| Some(Entity::new(kind, self.units, 0));
        Ok(match name {
            "b" | "strong" => here("bold"),
            "i" | "em" => here("italic"),
            "u" | "ins" => here("underline"),
            "s" | "strike" | "del" => here("strikethrough"),
            "tg-spoiler" => here("spoiler"),
            "span" if attribute(attributes, "class").as_deref() == Some("tg-spoiler") => here("spoiler"),
            "blockquote" => here("blockquote"),
            "pre" => here("pre"),
            "code" => {
                let language = attribute(attributes, "class")
                    .and_then(|class| class.strip_prefix("language-").map(str::to_owned));
                match self.open.last_mut() {
                    // Code directly in a block is the block, and names its language.
                    Some(Open { name, entity: Some(block) })
                        if name == "pre" && block.offset == self.units =>
                    {
                        block.language = language;
                        None
                    }
                    _ => here("code"),
                }
            }
            "a" => attribute(attributes, "href")
                .filter(|url| is_link(url))
                .map(|url| Entity { url: Some(url), ..Entity::new("text_link", self.units, 0) }),
            "tg-emoji" => None,
            "span" => {
                return Err(format!("Tag \"span\" must have class \"tg-spoiler\" at byte offset {offset}"));
            }
            _ => {
                return Err(format!("Unsupported start tag \"{name}\" at byte offset {offset}"));
            }
        })
    }

    fn finish(mut self) -> Result<(String, Vec<Entity>), String> {
        match self.open.pop() {
            Some(open) => Err(format!("Can't find end tag corresponding to start tag \"{}\"", open.name)),
            None => Ok(trimmed(&self.text, self.closed)),
        }
    }
}

/// The addresses that Telegram links to; what else stands in a link is shown as its text.
fn is_link(url: &str) -> bool {
    let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
    ["http", "https", "tg", "mailto", "tel"].iter().any(|allowed| scheme.eq_ignore_ascii_case(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn entities(html: &str) -> Vec<(String, usize, usize)> {
        let (_, entities) = read(html, Dialect::Server).expect("HTML");
        entities.into_iter().map(|entity| (entity.kind, entity.offset, entity.length)).collect()
    }

    fn place(kind: &str, offset: usize, length: usize) -> (String, usize, usize) {
        (kind.to_owned(), offset, length)
    }

    #[test]
    fn places_are_counted_in_utf16_units_outer_before_inner() {
        assert_eq!(
            entities("🙈 <b>a<i>б</i></b> <u><s>в</s></u>"),
            [
                place("bold", 3, 2),
                place("italic", 4, 1),
                place("underline", 6, 1),
                place("strikethrough", 6, 1)
            ]
        );
    }

    #[test]
    fn space_at_the_ends_is_taken_off_and_places_move_along() {
        let (text, entities) = read("\n <b> a </b>\n<i> </i>", Dialect::Server).expect("HTML");
        assert_eq!(text, "a");
        assert_eq!(entities, [Entity::new("bold", 0, 1)]);
    }

    #[test]
    fn a_code_block_names_its_language() {
        let (text, entities) = read(
            "<pre><code class=\"language-rust\">a &lt; b &amp;&amp; c</code></pre> <code>d</code>",
            Dialect::Server,
        )
        .expect("HTML");
        assert_eq!(text, "a < b && c d");
        assert_eq!(entities[0], Entity { language: Some("rust".into()), ..Entity::new("pre", 0, 10) });
        assert_eq!(entities[1..], [Entity::new("code", 11, 1)]);
    }

    #[test]
    fn a_link_goes_only_where_links_go() {
        let (_, entities) =
            read("<a title=x href='https://a.example/?a=1&amp;b=2'>a</a>", Dialect::Server).expect("HTML");
        assert_eq!(entities[0].url.as_deref(), Some("https://a.example/?a=1&b=2"));
        for url in ["javascript:alert(1)", " javascript:alert(1)", "data:text/html,x", "/queues", ""] {
            assert_eq!(
                read(&format!("<a href=\"{url}\">a</a>"), Dialect::Server),
                Ok(("a".into(), vec![])),
                "{url}"
            );
        }
    }

    #[test]
    fn what_telegram_cannot_read_is_refused_in_its_words() {
        for (html, reason) in [
            ("<b>a", "Can't find end tag corresponding to start tag \"b\""),
            ("<b><i>a</b></i>", "Unmatched end tag at byte offset 7, expected \"</i>\", found \"</b>\""),
            ("a</b>", "Unexpected end tag at byte offset 1"),
            ("<script>a</script>", "Unsupported start tag \"script\" at byte offset 0"),
            ("1 < 2", "Unclosed start tag at byte offset 2"),
            ("<span>a</span>", "Tag \"span\" must have class \"tg-spoiler\" at byte offset 0"),
        ] {
            assert_eq!(read(html, Dialect::Server).unwrap_err(), reason, "{html}");
        }
    }

    #[test]
    fn markup_is_taken_off_and_entities_become_characters() {
        for (html, text) in [
            ("plain > text", "plain > text"),
            ("<b>a <i>b</i></b>&lt;&#33;&#x1F600;&gt;&amp;&quot;", "a b<!😀>&\""),
            ("<a href=\"https://a.example/?a=1&amp;b=>\">link</a>", "link"),
            ("<pre><code class=\"language-rust\">a &lt; b</code></pre>", "a < b"),
            ("<span class=\"tg-spoiler\">s</span><blockquote expandable>q</blockquote>", "sq"),
        ] {
            assert_eq!(read(html, Dialect::Documented).map(|(text, _)| text).as_deref(), Ok(text), "{html}");
        }
    }

    #[test]
    fn what_telegrams_page_forbids_is_refused_in_its_dialect() {
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
            assert_eq!(read(html, Dialect::Documented).unwrap_err(), reason, "{html}");
        }
    }
}
