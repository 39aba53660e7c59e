//! Link definitions (`[label]: address`) that no link uses. Markdown shows them nowhere, but a line of a dialogue,
//! `[Bob]: Yes.`, is one, and so is a source that is not cited.

use std::collections::HashSet;
use std::ops::Range;

use pulldown_cmark::{Event, Parser, RefDefs, Tag};

/// Where they stand in the document, in order. `parser` reads the document once more, and only if need be.
pub(super) fn unused_definitions<'a>(
    definitions: &RefDefs,
    parser: impl FnOnce() -> Parser<'a>,
) -> Vec<Range<usize>> {
    if definitions.iter().next().is_none() {
        return Vec::new();
    }
    let used: HashSet<usize> = parser()
        .filter_map(|event| match event {
            Event::Start(Tag::Link { id, .. } | Tag::Image { id, .. }) => {
                definitions.get(&id).map(|definition| definition.span.start)
            }
            _ => None,
        })
        .collect();
    let spans = definitions.iter().map(|(_, definition)| definition.span.clone());
    let mut unused: Vec<_> = spans.filter(|span| !used.contains(&span.start)).collect();
    unused.sort_by_key(|span| span.start);
    unused
}

/// Whether a definition before the event can be shown before it.
pub(super) fn begins_block(event: &Event) -> bool {
    matches!(
        event,
        Event::Rule
            | Event::Start(
                Tag::Paragraph
                    | Tag::Heading { .. }
                    | Tag::BlockQuote(_)
                    | Tag::CodeBlock(_)
                    | Tag::HtmlBlock
                    | Tag::List(_)
                    | Tag::Item
                    | Tag::Table(_)
            )
    )
}
