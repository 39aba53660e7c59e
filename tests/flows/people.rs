//! What a signed-in person sees and does through the schema `api`, over the direct transport.

use brain::{
    db::api::{Api, ApiError, Direct, Function, Identity},
    ids::AccountId,
    jobs::AnalyzeAccount,
};
use chrono::Duration;
use serde_json::{Value, json};

use crate::{
    accounts::{account_of, register},
    support::{
        app::{App, PATIENCE},
        people,
        reading::{Line, add},
        updates::{FAMILY, OLENA, TARAS, group},
    },
};

pub fn as_person(app: &App, email: &str) -> Direct {
    Direct::new(app.pool.clone(), &Identity { user: None, email: email.into() }, "203.0.113.7")
}

pub async fn call(api: &Direct, function: Function, args: Value) -> Value {
    api.call(function, args).await.unwrap_or_else(|error| panic!("{function:?}: {error}"))
}

/// Olena's account: her private chat, the family's group and Taras's private chat.
pub async fn an_account_of_three_chats() -> (App, AccountId) {
    let app = App::start().await;
    app.llm.answer_with(|_| "yes".into());
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.ask(OLENA, "hello").await;
    app.ask(TARAS, "hello").await;
    app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot hello", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    for chat in [group(FAMILY), TARAS.chat()] {
        let said = app.ask(OLENA, "/link").await.remove(0);
        let from = if chat["id"] == TARAS.id { TARAS } else { OLENA };
        let code = said.lines().find_map(|line| line.strip_prefix("/link ")).unwrap().to_owned();
        app.joins(from, &chat, &code).await;
    }
    let account = account_of(&app, OLENA.id).await;
    assert_eq!(app.count("select count(*) from account_chats where account_id = 1").await, 3);
    (app, account)
}

fn chats(answer: &Value) -> Vec<i64> {
    let mut chats: Vec<i64> =
        answer.as_array().unwrap().iter().map(|chat| chat["telegram_chat_id"].as_i64().unwrap()).collect();
    chats.sort_unstable();
    chats
}

#[tokio::test]
async fn groups_are_the_account_s_and_a_private_chat_is_its_person_s() {
    let (app, account) = an_account_of_three_chats().await;
    let olena = as_person(&app, "Olena@example.com");
    let mine = call(&olena, Function::MyAccounts, json!({})).await;
    assert_eq!((mine[0]["id"].as_i64(), mine[0]["is_admin"].as_bool()), (Some(account.0), Some(true)));
    let args = json!({"account": account.0});
    assert_eq!(
        chats(&call(&olena, Function::ChatsOf, args.clone()).await),
        [FAMILY, OLENA.id, TARAS.id],
        "that Taras's is there is an administrator's business, what is said in it is not"
    );

    let invited =
        call(&olena, Function::Invite, json!({"account": account.0, "email": "taras@example.com"})).await;
    let taras = as_person(&app, "taras@example.com");
    assert!(
        chats(&call(&taras, Function::ChatsOf, args.clone()).await).is_empty(),
        "an invitation gives nothing"
    );
    let yes = json!({"invitation": invited["invitation"], "accept": true});
    assert_eq!(call(&taras, Function::AnswerInvitation, yes).await, json!(true));
    assert_eq!(
        chats(&call(&taras, Function::ChatsOf, args.clone()).await),
        [FAMILY],
        "who he is on Telegram was not proved"
    );
    let mut connection = app.pool.acquire().await.unwrap();
    people::add(&mut connection, account, "taras@example.com", true, TARAS.id).await;
    assert_eq!(chats(&call(&taras, Function::ChatsOf, args.clone()).await), [FAMILY, TARAS.id]);
    assert_eq!(
        call(&taras, Function::PeopleOf, args.clone()).await[1]["is_admin"],
        json!(false),
        "he stays what he was"
    );

    for function in Function::ALL {
        let nobody = as_person(&app, "nobody@example.com");
        let args = json!({"account": account.0, "chat": FAMILY, "person": 1, "session": 1, "email": "x@example.com"});
        match nobody.call(function, args).await {
            Ok(seen) => {
                assert!(seen == json!([]) || seen == json!(false) || seen.is_null(), "{function:?}: {seen}");
            }
            Err(error) => assert!(matches!(error, ApiError::NotAllowed(_)), "{function:?}: {error}"),
        }
    }
}

