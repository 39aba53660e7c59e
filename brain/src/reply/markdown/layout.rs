//! How blocks stand below each other: blank lines, indentation, bullets. Nothing is written before text comes that
//! needs it, so that empty blocks leave no gaps.

use super::styled::{Face, Style, StyledText};

/// What separates a block from the one before it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Gap {
    #[default]
    None,
    NewLine,
    BlankLine,
    /// A new line, whatever comes: a heading stays with its text, also where messages are cut.
    UnderHeading,
}

/// Beyond this depth nothing is indented further: no screen is wide enough, and the text stays linear in its source.
const MAX_DEPTH: usize = 8;

/// A styled text that grows block by block.
#[derive(Debug, Default)]
pub(super) struct Layout {
    text: StyledText,
    gap: Gap,
    /// The bullet or number of a list item that has no text yet.
    marker: Option<String>,
    /// What each line of the containers around begins with, the outermost container first.
    prefixes: Vec<&'static str>,
    quotes: usize,
    /// Whether the current line has got its prefixes.
    in_line: bool,
}

impl Layout {
    /// Asks for a gap before the next text. The strongest that was asked for is made.
    pub(super) fn gap(&mut self, gap: Gap) {
        self.gap = self.gap.max(gap);
    }

    /// Asks for the gap beside a block that stands alone; in a list blocks stand closer.
    pub(super) fn block_gap(&mut self) {
        let in_list = self.prefixes.len() > self.quotes;
        self.gap(if in_list { Gap::NewLine } else { Gap::BlankLine });
    }

    /// Begins a list item.
    pub(super) fn open_item(&mut self, marker: String) {
        self.settle_marker();
        self.gap(Gap::NewLine);
        self.prefixes.push(if marker.starts_with(|char: char| char.is_ascii_digit()) { "   " } else { "  " });
        self.marker = Some(marker);
    }

    /// Makes the item that has just begun a task, done or not.
    pub(super) fn mark_task(&mut self, done: bool) {
        if let Some(marker) = &mut self.marker {
            if !marker.starts_with(|char: char| char.is_ascii_digit()) {
                marker.clear();
            }
            marker.push_str(if done { "☑ " } else { "☐ " });
        }
    }

    /// Ends a list item.
    pub(super) fn close_item(&mut self) {
        self.settle_marker();
        self.prefixes.pop();
        self.gap(Gap::NewLine);
    }

    /// Begins a quote. One within another is told by a sign, because Telegram's quotes do not nest.
    pub(super) fn open_quote(&mut self) {
        self.settle_marker();
        self.block_gap();
        if self.quotes == 0 {
            // Before the quote's style begins, or the gap would be quoted.
            self.separate();
        }
        self.prefixes.push(if self.quotes == 0 { "" } else { "> " });
        self.quotes += 1;
    }

    /// Ends a quote.
    pub(super) fn close_quote(&mut self) {
        self.prefixes.pop();
        self.quotes -= 1;
        self.block_gap();
    }

    /// Adds text of a paragraph or the like; its line breaks are kept.
    pub(super) fn words(&mut self, text: &str, face: Face) {
        for (index, line) in text.split('\n').enumerate() {
            if index > 0 {
                self.begin_line();
                self.text.push("\n", self.style(face));
                self.in_line = false;
            }
            if !line.is_empty() {
                self.begin_line();
                self.text.push(line, self.style(face));
            }
        }
    }

    /// Adds a block of code, which is never indented: it is there to be copied.
    pub(super) fn code_block(&mut self, code: &str, language: Option<usize>) {
        self.settle_marker();
        self.block_gap();
        self.separate();
        self.text.push(code, self.style(Face::Block { language }));
        self.in_line = true;
        self.block_gap();
    }

    /// Makes the gap, the indentation and the bullet that the next text needs.
    pub(super) fn begin_line(&mut self) {
        self.separate();
        if self.in_line {
            return;
        }
        self.in_line = true;
        let marker = self.marker.take();
        // The item's own indentation is for its other lines.
        let depth = self.prefixes.len() - usize::from(marker.is_some());
        let mut prefix = self.prefixes[..depth.min(MAX_DEPTH)].concat();
        prefix.push_str(&marker.unwrap_or_default());
        self.text.push(&prefix, self.style(Face::default()));
    }

    /// The text so far.
    pub(super) fn text(&self) -> &str {
        self.text.text()
    }

    /// The text so far, for the links and languages that it knows.
    pub(super) fn text_mut(&mut self) -> &mut StyledText {
        &mut self.text
    }

    /// The finished text.
    pub(super) fn into_text(self) -> StyledText {
        self.text
    }

    /// Writes the bullet of an item whose content cannot stand beside it.
    fn settle_marker(&mut self) {
        if self.marker.is_some() {
            self.begin_line();
        }
    }

    fn separate(&mut self) {
        let wanted = match std::mem::take(&mut self.gap) {
            Gap::None => return,
            Gap::NewLine | Gap::UnderHeading => 1,
            Gap::BlankLine => 2,
        };
        self.in_line = false;
        let text = self.text.text();
        if text.is_empty() {
            return;
        }
        let there = text.bytes().rev().take(2).take_while(|byte| *byte == b'\n').count();
        self.text.push(&"\n\n"[there.min(wanted)..wanted], self.style(Face::default()));
    }

    fn style(&self, face: Face) -> Style {
        Style { quoted: self.quotes > 0, face }
    }
}
