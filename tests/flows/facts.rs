//! Facts: learned once with their sources, seen, corrected, shared and forgotten by the people whom they are about.

use std::sync::atomic::{AtomicUsize, Ordering};

use brain::jobs::{AnalyzeAccount, SummarizeChat};
use chrono::Duration;
use serde_json::json;

use crate::{
    accounts::register,
    support::{
        app::App,
        reading::{Shown, add, retire, update},
        updates::{self, FAMILY, OLENA, Person, TARAS},
    },
};

/// Counts through every wording and order, from wherever the run began.
static TURN: AtomicUsize = AtomicUsize::new(0);

fn next_of(choices: usize) -> usize {
    let began = std::process::id() as usize;
    (began + TURN.fetch_add(1, Ordering::Relaxed)) % choices
}

/// Reads "I live in X" and "I moved to X", in words and in an order that change from run to run.
fn homes(shown: &Shown) -> Vec<serde_json::Value> {
    let mut operations = Vec::new();
    for line in &shown.lines {
        let Some(place) = line.text.rsplit_once("live in ").or_else(|| line.text.rsplit_once("moved to "))
        else {
            continue;
        };
        let wordings = [
            format!("{} lives in {}", line.speaker, place.1),
            format!("{}'s home is {}", line.speaker, place.1),
            format!("{} is the town where {} lives", place.1, line.speaker),
        ];
        let text = &wordings[next_of(3)];
        operations.push(match (shown.fact(&line.speaker), next_of(3)) {
            (None, _) => vec![add(text, &[line.id])],
            (Some(number), 0) => vec![update(number, text, &[line.id])],
            (Some(number), 1) => vec![retire(number, &[line.id]), add(text, &[line.id])],
            (Some(number), _) => vec![add(text, &[line.id]), retire(number, &[line.id])],
        });
    }
    operations.concat()
}

async fn analyze(app: &App) {
    app.run_job(&AnalyzeAccount::default()).await;
}

/// Olena's private chat and her family's group are of one account, and in the group she has said that she lives in Kyiv.
async fn kyiv_in_the_group() -> App {
    let app = App::start().await;
    app.read_with(homes);
    app.says_in(OLENA, &updates::group(FAMILY), "I live in Kyiv", &json!({})).await;
    app.run_pending_jobs().await;
    app.ask(OLENA, "hi").await;
    app.join_accounts(OLENA.id, FAMILY).await;
    analyze(&app).await;
    app
}

#[tokio::test]
async fn a_contradiction_keeps_the_past_with_dates_and_the_prompt_has_what_is_true_now() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    assert!(register(&app, OLENA, "olena@example.com").await, "a temporary account does not live so long");
    analyze(&app).await;
    app.clock.advance(Duration::days(20));
    app.ask(OLENA, "I moved to Lviv").await;
    analyze(&app).await;

    let now = app.facts_in(OLENA.id).await;
    assert!(now.len() == 1 && now[0].contains("Lviv"), "{now:?}");
    app.clock.advance(Duration::days(1));
    app.ask(OLENA, "where am I at home?").await;
    let known = app.last_prompt();
    let known = &known[known.find("What you know:").unwrap()..];
    assert!(known.contains("- [2026-12-12]") && known.contains("Lviv"), "{known}");
    assert!(!known[..known.find("user:").unwrap()].contains("Kyiv"), "{known}");

    let all = &app.ask(OLENA, "/historycontext").await[0];
    assert!(all.contains("22 November 2026 to 12 December 2026; Olena on 22 November 2026"), "{all}");
    assert!(all.contains("since 12 December 2026"), "{all}");
}

#[tokio::test]
async fn the_same_messages_are_read_once_and_only_what_is_new_is_sent() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    analyze(&app).await;
    app.fill(OLENA.id, 1000, app.now()).await;
    analyze(&app).await;
    let before = app.readings().len();
    for _ in 0..2 {
        analyze(&app).await;
        app.run_job(&SummarizeChat {
            chat_id: brain::ids::ChatId(OLENA.id),
            thread_id: brain::ids::ThreadId(0),
        })
        .await;
    }
    assert_eq!(app.readings().len(), before, "nothing new, no call");
    let read: Vec<i64> =
        app.readings().iter().flat_map(|shown| shown.lines.iter().map(|line| line.id)).collect();
    let mut once = read.clone();
    once.sort_unstable();
    once.dedup();
    assert_eq!((read.len(), once.len()), (1002, 1002), "each message once");
    app.ask(OLENA, "I live in Kyiv, as I said").await;
    analyze(&app).await;
    assert_eq!(app.readings().last().unwrap().lines.len(), 2);
    assert_eq!(app.facts_in(OLENA.id).await.len(), 1);
}

