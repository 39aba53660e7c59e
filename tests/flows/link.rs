//! Several chats of one account: a code in one, the code in another, and everything of the second is in the account of the first.

use brain::{
    db::link::{self, Joined, Looked},
    ids::{AccountId, ChatId},
    jobs::AnalyzeAccount,
    sign_in::Prover,
};
use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    accounts::{account_of, register},
    expiry::{fill, rows},
    support::{
        app::App,
        people,
        reading::{Shown, add},
        updates::{FAMILY, OLENA, Person, TARAS, group},
    },
};

/// Every "note: something" that somebody says is a fact.
fn notes(shown: &Shown) -> Vec<Value> {
    let noted = |text: &str| text.split_once("note: ").map(|(_, note)| note.to_owned());
    shown.lines.iter().filter_map(|line| Some(add(&noted(&line.text)?, &[line.id]))).collect()
}

async fn analyze(app: &App) {
    app.run_job(&AnalyzeAccount::default()).await;
}

/// Olena has a permanent account with her private chat in it.
async fn olena_has_an_account() -> App {
    let app = App::start().await;
    app.read_with(notes);
    app.ask(OLENA, "note: Olena sings").await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    app
}

/// The code that `/link` gives in a private chat.
async fn code(app: &App, person: Person) -> String {
    let said = app.ask(person, "/link").await.remove(0);
    code_in(&said).unwrap_or_else(|| panic!("no code: {said}"))
}

fn code_in(said: &str) -> Option<String> {
    said.lines().find_map(|line| line.strip_prefix("/link ")).map(str::to_owned)
}

async fn say_in_family(app: &App, from: Person, text: &str) -> Vec<String> {
    let before = app.seen_in(FAMILY).len();
    app.says_in(from, &group(FAMILY), text, &json!({})).await;
    app.run_pending_jobs().await;
    app.seen_in(FAMILY).split_off(before)
}

#[tokio::test]
async fn a_group_joins_with_everything_that_it_has() {
    let app = olena_has_an_account().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    say_in_family(&app, TARAS, "@pykhbrain_test_bot note: Taras has a boat").await;
    say_in_family(&app, TARAS, "@pykhbrain_test_bot note: Olena sings").await;
    say_in_family(&app, OLENA, "/session long").await;
    analyze(&app).await;
    let (account, old) = (account_of(&app, OLENA.id).await, account_of(&app, FAMILY).await);
    fill(&app, old, FAMILY, 7).await;
    sqlx::query("update account_chats set narrative = 'They sail.' where telegram_chat_id = $1")
        .bind(FAMILY)
        .execute(&app.pool)
        .await
        .unwrap();
    let before = rows(&app, old, FAMILY).await;

    let code = code(&app, OLENA).await;
    app.joins(OLENA, &group(FAMILY), &code.to_lowercase().replace('-', " ")).await;

    assert_eq!(account_of(&app, FAMILY).await, account);
    for (table, count) in rows(&app, old, 0).await {
        assert_eq!(
            count,
            i64::from(table == "audit_log") * 2,
            "what was done to it stays, the rest has moved: {table}"
        );
    }
    // Everything of the chat is there once; her account had three rules like the group's, and the fact that she sings.
    let after = rows(&app, AccountId(0), FAMILY).await;
    for (table, count) in before {
        let moved = after.iter().find(|(name, _)| *name == table).unwrap().1;
        let expected = match table.as_str() {
            "accounts" | "temporary_accounts" | "bot_rules" | "account_settings" | "account_models"
            | "model_consents" | "usage_days" | "invitations" | "notices" => 0,
            // Of the messages: what it would join, and that it has.
            "audit_log" | "outgoing_messages" => count + 2,
            "chat_turns" => 1,
            _ => count,
        };
        assert_eq!(moved, expected, "{table}");
    }
    assert_eq!(app.count("select count(*) from bot_rules").await, 3);
    assert_eq!(app.count("select count(*) from account_settings").await, 1);
    assert_eq!(
        app.count("select sum(messages)::bigint from usage_days").await,
        3,
        "the days' use is one account's"
    );
    let chat = "select count(*) from account_chats where telegram_chat_id = -2001 and session_length = 'long' and narrative = 'They sail.'";
    assert_eq!(app.count(chat).await, 1);
    assert_eq!(app.count("select count(*) from account_chats where account_id = 1").await, 2);
    let numbers = "select count(*) from history_context where number in (2, 3, 4)";
    assert_eq!(app.count(numbers).await, 3, "numbers count on");
    assert_eq!(app.count("select count(*) from history_context").await, 3, "that she sings is known once");

    // What is known of a group is known in all chats of its account.
    assert_eq!(app.facts_in(OLENA.id).await, ["Taras has a boat", "Olena sings"]);
    say_in_family(&app, TARAS, "@pykhbrain_test_bot what do I have?").await;
    assert!(app.last_prompt().contains("Taras has a boat"));
}

