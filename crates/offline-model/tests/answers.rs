//! What is answered, and to whom.

use std::time::{Duration, Instant};

use chrono::{DateTime, Days, TimeDelta, Utc};
use offline_model::{Asked, Known, Line, Note, answer, extract};
use proptest::prelude::*;

/// The questions of a chat that are answered without the expected words, or with what no longer holds. It has three sessions
/// of `Name: text` (of the first only facts are left, the second was a month ago, the third is now), and questions
/// `Name: question | what the answer has | what it has not`.
fn wrong(chat: &str) -> Vec<String> {
    let part = |heading: &str| {
        let rest = chat.split_once(heading).expect("a heading").1;
        rest.split_once("\n# ").map_or(rest, |(part, _)| part)
    };
    let first = (1..).zip(spoken(part("# first")));
    let lines: Vec<_> = first.map(|(id, (speaker, text))| Line { id, speaker, text }).collect();
    let facts: Vec<_> = extract(&[], &lines).into_iter().map(|change| change.text).collect();
    let mut notes: Vec<_> = facts.iter().map(|text| Note { speaker: None, at: day(0), text }).collect();
    notes.extend(said(part("# second"), 30).chain(said(part("# third"), 60)));
    let mut wrong = Vec::new();
    for (speaker, rest) in spoken(part("# questions")) {
        let mut columns = rest.split(" | ");
        let text = columns.next().expect("a question");
        let answer = answer(&Asked {
            message: Note { speaker: Some(speaker), at: day(61), text },
            notes: notes.clone(),
        });
        let right = columns.next().is_some_and(|expected| answer.contains(expected));
        if !right || columns.next().is_some_and(|outdated| answer.contains(outdated)) {
            wrong.push(format!("{speaker}: {text} -> {answer}"));
        }
    }
    wrong
}

fn day(number: u64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH + Days::new(20_000 + number)
}

fn spoken(lines: &str) -> impl Iterator<Item = (&str, &str)> {
    lines.lines().filter_map(|line| line.trim().split_once(": "))
}

fn said(lines: &str, from: u64) -> impl Iterator<Item = Note<'_>> {
    (0..).zip(spoken(lines)).map(move |(minute, (speaker, text))| Note {
        speaker: Some(speaker),
        at: day(from) + TimeDelta::minutes(minute),
        text,
    })
}

fn asked(history: &[&str], question: &str) -> String {
    let lines: Vec<String> = history.iter().map(|text| format!("Olena: {text}")).collect();
    let lines = lines.join("\n");
    let message = Note { speaker: Some("Olena"), at: day(1), text: question };
    answer(&Asked { message, notes: said(&lines, 0).collect() })
}

#[test]
fn an_answer_quotes_with_name_and_date() {
    assert_eq!(
        asked(&["I live in Kyiv. It rains."], "Where do I live?"),
        "Olena, 2024-10-04: “I live in Kyiv.”"
    );
    let facts =
        ["Olena lives in Lviv", "Taras lives in Rome"].map(|text| Note { speaker: None, at: day(0), text });
    for text in ["Where does Olena live?", "Where do I live?"] {
        let message = Note { speaker: Some("Olena"), at: day(1), text };
        assert_eq!(
            answer(&Asked { message, notes: facts.to_vec() }),
            "Known since 2024-10-04: Olena lives in Lviv"
        );
    }
}

#[test]
fn what_nobody_has_told_is_not_made_up() {
    let history = ["My dog is called Rex", "My sister lives in Rome", "Taras's favourite colour is blue"];
    let questions = "What is my cat called?|Where do I live?|What is my name?|\
        Who is the president of Peru?|Where does my brother live?|What is Anna's favourite colour?";
    for question in questions.split('|') {
        let answer = asked(&history, question);
        assert!(answer.starts_with("Nobody has told me that yet"), "{question} -> {answer}");
    }
    assert!(asked(&[], "Як мене звати?").starts_with("Мені про це ще ніхто не розповідав"));
    assert!(asked(&[], "Где я живу?").starts_with("Мне об этом ещё никто не рассказывал"));
    assert!(asked(&[], "Wie heißt mein Hund?").starts_with("Das hat mir noch niemand erzählt"));
}

#[test]
fn what_is_told_is_taken_up() {
    for (said, answer) in [
        ("My name is Anna and I have a cat", "I will remember: “My name is Anna”, “I have a cat”"),
        ("Мене звати Олена.", "Запам'ятаю: “Мене звати Олена”"),
        ("Ich mag Tee", "Ich merke mir: “Ich mag Tee”"),
        ("I am tired", "All right!"),
        ("My password is swordfish", "All right!"),
        ("💙", "All right!"),
        ("", "All right!"),
    ] {
        assert_eq!(asked(&[], said), answer);
    }
    assert!(asked(&[], "Who are you?").starts_with("I am PykhBrain."));
    assert!(asked(&[], "My dog is called Rex. What is my dog called?").contains("Rex"));
}

#[test]
fn questions_over_three_sessions_are_answered() {
    for (chat, most) in [
        (include_str!("chats/each.txt"), 0),
        (include_str!("chats/newest.txt"), 0),
        (include_str!("chats/private.txt"), 1),
        (include_str!("chats/group.txt"), 0),
    ] {
        let wrong = wrong(chat);
        assert!(wrong.len() <= most, "{wrong:#?}");
    }
}

#[test]
fn a_long_prompt_is_answered_quickly() {
    let line = "I bought item number 7 at the market and Taras told us that the weather was fine on Monday.";
    let history = vec![line; 1000];
    // Unoptimized it takes ten times as long; the quickest of a few, because a busy machine must not fail the test.
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 2000 } else { 100 });
    let run = |_| {
        let start = Instant::now();
        (asked(&history, "What did I buy at the market?"), start.elapsed()).1
    };
    let quickest = (0..3).map(run).min().expect("three runs");
    assert!(quickest < limit, "{quickest:?}");
}

fn any_text() -> impl Strategy<Value = String> {
    let words = "I|my|live|in|Lviv|name|is|Anna|What|?|.|\n|: |я|Мене|звати|живу|у|ich|heiße|don't|'s|“|”|5.|—|💙|not|moved|to|and|ß|İ|,";
    let words = prop::sample::select(words.split('|').collect::<Vec<_>>());
    prop_oneof![
        prop::collection::vec(words, 0..20).prop_map(|words| words.join(" ")),
        prop::collection::vec(any::<char>(), 0..40).prop_map(String::from_iter),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn anything_gets_one_and_the_same_answer(history in prop::collection::vec(any_text(), 0..4), question in any_text()) {
        let notes = || history.iter().map(|text| Note { speaker: Some("Olena"), at: day(0), text }).collect();
        let message = Note { speaker: Some("Olena"), at: day(1), text: &question };
        let first = answer(&Asked { message, notes: notes() });
        prop_assert!(!first.is_empty());
        prop_assert_eq!(first, answer(&Asked { message, notes: notes() }));
    }

    #[test]
    fn changes_name_only_facts_and_messages_that_are_there(known in any_text(), said in prop::collection::vec(any_text(), 0..4)) {
        let known = format!("Olena: “{known}”");
        let lines: Vec<_> = (1..).zip(&said).map(|(id, text)| Line { id, speaker: "Olena", text }).collect();
        for change in extract(&[Known { number: 7, text: &known }], &lines) {
            prop_assert!(change.instead_of.is_none_or(|number| number == 7));
            prop_assert!(!change.sources.is_empty() && change.sources.iter().all(|id| (1..=4).contains(id)));
        }
    }
}