#[tokio::test]
async fn the_same_answer_twice_gives_the_same_facts() {
    let app = App::start().await;
    app.read_with(|shown| {
        let said: Vec<i64> =
            shown.lines.iter().filter(|line| line.speaker != "PykhBrain").map(|line| line.id).collect();
        let facts = ["Olena has a cat", "The cat has Olena", "Olena plays chess", "olena has a CAT."];
        facts.map(|fact| add(fact, &said)).to_vec()
    });
    for text in ["one", "two", "three"] {
        app.ask(OLENA, text).await;
        analyze(&app).await;
    }
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena has a cat", "Olena plays chess"]);
    let all = &app.ask(OLENA, "/historycontext").await[0];
    assert!(
        all.contains(
            "1. Olena has a cat (since 22 November 2026; Olena on 22 November 2026 and 2 messages more)"
        ),
        "{all}"
    );
}

#[tokio::test]
async fn a_private_fact_is_never_in_a_group_s_prompt_until_it_is_shared() {
    let app = App::start().await;
    app.read_with(|shown| {
        shown
            .lines
            .iter()
            .filter(|line| line.text.contains("secret"))
            .map(|line| add("Olena plans a surprise", &[line.id]))
            .collect()
    });
    app.ask(OLENA, "this is my secret").await;
    app.says_in(OLENA, &updates::group(FAMILY), "hello all", &json!({})).await;
    app.run_pending_jobs().await;
    app.join_accounts(FAMILY, OLENA.id).await;
    analyze(&app).await;
    let group_prompt = async || {
        app.says_in(OLENA, &updates::group(FAMILY), "/context", &json!({})).await;
        app.says_in(OLENA, &updates::group(FAMILY), "@pykhbrain_test_bot what is planned?", &json!({})).await;
        app.run_pending_jobs().await;
        format!("{:?} {}", app.seen_in(FAMILY), app.last_prompt())
    };
    assert!(app.ask(OLENA, "/context").await[0].contains("1. Olena plans a surprise"));
    assert!(!group_prompt().await.contains("surprise"));
    assert!(app.ask(OLENA, "/share 1").await[0].contains("all chats of this account may know"));
    assert!(group_prompt().await.contains("- [2026-11-22] Olena plans a surprise"));
}

#[tokio::test]
async fn what_is_said_in_private_corrects_a_group_s_fact_there_and_nowhere_else() {
    let app = kyiv_in_the_group().await;
    app.read_with(|shown| {
        let Some(number) = shown.fact("Kyiv") else { return vec![] };
        let said = shown.lines.iter().filter(|line| line.text.contains("moved"));
        said.flat_map(|line| [update(number, "Olena lives in Lviv", &[line.id]), retire(number, &[line.id])])
            .collect()
    });
    app.ask(OLENA, "I moved to Lviv, nobody knows yet").await;
    analyze(&app).await;
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena lives in Lviv"]);
    let group = app.facts_in(FAMILY).await;
    assert!(group.len() == 1 && group[0].contains("Kyiv"), "{group:?}");
    app.ask(OLENA, "/share 2").await;
    assert_eq!(app.facts_in(FAMILY).await, ["Olena lives in Lviv"]);
}

#[tokio::test]
async fn a_correction_of_a_private_correction_does_not_bring_the_group_s_fact_back() {
    let app = kyiv_in_the_group().await;
    for place in ["Lviv", "Odesa", "Kyiv"] {
        app.clock.advance(Duration::hours(1));
        app.ask(OLENA, &format!("I moved to {place}")).await;
        analyze(&app).await;
        let facts = app.facts_in(OLENA.id).await;
        assert!(facts.len() == 1 && facts[0].contains(place), "{place}: {facts:?}");
        assert!(app.facts_in(FAMILY).await[0].contains("Kyiv"));
    }
    // The account may know it in the same words already; either way the chat goes on.
    let number = app
        .count("select max(number)::bigint from history_context where scope = 'chat' and valid_to is null")
        .await;
    assert_eq!(app.ask(OLENA, &format!("/share {number}")).await.len(), 1);
    assert!(app.facts_in(FAMILY).await.iter().all(|fact| fact.contains("Kyiv")));
    assert_eq!(app.ask(OLENA, "still there?").await, ["You said: still there?"]);
}