#[tokio::test]
async fn who_acted_as_a_person_is_the_program_again_afterwards() {
    let (app, account) = an_account_of_three_chats().await;
    let olena = as_person(&app, "olena@example.com");
    let refused = olena.call(Function::Invite, json!({"account": account.0, "email": "no address"})).await;
    assert!(matches!(refused, Err(ApiError::Refused(_))), "{refused:?}");
    let refused = olena.call(Function::RemovePerson, json!({"account": account.0, "person": 1})).await;
    assert!(matches!(&refused, Err(ApiError::Refused(why)) if why.contains("administrator")), "{refused:?}");
    assert_eq!(
        app.count("select count(*) from outgoing_messages where plain = ''").await,
        0,
        "may be read again"
    );
    assert_eq!(app.count("select count(*) where current_setting('request.jwt.claims', true) <> ''").await, 0);
}

#[tokio::test]
async fn an_unlinked_chat_takes_everything_along_into_a_temporary_account() {
    let (app, account) = an_account_of_three_chats().await;
    sqlx::query(
        "insert into history_context (account_id, number, telegram_chat_id, scope, content, kind, fingerprint, valid_from)
         values (1, 1, -2001, 'account', 'Taras has a boat', 'person', 'boat has taras', now())",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let olena = as_person(&app, "olena@example.com");
    let args = json!({"account": account.0, "chat": FAMILY});
    assert_eq!(call(&olena, Function::UnlinkChat, args.clone()).await, json!(true));
    let twice = olena.call(Function::UnlinkChat, args).await.unwrap();
    assert_eq!(twice, json!(false));

    assert_ne!(account_of(&app, FAMILY).await, account);
    assert_eq!(app.facts_in(FAMILY).await, ["Taras has a boat"]);
    assert!(app.facts_in(OLENA.id).await.is_empty());
    app.ask(OLENA, "what does Taras have?").await;
    assert!(!app.last_prompt().contains("boat"));
    app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot what does Taras have?", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.last_prompt().contains("boat"));
    let words = "select count(*) from chat_history h join account_chats c using (account_id, telegram_chat_id) where h.telegram_chat_id = -2001";
    assert_eq!(app.count(words).await, 4);
    assert!(!app.seen_in(FAMILY).iter().any(|said| said.starts_with("Welcome")), "it is no new chat");
}

#[tokio::test]
async fn what_both_sides_have_said_both_sides_know_after_they_part() {
    let (app, account) = an_account_of_three_chats().await;
    app.read_with(|shown| {
        let boat = |line: &Line| line.text.contains("boat").then(|| add("Taras has a boat", &[line.id]));
        shown.lines.iter().filter_map(boat).collect()
    });
    app.says_in(TARAS, &group(FAMILY), "@pykhbrain_test_bot I have a boat", &json!({})).await;
    app.run_pending_jobs().await;
    app.run_job(&AnalyzeAccount::default()).await;
    app.ask(TARAS, "I have a boat").await;
    // As it is after a join: one fact, with the sources of both.
    sqlx::query(
        "insert into fact_sources select f.id, h.id from history_context f, chat_history h
         where h.telegram_chat_id = $1 and h.content = 'I have a boat'",
    )
    .bind(TARAS.id)
    .execute(&app.pool)
    .await
    .unwrap();
    assert_eq!(app.count("select count(*) from history_context").await, 1);

    let olena = as_person(&app, "olena@example.com");
    call(&olena, Function::UnlinkChat, json!({"account": account.0, "chat": FAMILY})).await;
    assert_eq!(app.facts_in(FAMILY).await, ["Taras has a boat"]);
    assert_eq!(app.facts_in(TARAS.id).await, ["Taras has a boat"]);
    assert!(
        app.facts_in(OLENA.id).await.is_empty(),
        "he has told her nothing of it but in the group that is gone"
    );
    let across = "select count(*) from fact_sources s join history_context f on f.id = s.fact_id
                  join chat_history h on h.id = s.history_id where h.account_id <> f.account_id";
    assert_eq!(app.count(across).await, 0);
    assert_eq!(app.count("select count(*) from fact_sources").await, 2, "to each its own");
}

#[tokio::test]
async fn a_message_that_is_being_answered_while_its_chat_is_unlinked_is_answered_in_the_new_account() {
    let (app, account) = an_account_of_three_chats().await;
    app.llm.hold();
    let asked = app.llm.requests().len();
    app.says_in(OLENA, &group(FAMILY), "@pykhbrain_test_bot are you there?", &json!({})).await;
    app.llm.wait_for(|requests| requests.len() > asked, PATIENCE).await.expect("the model is asked");
    let olena = as_person(&app, "olena@example.com");
    call(&olena, Function::UnlinkChat, json!({"account": account.0, "chat": FAMILY})).await;
    app.llm.release();
    app.run_pending_jobs().await;
    let before = "select count(*) from chat_history where telegram_chat_id = -2001 and account_id = 1";
    assert_eq!(app.count(before).await, 0, "nothing of it is left to the old account");
    let said =
        "select count(*) from chat_history where telegram_chat_id = -2001 and content like '%are you there?'";
    assert_eq!(app.count(said).await, 1);
    assert!(app.seen_in(FAMILY).contains(&"yes".to_owned()));
}

#[tokio::test]
async fn who_is_removed_takes_the_private_chat_along() {
    let (app, account) = an_account_of_three_chats().await;
    let mut connection = app.pool.acquire().await.unwrap();
    people::add(&mut connection, account, "taras@example.com", false, TARAS.id).await;
    drop(connection);
    let olena = as_person(&app, "olena@example.com");
    let people = call(&olena, Function::PeopleOf, json!({"account": account.0})).await;
    let taras = people[1]["id"].as_i64().unwrap();
    assert_eq!(
        call(&olena, Function::RemovePerson, json!({"account": account.0, "person": taras})).await,
        json!(true)
    );
    assert_ne!(account_of(&app, TARAS.id).await, account);
    app.has_told_all().await;
    let told = app.seen_in(TARAS.id);
    assert!(told.iter().any(|text| text.starts_with("This chat has left the account \"Olena\"")), "{told:?}");
    app.clock.advance(Duration::minutes(1));
    assert_eq!(app.ask(TARAS, "hello?").await, ["yes"]);
}

#[tokio::test]
async fn a_chat_that_is_unlinked_signs_nobody_in_by_way_of_another_account() {
    let (app, account) = an_account_of_three_chats().await;
    let mut connection = app.pool.acquire().await.unwrap();
    let other: i64 = sqlx::query_scalar("insert into accounts (name) values ('Book club') returning id")
        .fetch_one(&mut *connection)
        .await
        .unwrap();
    people::add(&mut connection, AccountId(other), "olena@example.com", false, OLENA.id).await;
    people::add(&mut connection, account, "second@example.com", true, 4711).await;
    drop(connection);
    let olena = as_person(&app, "olena@example.com");
    assert_eq!(
        call(&olena, Function::UnlinkChat, json!({"account": account.0, "chat": OLENA.id})).await,
        json!(true)
    );
    app.has_told_all().await;
    app.clock.advance(Duration::minutes(1));
    let said = app.ask(OLENA, "/dashboard").await.remove(0);
    assert!(said.starts_with("The dashboard belongs to a permanent account"), "{said}");
    assert_eq!(app.count("select count(*) from private_chats where telegram_user_id = 1001").await, 0);
}

#[tokio::test]
async fn a_chat_that_is_unlinked_does_not_come_back_by_the_code_that_it_came_by() {
    let (app, account) = an_account_of_three_chats().await;
    let olena = as_person(&app, "olena@example.com");
    let unlink = json!({"account": account.0, "chat": TARAS.id});
    assert_eq!(call(&olena, Function::UnlinkChat, unlink.clone()).await, json!(true));
    app.clock.advance(Duration::minutes(1));
    let said = app.ask(OLENA, "/link").await.remove(0);
    let code = said.lines().find_map(|line| line.strip_prefix("/link ")).unwrap().to_owned();
    app.joins(TARAS, &TARAS.chat(), &code).await;
    assert_eq!(account_of(&app, TARAS.id).await, account);
    assert_eq!(call(&olena, Function::UnlinkChat, unlink).await, json!(true));
    app.has_told_all().await;
    app.clock.advance(Duration::minutes(1));
    let said = app.ask(TARAS, &format!("/link {code}")).await.remove(0);
    assert!(said.starts_with("I do not know this code"), "{said}");
    assert_ne!(account_of(&app, TARAS.id).await, account);
}
