//! What a prompt says before the conversation begins: the account's rules, the facts that are true now, the conversation in short.

use crate::{memory::Fact, ports::llm::sections};

/// Facts as they stand in a prompt.
pub(super) struct Known {
    /// With the line break before it; empty where nothing is known.
    pub(super) text: String,
    /// Tokens of it.
    pub(super) tokens: usize,
    /// `history_context` ids, in the order in which they stand.
    pub(super) ids: Vec<i64>,
    pub(super) has_narrative: bool,
}

/// The rules, the weightiest first.
pub(super) fn rules(rules: &[String]) -> String {
    if rules.is_empty() {
        return String::new();
    }
    let lines: Vec<String> =
        rules.iter().map(|rule| format!("{}{}\n", sections::RULE, rule.replace('\n', " "))).collect();
    format!("\n{}\n{}", sections::RULES, lines.concat())
}

/// The facts to keep first that fit `room`, and the narrative where it fits too. They stand by number, whatever matters more
/// today, so that the prompt's beginning stays the same until a fact changes.
pub(super) fn facts(
    keep_first: &[Fact],
    narrative: Option<&str>,
    room: usize,
    count: impl Fn(&str) -> usize,
) -> Known {
    let mut tokens = 0;
    let heading = format!("\n{}\n", sections::FACTS);
    let mut lines: Vec<(i32, i64, String)> = Vec::new();
    let mut left = room.saturating_sub(count(&heading));
    for fact in keep_first {
        let line = format!("{}[{}] {}\n", sections::FACT, fact.valid_from.format("%Y-%m-%d"), fact.text);
        let size = count(&line);
        if size > left {
            break;
        }
        left -= size;
        tokens += size;
        lines.push((fact.number, fact.id, line));
    }
    lines.sort_unstable();
    let mut text = String::new();
    if !lines.is_empty() {
        tokens += count(&heading);
        text.push_str(&heading);
        text.extend(lines.iter().map(|(_, _, line)| line.as_str()));
    }
    let narrative = narrative.map(|narrative| format!("\n{} {narrative}\n", sections::NARRATIVE));
    let narrative = narrative.filter(|narrative| tokens + count(narrative) <= room);
    if let Some(narrative) = &narrative {
        tokens += count(narrative);
        text.push_str(narrative);
    }
    let ids = lines.into_iter().map(|(_, id, _)| id).collect();
    Known { text, tokens, ids, has_narrative: narrative.is_some() }
}