#[tokio::test]
async fn a_number_is_not_used_again() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    analyze(&app).await;
    app.ask(OLENA, "/forget 1").await;
    app.ask(OLENA, "/forget 1").await;
    let questions = app.telegram.sent_to(OLENA.id);
    app.press(OLENA, "Forget it").await;
    app.clock.advance(Duration::minutes(1));
    app.ask(OLENA, "I live in Lviv").await;
    analyze(&app).await;
    let older = questions.iter().rev().find(|sent| sent.key("Forget it").is_some()).unwrap();
    app.presses(OLENA, &questions[questions.len() - 2], "Forget it").await;
    app.presses(OLENA, older, "Forget it").await;
    app.run_pending_jobs().await;
    assert_eq!(app.facts_in(OLENA.id).await.len(), 1, "the other question was about another fact");
}

#[tokio::test]
async fn a_forgotten_fact_does_not_come_back_from_old_messages_and_does_when_said_again() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    app.ask(TARAS, "I live in Kyiv").await;
    analyze(&app).await;
    let question = app.ask(OLENA, "/forget 1").await;
    assert!(
        question[0].contains("This would be gone for good:") && question[0].contains("Kyiv"),
        "{question:?}"
    );
    assert_eq!(app.facts_in(OLENA.id).await.len(), 1, "nothing is gone before it is confirmed");
    app.press(OLENA, "Forget it").await;
    assert!(app.facts_in(OLENA.id).await.is_empty());
    assert_eq!(app.facts_in(TARAS.id).await.len(), 1, "another's fact stays");

    // Everything is read once more, as after an import or a lost mark.
    sqlx::query("update conversations set read_through = 0").execute(&app.pool).await.unwrap();
    analyze(&app).await;
    assert!(app.facts_in(OLENA.id).await.is_empty());
    assert_eq!(app.count("select count(*) from forgotten_facts where words::text ilike '%kyiv%'").await, 0);
    app.clock.advance(Duration::minutes(1));
    app.ask(OLENA, "I live in Kyiv again").await;
    analyze(&app).await;
    assert_eq!(app.facts_in(OLENA.id).await.len(), 1);
}

#[tokio::test]
async fn a_fact_and_its_messages_are_gone_from_every_table() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "/notify on").await;
    app.ask(OLENA, "I live in Zhmerynka").await;
    app.ask(OLENA, "the weather is fine").await;
    analyze(&app).await;
    app.ask(OLENA, "/context").await;
    app.ask(OLENA, "/forget zhmer").await;
    app.press(OLENA, "Forget it and its messages").await;
    assert!(
        app.seen_in(OLENA.id).last().unwrap().contains("Forgotten: 1 fact and 2 messages"),
        "{:?}",
        app.seen_in(OLENA.id)
    );
    for place in [
        "select count(*) from history_context t where t::text ilike '%zhmer%'",
        "select count(*) from chat_history t where t::text ilike '%zhmer%'",
        "select count(*) from outgoing_messages t where t::text ilike '%zhmer%'",
        "select count(*) from llm_usage t where t::text ilike '%zhmer%'",
        "select count(*) from account_chats t where t::text ilike '%zhmer%'",
        "select count(*) from audit_log t where t::text ilike '%zhmer%'",
        "select count(*) from apalis.jobs t where convert_from(t.job, 'UTF8') ilike '%zhmer%'",
    ] {
        assert_eq!(app.count(place).await, 0, "{place}");
    }
    let raw = "select count(*) from telegram_updates where convert_from(body, 'UTF8') ilike '%zhmer%'";
    assert_eq!(app.count(raw).await, 0);
    assert_eq!(app.count("select count(*) from chat_history where content ilike '%weather%'").await, 2);
}

#[tokio::test]
async fn a_fact_whose_only_message_goes_with_another_fact_goes_too_and_is_shown_before() {
    let app = App::start().await;
    app.read_with(|shown| {
        let said =
            |words: &str| shown.lines.iter().find(|line| line.text.contains(words)).map(|line| line.id);
        let (Some(both), Some(cat)) = (said("Rex"), said("purrs")) else { return vec![] };
        vec![
            add("Olena has a dog", &[both]),
            add("Olena has a cat", &[both, cat]),
            add("The dog is called Rex", &[both]),
        ]
    });
    app.ask(OLENA, "I have a cat, and a dog called Rex").await;
    app.ask(OLENA, "my cat purrs").await;
    analyze(&app).await;
    let question = &app.ask(OLENA, "/forget 1").await[0];
    assert!(
        question.contains("With the messages, this would be gone too:\n3. The dog is called Rex"),
        "{question}"
    );
    app.press(OLENA, "Forget it and its messages").await;
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena has a cat"], "it has another source");
}

