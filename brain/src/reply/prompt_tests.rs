//! What a prompt promises, for any history.

use chrono::Duration;
use proptest::prelude::*;

use super::*;
use crate::{
    ids::ChatId,
    memory::{Author, FactKind, Scope},
    ports::llm::{
        Prompt,
        render::{PromptMessage, Role},
    },
};

fn said(id: i64, author: Author, text: &str) -> Remembered {
    Remembered {
        id: HistoryId(id),
        author,
        speaker: (author == Author::User).then(|| "Olena".to_owned()),
        text: text.to_owned(),
        said_at: DateTime::<Utc>::UNIX_EPOCH + Duration::minutes(id),
    }
}

fn rendered(prompt: &Assembled) -> Vec<PromptMessage> {
    render::messages(&Prompt::Reply(prompt.prompt.clone()))
}

fn words(text: &str) -> usize {
    text.split_whitespace().count()
}

fn input<'a>(short_term: &'a [Remembered], recalled: &'a [Remembered], current: &'a str) -> PromptInput<'a> {
    PromptInput {
        is_group: false,
        rules: &[],
        facts: &[],
        narrative: None,
        short_term,
        recalled,
        speaker: "Olena",
        asked_at: DateTime::<Utc>::UNIX_EPOCH,
        quoted: None,
        current,
    }
}

fn fact(number: i32, text: &str) -> Fact {
    Fact {
        id: i64::from(number) * 10,
        number,
        text: text.to_owned(),
        kind: FactKind::Person,
        about: None,
        learned_in: ChatId(1),
        scope: Scope::Chat,
        valid_from: DateTime::<Utc>::UNIX_EPOCH,
        valid_to: None,
        confirmed: false,
    }
}

#[test]
fn guidelines_rules_facts_recent_recalled_current_stand_in_this_order() {
    let (recent, old) = ([said(5, Author::User, "recently")], [said(1, Author::User, "long ago")]);
    let (rules, facts) =
        (["be brief".to_owned()], [fact(2, "Olena has a cat"), fact(1, "Olena lives in Lviv")]);
    let asked = PromptInput {
        rules: &rules,
        facts: &facts,
        narrative: Some("they met"),
        ..input(&recent, &old, "what now")
    };
    let prompt = assemble(&asked, Budget::REPLY, words);
    let whole: String = rendered(&prompt).iter().map(|message| message.content.as_str()).collect();
    let parts = [
        "Guidelines:",
        "\nRules:\n- be brief\n",
        "\nWhat you know:\n- [1970-01-01] Olena lives in Lviv\n- [1970-01-01] Olena has a cat\n",
        "The conversation so far: they met",
        "recently",
        "long ago",
        "what now",
    ];
    let places: Vec<usize> =
        parts.iter().map(|part| whole.find(part).unwrap_or_else(|| panic!("{part} in {whole}"))).collect();
    assert!(places.is_sorted(), "{places:?} {whole}");
    assert_eq!(prompt.record["facts"], json!([10, 20]));
}

#[test]
fn in_a_group_each_line_is_named_and_in_a_private_chat_none() {
    let history = [said(1, Author::User, "hi"), said(2, Author::Assistant, "hello")];
    let mut asked = input(&history, &[], "again");
    assert_eq!(rendered(&assemble(&asked, Budget::REPLY, words))[1].content, "hi");
    asked.is_group = true;
    let messages = rendered(&assemble(&asked, Budget::REPLY, words));
    assert_eq!(messages[1].content, "Olena: hi");
    assert_eq!(messages[2].content, "hello");
    assert_eq!(messages[3].content, "Olena: again");
}

#[test]
fn the_beginning_stays_the_same_while_messages_are_added() {
    let history: Vec<Remembered> = (0..400)
        .map(|id| {
            said(
                id,
                if id % 2 == 0 { Author::User } else { Author::Assistant },
                "one two three four five six",
            )
        })
        .collect();
    let budget = Budget { total: 1000, facts: 0, recalled: 0 };
    let first = |length: usize| {
        assemble(&input(&history[..length], &[], "now"), budget, words).record["short_term"][0].clone()
    };
    let beginnings: Vec<_> = (300..340).map(first).collect();
    let changes = beginnings.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert!(changes <= 2, "the window moved {changes} times in 40 messages");
}

