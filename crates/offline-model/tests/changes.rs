//! What is new, what has changed, what is known already.

use offline_model::{Known, Line, extract};

/// Each message by `Name: text`, numbered from 1; gives what a change replaces, its text and its sources.
fn changes(known: &[(i32, &str)], said: &[(&str, &str)]) -> Vec<(Option<i32>, String, Vec<i64>)> {
    let known: Vec<_> = known.iter().map(|(number, text)| Known { number: *number, text }).collect();
    let lines: Vec<_> = (1..).zip(said).map(|(id, (speaker, text))| Line { id, speaker, text }).collect();
    let changes = extract(&known, &lines).into_iter();
    changes.map(|change| (change.instead_of, change.text, change.sources)).collect()
}

fn olena(instead_of: Option<i32>, text: &str, sources: &[i64]) -> Vec<(Option<i32>, String, Vec<i64>)> {
    vec![(instead_of, format!("Olena: “{text}”"), sources.to_vec())]
}

#[test]
fn what_has_changed_updates_its_fact() {
    let known = [
        (12, "Olena: “I live in Kyiv”"),
        (13, "Olena: “I like coffee”"),
        (14, "Olena: “My phone is 111”"),
        (15, "Olena: “Мій улюблений колір — синій”"),
        (16, "Olena: “Ich heiße Ute”"),
        (17, "Olena: “My car is red”"),
    ];
    for (said, number) in [
        ("I moved to Lviv", 12),
        ("Тепер живу у Львові", 12),
        ("I don't like coffee any more", 13),
        ("My new phone is 222", 14),
        ("Тепер мій улюблений колір зелений", 15),
        ("Ich heiße jetzt Eva", 16),
        ("My new car is blue", 17),
    ] {
        assert_eq!(changes(&known, &[("Olena", said)]), olena(Some(number), said, &[1]));
    }
}

#[test]
fn what_is_known_already_changes_nothing() {
    let known = [(1, "Olena: “I live in Lviv”"), (2, "Olena: “Моя сестра живе в Одесі”")];
    let said = [("Olena", "i live in Lviv!"), ("Olena", "Моя сестра живе в Одесі.")];
    assert_eq!(changes(&known, &said), []);
}

#[test]
fn another_persons_word_changes_nothing_of_ones_own() {
    let known = [(12, "Olena: “I live in Kyiv”")];
    assert_eq!(
        changes(&known, &[("Taras", "I moved to Lviv")]),
        [(None, "Taras: “I moved to Lviv”".to_owned(), vec![1])]
    );
}

#[test]
fn a_fact_said_twice_has_two_sources_and_a_corrected_one_its_last_word() {
    let twice = [("Olena", "I live in Lviv"), ("Taras", "nice"), ("Olena", "I live in Lviv!")];
    assert_eq!(changes(&[], &twice), olena(None, "I live in Lviv", &[1, 3]));
    let corrected = [("Olena", "I live in Lviv"), ("Olena", "I moved to Odesa")];
    assert_eq!(changes(&[], &corrected), olena(None, "I moved to Odesa", &[2]));
}