#[tokio::test]
async fn forgetting_everything_wants_a_typed_confirmation_and_gives_a_receipt() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    app.ask(TARAS, "I live in Odesa").await;
    analyze(&app).await;
    for unsure in ["/forget all", "/forget all yes"] {
        assert!(app.ask(OLENA, unsure).await[0].contains("/forget all yes, delete everything"));
    }
    assert_eq!(app.count("select count(*) from chat_history where telegram_chat_id = 1001").await, 2);
    let receipt = app.ask(OLENA, "/forget all yes, delete everything").await;
    assert!(receipt[0].contains("2 messages, 1 facts"), "{receipt:?}");
    assert!(app.ask(OLENA, "/wholehistory").await[0].contains("is empty"));
    assert!(app.ask(OLENA, "/context").await[0].contains("I know no facts here yet"));
    assert_eq!(app.facts_in(TARAS.id).await.len(), 1);
    assert_eq!(
        app.count(
            "select count(*) from telegram_updates where convert_from(body, 'UTF8') ilike '%I live in Kyiv%'"
        )
        .await,
        0
    );
    let by_olena = "select count(*) from audit_log where action = 'forget_all' and actor = 'telegram:1001'";
    assert_eq!(app.count(by_olena).await, 1);
    app.ask(OLENA, "hello again").await;
    assert!(!app.last_prompt().contains("Kyiv"));
}

#[tokio::test]
async fn new_facts_are_announced_where_that_is_wanted_and_can_be_kept_fixed_and_forgotten() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    analyze(&app).await;
    assert!(!app.seen_in(OLENA.id).iter().any(|text| text.contains("I will remember")), "off by default");
    app.ask(OLENA, "/notify on").await;
    app.ask(OLENA, "I moved to Lviv").await;
    analyze(&app).await;
    let announced =
        app.seen_in(OLENA.id).into_iter().filter(|text| text.starts_with("I will remember: ")).count();
    assert_eq!(announced, 1);
    app.press(OLENA, "Keep").await;
    assert_eq!(app.count("select count(*) from history_context where number = 2 and confirmed").await, 1);
    assert!(app.ask(OLENA, "/fix 2 Olena lives in Lviv since October").await[0].contains("Corrected"));
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena lives in Lviv since October"]);
}

#[tokio::test]
async fn an_edited_message_takes_its_fact_back_and_brings_the_right_one() {
    let app = App::start().await;
    app.read_with(homes);
    let message = app.says(OLENA, "I live in Kyiv").await;
    app.run_pending_jobs().await;
    analyze(&app).await;
    assert_eq!(app.facts_in(OLENA.id).await.len(), 1);
    let edited = updates::message(
        message,
        OLENA,
        &OLENA.chat(),
        "I live in Kharkiv",
        app.now(),
        &json!({"edit_date": app.now().timestamp()}),
    );
    app.deliver(&app.update("edited_message", &edited)).await;
    app.run_pending_jobs().await;
    analyze(&app).await;
    let facts = app.facts_in(OLENA.id).await;
    assert!(facts.len() == 1 && facts[0].contains("Kharkiv"), "{facts:?}");
    assert_eq!(app.count("select count(*) from edited_messages").await, 0);
}

#[tokio::test]
async fn a_bad_answer_is_asked_again_with_the_reason_and_nothing_counts_as_read_until_one_is_good() {
    let app = App::start().await;
    app.ask(OLENA, "I live in Kyiv").await;
    app.llm.answer_with(|_| "I found nothing special.".into());
    analyze(&app).await;
    let requests = app.llm.requests();
    assert_eq!(app.readings().len(), 3, "asked three times");
    assert!(
        requests
            .last()
            .unwrap()
            .last_user_message()
            .contains("Your answer cannot be used: it is not the JSON document")
    );
    assert_eq!(app.count("select read_through from conversations").await, 0);
    assert_eq!(
        app.count("select count(*) from llm_usage where purpose = 'analysis' and outcome = 'unusable'").await,
        3
    );
    assert_eq!(app.count("select count(*) from apalis.jobs where job_type = 'analyze_account' and run_at > now() + interval '50 minutes'").await, 1);

    app.read_with(homes);
    sqlx::query("update apalis.jobs set run_at = now() where job_type = 'analyze_account'")
        .execute(&app.pool)
        .await
        .unwrap();
    app.run_memory_jobs().await;
    assert_eq!(app.facts_in(OLENA.id).await.len(), 1);
}

