//! Text in which every stretch has one style. It is flat because Telegram's formatting nearly is: a quote cannot
//! hold a quote, code cannot be bold, and however deeply Markdown nests, a character has at most these styles.

use std::borrow::Cow;

use super::escape::escaped;

/// A whole answer, before it is cut into messages.
#[derive(Debug, Default)]
pub(in crate::reply) struct StyledText {
    text: String,
    runs: Vec<Run>,
    links: Vec<Link>,
    languages: Vec<String>,
}

/// A stretch of text that ends (exclusive, in bytes) at `end` and begins where the one before it ends.
#[derive(Debug)]
struct Run {
    end: usize,
    style: Style,
}

/// Where a link leads.
#[derive(Debug)]
pub(super) struct Link {
    /// The address for `href`.
    pub(super) href: String,
    /// What follows the link's text where there is no markup: the address, unless the text shows it already.
    pub(super) aside: String,
}

/// How a stretch of text looks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(in crate::reply) struct Style {
    pub(super) quoted: bool,
    pub(super) face: Face,
}

/// What Telegram lets go together: code stands alone, everything else combines.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Face {
    /// Running text. `link` is an index into the text's links.
    Words { link: Option<usize>, bold: bool, italic: bool, struck: bool },
    /// Code within a line.
    Code,
    /// A code block. `language` is an index into the text's languages.
    Block { language: Option<usize> },
}

impl Default for Face {
    fn default() -> Self {
        Self::Words { link: None, bold: false, italic: false, struck: false }
    }
}

impl Style {
    /// Whether line breaks belong to the content, so that two of them do not separate paragraphs.
    pub(in crate::reply) fn is_code_block(self) -> bool {
        matches!(self.face, Face::Block { .. })
    }

    /// The tags around text of this style, the outermost first.
    pub(in crate::reply) fn tags(self) -> impl Iterator<Item = Tag> {
        let inner = match self.face {
            Face::Words { link, bold, italic, struck } => [
                link.map(Tag::Link),
                bold.then_some(Tag::Bold),
                italic.then_some(Tag::Italic),
                struck.then_some(Tag::Struck),
            ],
            Face::Code => [Some(Tag::Code), None, None, None],
            Face::Block { language } => [Some(Tag::Block(language)), None, None, None],
        };
        self.quoted.then_some(Tag::Quote).into_iter().chain(inner.into_iter().flatten())
    }
}

/// One entity of Telegram's, as a tag of its HTML mode (<https://core.telegram.org/bots/api#html-style>).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::reply) enum Tag {
    Quote,
    Link(usize),
    Bold,
    Italic,
    Struck,
    Code,
    Block(Option<usize>),
}

impl StyledText {
    /// Everything that is seen.
    pub(in crate::reply) fn text(&self) -> &str {
        &self.text
    }

    /// Adds text. Telegram drops carriage returns and makes spaces of other control characters; this is done here so
    /// that lengths are right, and a tab of a code block keeps some of its width. (Postgres refuses U+0000, too.)
    pub(in crate::reply) fn push(&mut self, text: &str, style: Style) {
        if text.is_empty() {
            return;
        }
        if text.bytes().any(|byte| byte < b' ' && byte != b'\n') {
            for char in text.chars() {
                match char {
                    '\r' => {}
                    '\t' if style.is_code_block() => self.text.push_str("    "),
                    '\n' | ' '.. => self.text.push(char),
                    _ => self.text.push(' '),
                }
            }
        } else {
            self.text.push_str(text);
        }
        let end = self.text.len();
        match self.runs.last_mut() {
            Some(last) if last.style == style => last.end = end,
            _ => self.runs.push(Run { end, style }),
        }
    }

    /// A link for the `link` of a style. The aside is set once the link's text is known.
    pub(super) fn add_link(&mut self, href: String) -> usize {
        self.links.push(Link { href, aside: String::new() });
        self.links.len() - 1
    }

    /// See [`Link::aside`].
    pub(super) fn set_aside(&mut self, link: usize, aside: String) {
        self.links[link].aside = aside;
    }

    /// A language for the `language` of a style.
    pub(super) fn add_language(&mut self, name: String) -> usize {
        self.languages.push(name);
        self.languages.len() - 1
    }

    /// The styles from byte `at` on, each with the byte where it ends.
    pub(in crate::reply) fn styles_from(&self, at: usize) -> impl Iterator<Item = (usize, Style)> {
        let first = self.runs.partition_point(|run| run.end <= at);
        self.runs[first..].iter().map(|run| (run.end, run.style))
    }

    /// Where a tag leads, if it is a link.
    pub(super) fn link(&self, tag: Tag) -> Option<&Link> {
        match tag {
            Tag::Link(link) => Some(&self.links[link]),
            _ => None,
        }
    }

    /// A tag's beginning in HTML.
    pub(super) fn opening(&self, tag: Tag) -> Cow<'static, str> {
        match tag {
            Tag::Quote => "<blockquote>".into(),
            Tag::Link(link) => format!("<a href=\"{}\">", escaped(&self.links[link].href)).into(),
            Tag::Bold => "<b>".into(),
            Tag::Italic => "<i>".into(),
            Tag::Struck => "<s>".into(),
            Tag::Code => "<code>".into(),
            Tag::Block(None) => "<pre>".into(),
            Tag::Block(Some(language)) => {
                format!("<pre><code class=\"language-{}\">", escaped(&self.languages[language])).into()
            }
        }
    }
}

impl Tag {
    /// A tag's end in HTML.
    pub(super) fn closing(self) -> &'static str {
        match self {
            Tag::Quote => "</blockquote>",
            Tag::Link(_) => "</a>",
            Tag::Bold => "</b>",
            Tag::Italic => "</i>",
            Tag::Struck => "</s>",
            Tag::Code => "</code>",
            Tag::Block(None) => "</pre>",
            Tag::Block(Some(_)) => "</code></pre>",
        }
    }

    /// Whether Telegram cuts this entity in two wherever another of the kind begins within it, which counts as two.
    pub(super) fn is_splittable(self) -> bool {
        matches!(self, Tag::Bold | Tag::Italic | Tag::Struck)
    }
}
