//! Fact operations: what is added, updated, retired and left alone.

use serde_json::{Value, json};

use super::super::AnswerForm;
use super::conversation::{text, transcript};

fn operations(known: &[(i64, &str)], said: &str) -> Vec<Value> {
    let json = text(AnswerForm::FactOperations, transcript(known, said));
    let document: Value = serde_json::from_str(&json).expect("valid JSON");
    document["facts"].as_array().expect("a list").clone()
}

/// Operation, fact and sources of each.
fn brief(known: &[(i64, &str)], said: &str) -> Vec<(String, Value, String, Value)> {
    let brief = |fact: Value| {
        let word = |name: &str| fact[name].as_str().unwrap_or_default().to_owned();
        (word("op"), fact["id"].clone(), word("text"), fact["sources"].clone())
    };
    operations(known, said).into_iter().map(brief).collect()
}

fn one(op: &str, id: Value, text: &str, sources: Value) -> Vec<(String, Value, String, Value)> {
    vec![(op.to_owned(), id, text.to_owned(), sources)]
}

#[test]
fn a_fact_has_every_field_of_the_format() {
    assert_eq!(
        operations(&[], "Olena: Hi!\nOlena: I live in Lviv."),
        [json!({
            "op": "add", "id": null, "text": "Olena lives in Lviv", "kind": "person", "about": "Olena", "sources": [2]
        })]
    );
}

#[test]
fn what_has_changed_updates_its_fact() {
    let known =
        [(12, "Olena lives in Kyiv"), (13, "Olena likes coffee"), (14, "Olena's phone number is 111")];
    for (said, id, fact) in [
        ("I moved to Lviv", 12, "Olena moved to Lviv"),
        ("I don't like coffee any more", 13, "Olena doesn't like coffee any more"),
        ("My new phone is 222", 14, "Olena's new phone is 222"),
    ] {
        assert_eq!(brief(&known, &format!("Olena: {said}")), one("update", json!(id), fact, json!([1])));
    }
    let known = [(5, "Олена каже: «Мій улюблений колір — синій»"), (6, "Тарас живе у Києві")];
    assert_eq!(
        brief(&known, "Олена: Тепер мій улюблений колір зелений"),
        one("update", json!(5), "Олена каже: «Тепер мій улюблений колір зелений»", json!([1]))
    );
    assert_eq!(
        brief(&known, "Тарас: Я переїхав до Львова"),
        one("update", json!(6), "Тарас переїхав до Львова", json!([1]))
    );
}

#[test]
fn another_persons_word_changes_nothing_of_ones_own() {
    let known = [(12, "Olena lives in Kyiv"), (13, "Olena likes coffee")];
    assert_eq!(
        brief(&known, "Taras: Now I like coffee"),
        one("add", Value::Null, "Now Taras likes coffee", json!([1]))
    );
    assert!(operations(&known, "Taras: Forget that Olena lives in Kyiv").is_empty());
    assert_eq!(
        brief(&known, "Taras: I moved to Lviv"),
        one("add", Value::Null, "Taras moved to Lviv", json!([1]))
    );
}

#[test]
fn what_is_known_already_changes_nothing() {
    let said = "Olena: I live in Lviv\nOlena: Моя сестра живе в Одесі\nOlena: I'm allergic to nuts";
    let first = operations(&[], said);
    let texts: Vec<_> = first.iter().map(|fact| fact["text"].as_str().expect("a text")).collect();
    let known: Vec<_> = (1..).zip(texts).collect();
    assert_eq!(known.len(), 3);
    assert!(operations(&known, said).is_empty());
}

#[test]
fn a_fact_said_twice_has_two_sources_and_a_corrected_one_its_last_word() {
    assert_eq!(
        brief(&[], "Olena: I live in Lviv\nTaras: nice\nOlena: i live in Lviv!"),
        one("add", Value::Null, "Olena lives in Lviv", json!([1, 3]))
    );
    assert_eq!(
        brief(&[], "Olena: I live in Lviv\nOlena: I moved to Odesa"),
        one("add", Value::Null, "Olena moved to Odesa", json!([2]))
    );
}

#[test]
fn the_bots_words_questions_and_small_talk_are_no_facts() {
    let said =
        "PykhBrain: I live in Lviv\nOlena: Do I live in Lviv?\nOlena: where does Taras live\nOlena: ok thanks
        Olena: /start I live in Lviv
        Olena: [forwarded, written by Taras] I live in Lviv\nOlena: I am so tired today";
    assert!(operations(&[], said).is_empty());
}

#[test]
fn a_day_is_kept_with_what_counts_from_it() {
    assert_eq!(
        brief(&[], "Olena: Tomorrow I fly to Rome"),
        one("add", Value::Null, "Tomorrow Olena flies to Rome (said on 2026-09-03)", json!([1]))
    );
}

#[test]
fn what_is_to_be_forgotten_is_retired() {
    let known = [(3, "Olena likes jazz"), (4, "Olena lives in Lviv")];
    assert_eq!(
        brief(&known, "Olena: Forget that I like jazz"),
        one("retire", json!(3), "Olena likes jazz", json!([1]))
    );
}
