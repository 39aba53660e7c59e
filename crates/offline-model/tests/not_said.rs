//! What people did not say of themselves is no fact, in any of the four languages; what they plainly say is one.

use offline_model::{Line, extract};

/// Messages, one a line; `\n` stands for a line break.
const NO_FACTS: &str = include_str!("no_facts.txt");
const FACTS: &str = include_str!("facts.txt");

fn facts(text: &str) -> Vec<String> {
    extract(&[], &[Line { id: 1, speaker: "Olena", text }]).into_iter().map(|change| change.text).collect()
}

/// The messages of a table that give another number of facts, with those.
fn wrong(table: &str, expected: usize) -> Vec<(String, Vec<String>)> {
    let messages = table.lines().filter(|line| !line.starts_with('#')).map(|line| line.replace("\\n", "\n"));
    let read = messages.map(|text| (text.clone(), facts(&text)));
    read.filter(|(_, facts)| facts.len() != expected).collect()
}

#[test]
fn what_nobody_said_of_themselves_is_no_fact() {
    assert_eq!(wrong(NO_FACTS, 0), []);
}

#[test]
fn what_people_plainly_say_of_themselves_is_one() {
    assert_eq!(wrong(FACTS, 1), []);
    let both = facts("My name is Olena and I live in Kyiv.");
    assert_eq!(both, ["Olena: “My name is Olena”", "Olena: “I live in Kyiv”"]);
}