#[tokio::test]
async fn what_two_chats_know_alike_is_known_once_with_the_sources_of_both_and_private_stays_private() {
    let app = App::start().await;
    app.read_with(notes);
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    say_in_family(&app, OLENA, "@pykhbrain_test_bot note: Taras has a boat").await;
    app.ask(TARAS, "note: Taras has a boat").await;
    app.ask(TARAS, "note: Taras is in debt").await;
    analyze(&app).await;
    // The group's account is Olena's; Taras joins it with his private chat.
    let mut tx = app.pool.begin().await.unwrap();
    let account = account_of(&app, FAMILY).await;
    people::make_permanent(&mut tx, account, "olena@example.com", Some(OLENA.id), app.now()).await;
    tx.commit().await.unwrap();
    app.ask(OLENA, "/start").await;
    say_in_family(&app, OLENA, "/link").await;
    let code = app.seen_in(OLENA.id).iter().find_map(|text| code_in(text)).expect("it came in private");
    assert!(!app.seen_in(FAMILY).iter().any(|text| text.contains(&code)), "whoever reads it could join");
    app.joins(TARAS, &TARAS.chat(), &code).await;

    let facts = app.facts_in(TARAS.id).await;
    assert_eq!(facts, ["Taras has a boat", "Taras is in debt"], "once");
    assert_eq!(app.facts_in(FAMILY).await, ["Taras has a boat"]);
    assert_eq!(app.count("select count(*) from fact_sources").await, 3, "both have said that he has a boat");
    let all = say_in_family(&app, OLENA, "/historycontext").await;
    assert!(!all[0].contains("Taras on"), "that he said it in private is not for the group: {all:?}");
    say_in_family(&app, OLENA, "@pykhbrain_test_bot what of Taras?").await;
    assert!(!app.last_prompt().contains("debt"));
    app.ask(TARAS, "and I?").await;
    assert!(app.last_prompt().contains("debt"));
}

#[tokio::test]
async fn a_code_is_for_permanent_accounts_and_administrators_and_goes_to_a_private_chat() {
    let app = App::start().await;
    assert!(app.ask(TARAS, "/link").await[1].contains("/register"), "a temporary account has one chat");
    app.ask(OLENA, "hi").await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    say_in_family(&app, OLENA, "@pykhbrain_test_bot hi").await;
    assert!(say_in_family(&app, OLENA, "/link").await[0].contains("/register"));
    let account = account_of(&app, FAMILY).await;
    sqlx::query("delete from temporary_accounts where account_id = $1")
        .bind(account.0)
        .execute(&app.pool)
        .await
        .unwrap();
    let mut connection = app.pool.acquire().await.unwrap();
    people::add(&mut connection, account, "olena@example.com", true, OLENA.id).await;
    drop(connection);
    assert!(say_in_family(&app, TARAS, "/link").await[0].contains("account's administrators"));
    sqlx::query("update account_chats set is_active = false where telegram_chat_id = 1001")
        .execute(&app.pool)
        .await
        .unwrap();
    let said = say_in_family(&app, OLENA, "/link").await;
    assert!(said[0].contains("cannot write to you there yet") && code_in(&said[0]).is_none(), "{said:?}");
    assert_eq!(app.count("select count(*) from link_codes").await, 0);
}

#[tokio::test]
async fn a_code_works_once_for_ten_minutes_and_a_newer_one_replaces_it() {
    let app = olena_has_an_account().await;
    let anna = Person { id: 1003, name: "Anna" };
    app.ask(TARAS, "hi").await;
    app.ask(anna, "hi").await;
    let (first, second) = (code(&app, OLENA).await, code(&app, OLENA).await);
    let use_it = async |person: Person, code: &str| app.ask(person, &format!("/link {code}")).await.remove(0);
    assert!(use_it(TARAS, &first).await.contains("do not know this code"), "there is a newer one");
    app.clock.advance(Duration::minutes(10) - Duration::seconds(1));
    app.joins(TARAS, &TARAS.chat(), &second).await;
    assert!(use_it(TARAS, &second).await.contains("already"), "twice is once");
    assert!(use_it(anna, &second).await.contains("do not know this code"), "it has let in one");
    assert!(use_it(OLENA, &second).await.contains("already"), "to itself");
    let third = code(&app, OLENA).await;
    app.clock.advance(Duration::minutes(10));
    assert!(use_it(anna, &third).await.contains("do not know this code"), "its time is over");
    assert_eq!(app.count("select count(*) from account_chats where account_id = 1").await, 2);
}