/// All that a prompt can hold, in a chat of any kind.
fn whole_prompt(is_group: bool) -> Vec<PromptMessage> {
    let history = [
        said(1, Author::User, "hi\nall"),
        said(2, Author::User, "I moved"),
        said(3, Author::Assistant, "Where to?"),
        Remembered { speaker: None, ..said(4, Author::User, "To Lviv\n- [2026-01-01] and more") },
    ];
    let old = [
        said(-3, Author::User, "The wifi is slow"),
        said(-2, Author::Assistant, "Is it?\nReally?"),
        Remembered { speaker: None, ..said(-1, Author::User, "yes") },
    ];
    let rules = ["be brief\nand kind".to_owned(), "no jokes".to_owned()];
    let quoted = Quoted { author: Some("Taras".into()), text: "Where\nare you?".into() };
    let asked = PromptInput {
        is_group,
        rules: &rules,
        facts: &[fact(2, "Olena has a cat"), fact(1, "Olena lives in Lviv")],
        narrative: Some("They met.\nThey talked."),
        quoted: Some(&quoted),
        ..input(&history, &old, "and now?\nReally")
    };
    rendered(&assemble(&asked, Budget::REPLY, words))
}

fn written(messages: &[PromptMessage]) -> String {
    messages
        .iter()
        .map(|message| format!("=== {:?}\n{}\n", message.role, message.content))
        .collect::<Vec<_>>()
        .concat()
}

#[test]
fn a_prompt_reads_exactly_like_this() {
    assert_eq!(written(&whole_prompt(false)), include_str!("prompt_tests/private.txt"));
    assert_eq!(written(&whole_prompt(true)), include_str!("prompt_tests/group.txt"));
    let plain = rendered(&assemble(&input(&[], &[], "hello"), Budget::REPLY, words));
    assert_eq!(written(&plain), include_str!("prompt_tests/plain.txt"));
}

proptest! {
    #[test]
    fn never_over_the_budget_current_always_in_roles_alternate(
        texts in prop::collection::vec(("[a-z ]{0,80}", any::<bool>()), 0..60),
        recalled in prop::collection::vec("[a-z ]{1,60}", 0..20),
        current in "[a-z ]{1,60}",
        facts in prop::collection::vec("[a-z ]{1,60}", 0..20),
        rule in "[a-z ]{1,60}",
        room in 0usize..600,
    ) {
        let rules = [rule];
        let facts: Vec<Fact> = facts.iter().zip(1..).map(|(text, number)| fact(number, text)).collect();
        let history: Vec<Remembered> = texts.iter().enumerate()
            .map(|(id, (text, user))| said(i64::try_from(id).unwrap(), if *user { Author::User } else { Author::Assistant }, text))
            .collect();
        let old: Vec<Remembered> = recalled.iter().enumerate()
            .map(|(id, text)| said(i64::try_from(id).unwrap() - 1000, Author::User, text)).collect();
        let fixed = words(&guidelines(false)) + words(&render::rules(&rules)) + words(&current) + 2 * PER_MESSAGE;
        let budget = Budget { total: fixed + room, facts: 100, recalled: 100 };
        let asked = PromptInput { rules: &rules, facts: &facts, narrative: Some("so far so good"), ..input(&history, &old, &current) };
        let prompt = assemble(&asked, budget, words);

        let messages = rendered(&prompt);
        let counted: usize = messages.iter().map(|message| words(&message.content)).sum();
        prop_assert!(prompt.tokens <= budget.total && counted <= prompt.tokens, "{counted} {} {}", prompt.tokens, budget.total);
        prop_assert!(messages.last().unwrap().content.ends_with(&current));
        prop_assert_eq!(messages[0].role, Role::System);
        prop_assert!(messages[0].content.contains(&render::rules(&rules)));
        prop_assert_eq!(messages.last().unwrap().role, Role::User);
        prop_assert!(messages.windows(2).all(|pair| pair[0].role != pair[1].role));
        let dropped = prompt.record["dropped"]["short_term"].as_u64().unwrap();
        prop_assert!(dropped == 0 || prompt.record["recalled"].as_array().unwrap().is_empty() || room > 0);
        let facts_dropped = prompt.record["dropped"]["facts"].as_u64().unwrap();
        let facts_size = prompt.record["sections"]["facts"].as_u64().unwrap();
        let all_facts = known(&facts, None, usize::MAX, words).tokens as u64;
        prop_assert!(facts_dropped == 0 || facts_size + all_facts > (room as u64).min(100), "facts go last");
    }
}
