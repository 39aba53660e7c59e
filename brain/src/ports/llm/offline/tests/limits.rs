//! What holds for any prompt: an answer, in time, in its form.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value;

use super::super::{AnswerForm, ChatRequest};
use super::super::{MODEL, answered as complete};
use super::conversation::{message, text, transcript};
use crate::ports::llm::render::{PromptMessage, Role};

fn asked(history: &[&str], question: &str) -> String {
    let mut messages = vec![message(Role::System, String::new())];
    for said in history {
        messages.push(message(Role::User, (*said).to_owned()));
        messages.push(message(Role::Assistant, "I live in Oslo and my name is Bot.".to_owned()));
    }
    messages.push(message(Role::User, question.to_owned()));
    text(AnswerForm::Text, messages)
}

#[test]
fn what_nobody_has_told_is_not_made_up() {
    let history = ["My dog is called Rex", "My sister lives in Rome"];
    for question in
        ["What is my cat called?", "Where do I live?", "What is my name?", "Who is the president of Peru?"]
    {
        let answer = asked(&history, question);
        assert!(answer.starts_with("Nobody has told me that yet"), "{question} -> {answer}");
    }
    assert!(asked(&[], "Як мене звати?").starts_with("Мені про це ще ніхто не розповідав"));
    assert!(asked(&[], "Где я живу?").starts_with("Мне об этом ещё никто не рассказывал"));
    assert!(asked(&[], "Wie heißt mein Hund?").starts_with("Das hat mir noch niemand erzählt"));
}

#[test]
fn what_only_touches_on_a_question_is_not_told_as_its_answer() {
    let sister = asked(&["My sister Anna lives in Rome"], "Where does my brother live?");
    assert!(sister.starts_with("Nobody has told me exactly that yet."), "{sister}");
    let other = asked(&["Taras's favourite colour is blue"], "What is Anna's favourite colour?");
    assert!(other.starts_with("Nobody has told me that yet."), "{other}");
}

#[test]
fn a_question_without_a_word_of_the_statement_is_answered() {
    assert_eq!(asked(&["I'm from Cork"], "Where am I from?"), "You're from Cork.");
    assert_eq!(asked(&["My name is Anna"], "Who am I?"), "Your name is Anna.");
    assert_eq!(asked(&["I have a puppy"], "Do I have any pets?"), "You have a puppy.");
}

#[test]
fn what_the_question_itself_tells_is_known() {
    assert_eq!(asked(&[], "My dog is called Rex. What is my dog called?"), "Your dog is called Rex.");
    assert_eq!(asked(&[], "I live in Lviv\nWhere do I live?"), "You live in Lviv.");
}

#[test]
fn forwarded_words_are_their_authors() {
    let history = ["[forwarded, written by Taras] I live in Kyiv", "[photo] My cat is grey"];
    assert!(asked(&history, "Where do I live?").starts_with("Nobody has told me"));
    assert_eq!(asked(&history, "Where does Taras live?"), "Taras told me: “I live in Kyiv”");
    assert_eq!(asked(&history, "What colour is my cat?"), "Your cat is grey.");
}

#[test]
fn the_newest_word_counts() {
    for (history, question, expected, outdated) in [
        (["I live in Kyiv", "I moved to Lviv"], "Where do I live?", "Lviv", "Kyiv"),
        (["I moved to Lviv", "I live in Kyiv again"], "Where do I live?", "Kyiv", "Lviv"),
        (
            ["I like coffee", "I don't like coffee any more"],
            "Do I like coffee?",
            "don't like coffee",
            "You like coffee",
        ),
        (
            ["My favourite song is Yesterday", "My favourite song is Imagine"],
            "What is my favourite song?",
            "Imagine",
            "Yesterday",
        ),
        (
            ["Моя улюблена їжа — борщ", "Тепер моя улюблена їжа — суші"],
            "Яка моя улюблена їжа?",
            "суші",
            "борщ",
        ),
        (["Я живу в Минске", "Я переехал в Вильнюс"], "Где я живу?", "Вильнюс", "Минск"),
        (["Mein Name ist Ute", "Ich heiße jetzt Eva"], "Wie heiße ich?", "Eva", "Ute"),
    ] {
        let answer = asked(&history, question);
        assert!(answer.contains(expected) && !answer.contains(outdated), "{question} -> {answer}");
    }
}

#[test]
fn a_statement_is_taken_up_and_a_greeting_returned() {
    for (said, answer) in [
        ("I live in Lviv.", "Thank you, I will remember: you live in Lviv."),
        (
            "My name is Anna and I have a cat",
            "Thank you, Anna, I will remember: your name is Anna, you have a cat.",
        ),
        ("I am tired", "I see: you are tired."),
        ("Hi!", "Hello! What would you like to talk about?"),
        ("Мене звати Олена.", "Дякую, Олено, запам'ятаю: «Мене звати Олена»."),
        ("Ich mag Tee", "Danke, ich merke mir: „Ich mag Tee“."),
        ("Спасибо!", "Пожалуйста!"),
        ("ok", "All right!"),
    ] {
        assert_eq!(asked(&[], said), answer);
    }
    assert_eq!(asked(&["I'm Olena"], "hello"), "Hello, Olena! What would you like to talk about?");
}

#[test]
fn a_question_that_points_back_is_understood_from_the_one_before() {
    let history = [
        "My sister lives in Rome",
        "My brother lives in Oslo",
        "I live in Kyiv",
        "What is my sister called?",
    ];
    assert_eq!(asked(&history, "And where does she live?"), "Your sister lives in Rome.");
}

