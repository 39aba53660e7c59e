//! A model's answer in Markdown becomes Telegram messages: the formatting that Telegram has, and readable text in
//! place of what it has not (lists, tables, headings). What Markdown would swallow of the model's words is shown.

use std::ops::Range;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

use self::definition::{begins_block, unused_definitions};
use self::layout::{Gap, Layout};
use self::link::OpenLink;
use self::styled::{Face, StyledText};
use self::table::Table;
use super::split::{Part, plain_parts, split};

#[cfg(test)]
pub(super) mod checker;
mod definition;
pub(super) mod draft;
pub(super) mod escape;
mod layout;
mod link;
pub(super) mod styled;
mod table;
#[cfg(test)]
mod tests;

/// A model's answer as messages, in order, within Telegram's limits. Standard Markdown with tables, strikethrough
/// and task lists; HTML is no markup here, it is shown. Text without a visible character gives no messages.
#[must_use]
pub fn outgoing_parts(markdown: &str) -> Vec<Part> {
    let parts = split(&styled(markdown));
    if parts.is_empty() {
        // Nothing but markup, such as "[1]: source" or an empty code block. Better seen than swallowed.
        return plain_parts(markdown);
    }
    parts
}

fn styled(markdown: &str) -> StyledText {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let parse = || Parser::new_ext(markdown, options);
    let parser = parse();
    let mut definitions = unused_definitions(parser.reference_definitions(), parse).into_iter().peekable();
    let mut writer = Writer { source: markdown, ..Writer::default() };
    for (event, place) in parser.into_offset_iter() {
        if begins_block(&event) {
            while let Some(definition) = definitions.next_if(|definition| definition.start < place.start) {
                writer.definition(&markdown[definition]);
            }
        }
        writer.event(event, place);
    }
    for definition in definitions {
        writer.definition(&markdown[definition]);
    }
    writer.layout.into_text()
}

/// Follows the document and keeps what is open.
#[derive(Default)]
struct Writer<'a> {
    source: &'a str,
    layout: Layout,
    bold: usize,
    italic: usize,
    struck: usize,
    links: Vec<OpenLink>,
    /// The one of them that the text leads by, as its number among the text's links.
    link: Option<usize>,
    /// The number of the next item of each open list; bullets have none.
    lists: Vec<Option<u64>>,
    code: Option<OpenCode>,
    table: Option<Table>,
}

/// A code block that is being read.
#[derive(Default)]
struct OpenCode {
    /// Empty where none is named.
    language: String,
    text: String,
}