#[tokio::test]
async fn why_names_the_facts_and_the_messages_of_an_answer() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv, near the botanical garden").await;
    analyze(&app).await;
    assert!(
        app.ask(OLENA, "/why").await[0].contains("The conversation's last")
            || app.seen_in(OLENA.id).last().unwrap().contains("Nothing else")
    );
    app.clock.advance(Duration::days(2));
    app.ask(OLENA, "tell me about the botanical garden").await;
    let why = &app.ask(OLENA, "/why").await[0];
    assert!(why.contains("Into my answer of 24 November 2026, 12:00 UTC went:"), "{why}");
    assert!(why.contains("Facts:\n1. ") && why.contains("(since 22 November 2026)"), "{why}");
    assert!(why.contains("Earlier messages:\n- 22 November 2026, 12:00 UTC, Olena: I live in Kyiv"), "{why}");
}

#[tokio::test]
async fn analyze_reports_what_it_came_to_once() {
    let app = App::start().await;
    app.read_with(homes);
    app.ask(OLENA, "I live in Kyiv").await;
    assert!(app.ask(OLENA, "/analyze").await[0].contains("I am reading what is new"));
    app.run_memory_jobs().await;
    assert!(app.seen_in(OLENA.id).last().unwrap().contains("Facts: 1 added, 0 changed, 0 retired"));
    assert!(app.ask(OLENA, "/analyze").await[0].contains("nothing new"));
    app.ask(OLENA, "I moved to Lviv").await;
    app.ask(OLENA, "/analyze").await;
    app.ask(OLENA, "/analyze").await;
    app.run_memory_jobs().await;
    let reports = app.seen_in(OLENA.id).iter().filter(|text| text.contains("I have read everything")).count();
    assert_eq!(reports, 2);
}

#[tokio::test]
async fn rules_stand_by_category_and_an_inactive_one_is_not_in_the_prompt() {
    let app = App::start().await;
    app.ask(OLENA, "hello").await;
    let rules = &app.ask(OLENA, "/rules").await[0];
    for line in [
        "Language\n- Answer in the language",
        "Personalization\n- When you learn",
        "Memory\n- Keep track of what was shared",
    ] {
        assert!(rules.contains(line), "{rules}");
    }
    sqlx::query("update bot_rules set is_active = false where category = 'Memory'")
        .execute(&app.pool)
        .await
        .unwrap();
    sqlx::query("insert into bot_rules (account_id, category, content, priority) select id, 'Tone', 'Speak like a pirate.', 99 from accounts")
        .execute(&app.pool)
        .await
        .unwrap();
    app.ask(OLENA, "again").await;
    let prompt = app.last_prompt();
    assert!(prompt.contains("Rules:\n- Speak like a pirate.\n- Answer in the language"), "{prompt}");
    assert!(!prompt.contains("Keep track of what was shared"), "{prompt}");
    assert!(
        app.ask(OLENA, "/rules").await[0]
            .contains("Keep track of what was shared in the conversation, and use it. (priority 10) (off)")
    );
}

#[tokio::test]
async fn ten_speakers_are_told_apart() {
    let app = App::start().await;
    app.read_with(homes);
    for (id, name) in (3001..).zip(["Ann", "Bob", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon"]) {
        app.says_in(
            Person { id, name },
            &updates::group(FAMILY),
            &format!("I live in {name}town"),
            &json!({}),
        )
        .await;
    }
    app.run_pending_jobs().await;
    analyze(&app).await;
    let facts = app.facts_in(FAMILY).await;
    assert_eq!(facts.len(), 10, "{facts:?}");
    assert!(
        facts.iter().all(|fact| ["Ann", "Bob", "Cyd", "Dan", "Eve", "Fay", "Gus", "Hal", "Ida", "Jon"]
            .iter()
            .any(|name| fact.contains(&format!("{name}town"))
                && fact.replace(&format!("{name}town"), "").contains(name))),
        "{facts:?}"
    );
}
