//! A message under way: its two forms, and how much of what Telegram allows it has used up.

use super::escape::push_escaped;
use super::styled::{Style, StyledText, Tag};
use crate::reply::split::Part;

/// The longest text of a message in UTF-16 code units, markup not counted
/// (<https://core.telegram.org/bots/api#sendmessage>).
pub(in crate::reply) const MAX_UNITS: usize = 4096;

/// The longest HTML of a message in bytes; the Bot API server takes twice as many.
pub(super) const MAX_HTML_BYTES: usize = 16_000;

/// Telegram ignores the entities of a message beyond this number
/// (<https://core.telegram.org/api/entities>).
pub(super) const MAX_ENTITIES: usize = 100;

/// The most bytes of link addresses in a message: Telegram answers `ENTITIES_TOO_LONG` from about 9,500 bytes of
/// entities on (<https://github.com/tdlib/telegram-bot-api/issues/165>), of which a hundred entities take a part.
pub(super) const MAX_ADDRESS_BYTES: usize = 6_000;

/// A message that is being filled from a text.
pub(in crate::reply) struct Draft<'a> {
    source: &'a StyledText,
    html: String,
    plain: String,
    style: Style,
    used: Used,
}

/// What has been used. A tag counts in full, with its end, as soon as it begins, so that closing is always allowed.
#[derive(Clone, Copy, Default)]
struct Used {
    units: usize,
    aside_units: usize,
    html_bytes: usize,
    entities: usize,
    address_bytes: usize,
}

/// A state of a draft that it can be taken back to.
#[derive(Clone, Copy)]
pub(in crate::reply) struct Mark {
    /// Where the source goes on, in bytes.
    pub(in crate::reply) at: usize,
    /// The length of the text so far in UTF-16 code units.
    pub(in crate::reply) units: usize,
    html: usize,
    plain: usize,
    style: Style,
}

impl<'a> Draft<'a> {
    pub(in crate::reply) fn new(source: &'a StyledText) -> Self {
        Self {
            source,
            html: String::new(),
            plain: String::new(),
            style: Style::default(),
            used: Used::default(),
        }
    }

    /// The state now, before the source's byte `at` is written.
    pub(in crate::reply) fn mark(&self, at: usize) -> Mark {
        Mark { at, units: self.used.units, html: self.html.len(), plain: self.plain.len(), style: self.style }
    }

    /// Adds text.
    pub(in crate::reply) fn write(&mut self, text: &str, style: Style) {
        self.turn_to(style);
        let before = self.html.len();
        push_escaped(&mut self.html, text);
        self.plain.push_str(text);
        self.used.html_bytes += self.html.len() - before;
        self.used.units += units(text);
    }

    /// Whether Telegram would take the message as it is.
    pub(in crate::reply) fn fits(&self) -> bool {
        self.used.units + self.used.aside_units <= MAX_UNITS
            && self.used.html_bytes <= MAX_HTML_BYTES
            && self.used.entities <= MAX_ENTITIES
            && self.used.address_bytes <= MAX_ADDRESS_BYTES
    }

    /// The message as it was at a mark.
    pub(in crate::reply) fn cut(mut self, mark: &Mark) -> Part {
        self.html.truncate(mark.html);
        self.plain.truncate(mark.plain);
        self.style = mark.style;
        self.finish()
    }

    /// The message.
    pub(in crate::reply) fn finish(mut self) -> Part {
        self.turn_to(Style::default());
        keep_indentation(&mut self.html);
        keep_indentation(&mut self.plain);
        Part { html: self.html, plain: self.plain }
    }

    /// Closes the tags that the next text does not have and opens those that it has more.
    fn turn_to(&mut self, style: Style) {
        if style == self.style {
            return;
        }
        let old: Vec<Tag> = self.style.tags().collect();
        let new: Vec<Tag> = style.tags().collect();
        let shared = old.iter().zip(&new).take_while(|(old, new)| old == new).count();
        for tag in old[shared..].iter().rev() {
            self.html.push_str(tag.closing());
            if let Some(link) = self.source.link(*tag) {
                self.plain.push_str(&link.aside);
            }
        }
        for tag in &new[shared..] {
            let opening = self.source.opening(*tag);
            self.html.push_str(&opening);
            self.used.html_bytes += opening.len() + tag.closing().len();
            if let Some(link) = self.source.link(*tag) {
                self.used.aside_units += units(&link.aside);
                self.used.address_bytes += link.href.len();
            }
        }
        let split_by_telegram = new[..shared].iter().filter(|tag| tag.is_splittable()).count();
        self.used.entities += new.len() - shared + split_by_telegram;
        self.style = style;
    }
}

/// Telegram cuts spaces off a message's beginning, and with them the indentation of a list that goes on there.
fn keep_indentation(text: &mut String) {
    if text.starts_with(' ') {
        text.replace_range(..1, "\u{a0}");
    }
}

fn units(text: &str) -> usize {
    text.chars().map(char::len_utf16).sum()
}