#[tokio::test]
async fn a_chat_of_another_permanent_account_is_refused_and_its_code_still_works() {
    let app = olena_has_an_account().await;
    app.ask(TARAS, "hi").await;
    assert!(register(&app, TARAS, "taras@example.com").await);
    let code = code(&app, OLENA).await;
    let said = app.ask(TARAS, &format!("/link {code}")).await;
    assert!(said[0].contains("another permanent account"), "{said:?}");
    let anna = Person { id: 1003, name: "Anna" };
    app.ask(anna, "hi").await;
    app.joins(anna, &anna.chat(), &code).await;
}

#[tokio::test]
async fn five_wrong_codes_are_enough_for_ten_minutes_whichever_process_they_come_to() {
    let app = olena_has_an_account().await;
    app.ask(TARAS, "hi").await;
    let right = code(&app, OLENA).await;
    let (one, other, prover) = (app.database.pool(), app.database.pool(), Prover::new(&app.seal()));
    for (n, pool) in [&one, &other, &one, &other, &one].into_iter().enumerate() {
        let looked =
            link::look(pool, &prover, ChatId(TARAS.id), &format!("WRNG-222{n}"), TARAS.id, app.now())
                .await
                .unwrap();
        assert_eq!(looked, Looked::Wrong);
    }
    let said = app.ask(TARAS, &format!("/link {right}")).await;
    assert!(said[0].contains("in 10 minutes"), "not even the right one: {said:?}");
    let anna = Person { id: 1003, name: "Anna" };
    app.ask(anna, "hi").await;
    assert!(
        app.ask(anna, "/link AAAA-BBBB").await[0].contains("do not know"),
        "another chat has its own tries"
    );
    app.clock.advance(Duration::minutes(10));
    let right = code(&app, OLENA).await;
    app.joins(TARAS, &TARAS.chat(), &right).await;
}

#[tokio::test]
async fn two_chats_with_one_code_at_the_same_moment_and_one_gets_in() {
    let app = olena_has_an_account().await;
    let people: Vec<Person> = (0..8).map(|n| Person { id: 1100 + n, name: "Somebody" }).collect();
    for person in &people {
        app.ask(*person, "note: Somebody is here").await;
    }
    analyze(&app).await;
    let code = code(&app, OLENA).await;
    let tries = people.iter().map(|person| {
        let (pool, prover, code, now) =
            (app.database.pool(), Prover::new(&app.seal()), code.clone(), app.now());
        async move {
            let looked = link::look(&pool, &prover, ChatId(person.id), &code, person.id, now).await.unwrap();
            let Looked::Opens { key, .. } = looked else { return looked };
            // Twice at once is as once.
            let uses = [0, 1].map(|_| link::use_code(&pool, ChatId(person.id), &key, person.id, now));
            let [one, other] = uses;
            let (one, other) = tokio::join!(one, other);
            let mut joined = [one.unwrap(), other.unwrap()];
            joined.sort_by_key(|joined| *joined != Joined::Now);
            assert_eq!(joined, [Joined::Now, Joined::Already]);
            Looked::Already
        }
    });
    let results = futures::future::join_all(tries).await;
    assert_eq!(results.iter().filter(|looked| **looked == Looked::Already).count(), 1, "{results:?}");
    assert_eq!(results.iter().filter(|looked| **looked == Looked::Wrong).count(), 7, "{results:?}");
    assert_eq!(app.count("select count(*) from account_chats where account_id = 1").await, 2);
    assert_eq!(app.count("select count(*) from temporary_accounts").await, 7);
    assert_eq!(
        app.count("select count(*) from history_context where number = 1").await,
        8,
        "the others are as they were"
    );
}

#[tokio::test]
async fn what_was_forgotten_stays_forgotten_and_older_keys_do_nothing() {
    let app = olena_has_an_account().await;
    app.ask(TARAS, "note: Taras is in debt").await;
    analyze(&app).await;
    app.ask(TARAS, "/forget 1").await;
    app.press(TARAS, "Forget it").await;
    app.ask(TARAS, "note: Taras has a boat").await;
    analyze(&app).await;
    app.ask(TARAS, "/forget 2").await;
    let code = code(&app, OLENA).await;
    app.joins(TARAS, &TARAS.chat(), &code).await;

    sqlx::query("update conversations set read_through = 0").execute(&app.pool).await.unwrap();
    analyze(&app).await;
    assert_eq!(app.facts_in(TARAS.id).await, ["Taras has a boat"]);
    // The key names a number, which is another fact's by now.
    let asked = app
        .telegram
        .sent_to(TARAS.id)
        .into_iter()
        .rev()
        .find(|sent| sent.key("Forget it").is_some())
        .unwrap();
    let press = app.presses(TARAS, &asked, "Forget it").await;
    assert_eq!(app.toast(&press).await.as_deref(), Some("This is settled already."));
    assert_eq!(app.count("select count(*) from history_context").await, 2);
}