impl Writer<'_> {
    fn event(&mut self, event: Event, place: Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag),
            Event::End(tag) => self.end(tag, place),
            Event::Text(text) | Event::Html(text) | Event::InlineHtml(text) => {
                self.text(&text, self.face());
            }
            Event::Code(text) => self.text(&text, self.code_face()),
            // Models break lines where they want a new one.
            Event::SoftBreak | Event::HardBreak => self.text("\n", self.face()),
            Event::Rule => {
                self.layout.block_gap();
                self.layout.words("──────────", Face::default());
                self.layout.block_gap();
            }
            Event::TaskListMarker(done) => self.layout.mark_task(done),
            // Of extensions that are off.
            Event::InlineMath(_) | Event::DisplayMath(_) | Event::FootnoteReference(_) => {}
        }
    }

    fn definition(&mut self, text: &str) {
        self.layout.block_gap();
        self.layout.words(text, Face::default());
        self.layout.gap(Gap::NewLine);
    }

    fn start(&mut self, tag: Tag) {
        match tag {
            Tag::Heading { .. } => {
                self.layout.block_gap();
                self.bold += 1;
            }
            Tag::HtmlBlock => self.layout.block_gap(),
            Tag::BlockQuote(_) => self.layout.open_quote(),
            Tag::CodeBlock(kind) => self.open_code(&kind),
            Tag::List(first) => {
                self.layout.block_gap();
                self.lists.push(first);
            }
            Tag::Item => {
                let marker = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        let marker = format!("{number}. ");
                        *number = number.saturating_add(1);
                        marker
                    }
                    _ => "• ".to_owned(),
                };
                self.layout.open_item(marker);
            }
            Tag::Table(alignments) => self.table = Some(Table::new(alignments)),
            Tag::TableHead | Tag::TableRow => self.table.iter_mut().for_each(Table::open_row),
            Tag::TableCell => self.table.iter_mut().for_each(Table::open_cell),
            Tag::Strong => self.bold += 1,
            Tag::Emphasis => self.italic += 1,
            Tag::Strikethrough => self.struck += 1,
            Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => self.open_link(&dest_url),
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd, place: Range<usize>) {
        match tag {
            TagEnd::Paragraph => self.layout.gap(Gap::BlankLine),
            TagEnd::HtmlBlock => self.layout.block_gap(),
            TagEnd::Heading(_) => {
                self.bold -= 1;
                self.layout.gap(Gap::UnderHeading);
            }
            TagEnd::BlockQuote(_) => self.layout.close_quote(),
            TagEnd::CodeBlock => self.close_code(),
            TagEnd::List(_) => {
                self.lists.pop();
                self.layout.block_gap();
            }
            TagEnd::Item => self.layout.close_item(),
            TagEnd::TableCell => {
                self.table.iter_mut().for_each(|table| table.close_cell(place.end));
            }
            TagEnd::TableHead | TagEnd::TableRow => {
                let line = &self.source[..place.end];
                self.table.iter_mut().for_each(|table| table.close_row(line));
            }
            TagEnd::Table => self.close_table(),
            TagEnd::Strong => self.bold -= 1,
            TagEnd::Emphasis => self.italic -= 1,
            TagEnd::Strikethrough => self.struck -= 1,
            TagEnd::Link | TagEnd::Image => self.close_link(),
            _ => {}
        }
    }

    fn text(&mut self, text: &str, face: Face) {
        if let Some(code) = &mut self.code {
            code.text.push_str(text);
        } else if let Some(cell) = self.table.as_mut().and_then(Table::cell) {
            cell.push_str(text);
        } else {
            self.layout.words(text, face);
        }
    }

    fn face(&self) -> Face {
        Face::Words { link: self.link, bold: self.bold > 0, italic: self.italic > 0, struck: self.struck > 0 }
    }

    /// Telegram has no code in a link: there the link is worth more.
    fn code_face(&self) -> Face {
        if self.link.is_some() { self.face() } else { Face::Code }
    }

    fn open_code(&mut self, kind: &CodeBlockKind) {
        let CodeBlockKind::Fenced(info) = kind else {
            self.code = Some(OpenCode::default());
            return;
        };
        let info = info.trim();
        let end = info.find(char::is_whitespace).unwrap_or(info.len());
        let (language, rest) = info.split_at(if is_language(&info[..end]) { end } else { 0 });
        if !rest.is_empty() {
            // A file's name, or a sentence after a fence that was never closed.
            self.layout.block_gap();
            self.layout.words(rest.trim_start(), Face::default());
        }
        self.code = Some(OpenCode { language: language.to_owned(), text: String::new() });
    }

    fn close_code(&mut self) {
        let Some(code) = self.code.take() else { return };
        let text = code.text.trim_end();
        if !text.is_empty() {
            let language =
                (!code.language.is_empty()).then(|| self.layout.text_mut().add_language(code.language));
            self.layout.code_block(text, language);
        }
    }

    /// Code cannot hold links, so those of a table follow it.
    fn close_table(&mut self) {
        let Some(table) = self.table.take() else { return };
        self.layout.code_block(&table.render(), None);
        for (text, address) in table.links {
            self.layout.gap(Gap::NewLine);
            self.open_link(&address);
            self.text(&text, self.face());
            self.close_link();
        }
        self.layout.block_gap();
    }
}

/// Whether the first word after a fence is the name of a language.
fn is_language(word: &str) -> bool {
    !word.is_empty()
        && word.len() <= 40
        && word.chars().all(|char| char.is_ascii_alphanumeric() || "+-#._".contains(char))
}