#[test]
fn an_empty_prompt_gets_an_answer() {
    for messages in
        [vec![], vec![message(Role::System, String::new())], vec![message(Role::User, String::new())]]
    {
        assert!(!text(AnswerForm::Text, messages.clone()).is_empty());
        assert_eq!(text(AnswerForm::FactOperations, messages), r#"{"facts":[]}"#);
    }
}

#[test]
fn an_answer_keeps_within_its_tokens_and_counts_them() {
    let messages = vec![message(Role::System, "12345".to_owned()), message(Role::User, "Hello!".to_owned())];
    let request = ChatRequest { model: "other".to_owned(), messages, form: AnswerForm::Text, max_tokens: 2 };
    let answer = complete(&request);
    assert_eq!((answer.text.as_str(), answer.model.as_str()), ("Hello! W", MODEL));
    assert_eq!((answer.tokens_in, answer.tokens_cached, answer.tokens_out), (3, 0, 2));
    let messages = transcript(&[], "Olena: I live in Lviv\nOlena: I have a cat");
    let request = ChatRequest { messages, form: AnswerForm::FactOperations, max_tokens: 40, ..request };
    let document: Value = serde_json::from_str(&complete(&request).text).expect("valid JSON");
    assert_eq!(document["facts"].as_array().map(Vec::len), Some(1));
}

#[test]
fn a_long_prompt_is_answered_quickly() {
    let line = "I bought item number 7 at the market and Taras said that the weather was fine on Monday.\n";
    let history = line.repeat(100_000 / line.len());
    let mut messages = vec![
        message(Role::System, String::new()),
        message(Role::User, history),
        message(Role::Assistant, "I see.".to_owned()),
    ];
    // Unoptimized it takes ten times as long.
    let limit = Duration::from_millis(if cfg!(debug_assertions) { 500 } else { 50 });
    for question in ["Where do I live?", "What did I buy at the market?"] {
        messages.push(message(Role::User, question.to_owned()));
        // The quickest of a few: a busy machine must not fail the test.
        let run = |_| {
            let start = Instant::now();
            text(AnswerForm::Text, messages.clone());
            start.elapsed()
        };
        let quickest = (0..5).map(run).min().expect("five runs");
        println!("{quickest:?}");
        assert!(quickest < limit, "{quickest:?}");
        messages.pop();
    }
}

fn any_line() -> impl Strategy<Value = String> {
    let words = prop::sample::select(vec![
        "I",
        "my",
        "live",
        "in",
        "Lviv",
        "name",
        "is",
        "Anna",
        "What",
        "?",
        ".",
        "\n",
        ": ",
        "- ",
        "[#3] ",
        "[f1] ",
        "я",
        "Мене",
        "звати",
        "живу",
        "у",
        "ich",
        "heiße",
        "don't",
        "'s",
        "“",
        "»",
        "5.",
        "2026-10-02",
        "[2026-10-02 14:03] Olena: ",
        "What you know:\n",
        "Earlier messages that may help, oldest first:\n",
        "\n\nThe message to answer:\n",
        "Transcript:\n",
        "Current facts:\n",
        "💙",
        "forget",
        "not",
        "moved",
        "and",
        "Lieblings",
        "ЇЖА",
        "ß",
        "İ",
    ]);
    prop_oneof![
        prop::collection::vec(words, 0..30).prop_map(|words| words.join(" ")),
        prop::collection::vec(any::<char>(), 0..60).prop_map(String::from_iter),
    ]
}

fn any_message() -> impl Strategy<Value = PromptMessage> {
    let role = prop::sample::select(vec![Role::System, Role::User, Role::Assistant]);
    (role, any_line()).prop_map(|(role, content)| message(role, content))
}

proptest! {
    #[test]
    fn any_prompt_gets_one_and_the_same_answer(messages in prop::collection::vec(any_message(), 0..6)) {
        let answer = text(AnswerForm::Text, messages.clone());
        prop_assert!(!answer.is_empty());
        prop_assert_eq!(answer, text(AnswerForm::Text, messages));
    }

    #[test]
    fn operations_name_only_facts_and_messages_that_are_there(
        known in prop::collection::vec((1..9_i64, any_line()), 0..4),
        said in prop::collection::vec(any_line(), 0..6),
        max_tokens in 0..2_000_u32,
    ) {
        let single = |line: &str| line.replace(['\n', '\r'], " ");
        let known: Vec<_> = known.iter().map(|(id, fact)| (*id, single(fact))).collect();
        let facts: Vec<_> = known.iter().map(|(id, fact)| (*id, fact.as_str())).collect();
        let said: Vec<_> = said.iter().map(|line| format!("Olena: {}", single(line))).collect();
        let messages = transcript(&facts, &said.join("\n"));
        let request = ChatRequest { model: String::new(), messages, form: AnswerForm::FactOperations, max_tokens };
        let document: Value = serde_json::from_str(&complete(&request).text).expect("valid JSON");
        for fact in document["facts"].as_array().expect("a list") {
            let sources = fact["sources"].as_array().expect("a list");
            prop_assert!(!sources.is_empty());
            for source in sources {
                let id = usize::try_from(source.as_u64().expect("an id")).expect("small");
                prop_assert!((1..=said.len()).contains(&id), "{}", fact);
            }
            let id = fact["id"].as_i64();
            prop_assert_eq!(id.is_none(), fact["op"] == "add");
            prop_assert!(id.is_none_or(|id| facts.iter().any(|(known, _)| *known == id)));
            prop_assert!(!fact["text"].as_str().expect("a text").is_empty());
        }
    }
}
