//! What one account, and all strangers together, can hold of a worker: everybody else is answered meanwhile.

use std::time::{Duration, Instant};

use brain::{
    db::{
        account_models::NewModel,
        api::{Api, Direct, Function, Identity},
        reading,
    },
    ids::{AccountId, ChatId, Conversation, ThreadId},
    jobs::AnalyzeAccount,
    ports::llm::BaseUrl,
};
use secrecy::SecretString;

use crate::{
    accounts::{account_of, register},
    fakes::{
        llm::{Fault, LlmRequest},
        telegram::{Fault as TelegramFault, Incoming},
    },
    support::{
        app::{App, PATIENCE},
        updates::{OLENA, Person, TARAS},
    },
};

const OWN: &str = "sk-of-strangers-12345";

/// Strangers, each with an account and a server of its own that takes every call and never answers.
async fn strangers_with_silent_servers(app: &App, count: i64) -> Vec<Person> {
    app.llm.on_request(|request| is_own(request).then_some(Fault::Hang));
    let mut strangers = Vec::new();
    for n in 0..count {
        let stranger = Person { id: 1100 + n, name: "Somebody" };
        app.ask(stranger, "/start").await;
        let email = format!("stranger{n}@example.com");
        assert!(register(app, stranger, &email).await);
        has_own_model(app, stranger, &email).await;
        strangers.push(stranger);
    }
    strangers
}

async fn has_own_model(app: &App, person: Person, email: &str) -> AccountId {
    let account = account_of(app, person.id).await;
    let house = app.llm.base_url();
    let (key, base_url) = (SecretString::from(OWN), BaseUrl::parse(&house, &house).unwrap());
    let new = NewModel { account, api_key: Some(&key), base_url: &base_url, model: "own-model" };
    let api = Direct::new(app.pool.clone(), &Identity { user: None, email: email.into() }, "203.0.113.7");
    api.call(Function::SetModel, new.arguments(&app.seal()).unwrap()).await.unwrap();
    account
}

fn is_own(request: &LlmRequest) -> bool {
    request.key.as_deref() == Some(OWN)
}

/// How long the person waits for an answer.
async fn answered_within(app: &App, person: Person, text: &str) -> Duration {
    let before = app.telegram.sent_to(person.id).len();
    let asked = Instant::now();
    app.says(person, text).await;
    let answered = |sent: &[crate::fakes::telegram::Sent]| {
        sent.iter().filter(|sent| sent.chat_id == person.id).count() > before
    };
    app.telegram.wait_for(answered, PATIENCE).await.expect("an answer");
    asked.elapsed()
}

#[tokio::test]
async fn own_servers_of_all_accounts_together_hold_half_of_the_places_and_an_unrelated_chat_waits_for_none() {
    let app = App::builder().with("WORKER_CONCURRENCY", "8").start().await;
    app.ask(TARAS, "/start").await;
    for stranger in strangers_with_silent_servers(&app, 8).await {
        app.says(stranger, "hello").await;
    }
    let full = |requests: &[LlmRequest]| requests.iter().filter(|request| is_own(request)).count() >= 4;
    app.llm.wait_for(full, PATIENCE).await.expect("the strangers' servers are asked");
    let mut times = Vec::new();
    for n in 0..100 {
        times.push(answered_within(&app, TARAS, &format!("hello {n}")).await);
    }
    let open = app
        .llm
        .requests()
        .iter()
        .filter(|request| is_own(request))
        .filter(|request| request.ended.is_none())
        .count();
    assert_eq!(open, 4, "half of eight");
    times.sort_unstable();
    println!("p50 {:?}, p99 {:?}", times[50], times[98]);
    assert!(times[98] < Duration::from_secs(1), "{times:?}");
}

#[tokio::test]
async fn an_account_holds_half_of_the_places_even_with_the_operator_s_model() {
    let app = App::builder().with("WORKER_CONCURRENCY", "4").start().await;
    app.ask(TARAS, "/start").await;
    let members: Vec<Person> = (0..4).map(|n| Person { id: 1100 + n, name: "Somebody" }).collect();
    for member in &members {
        app.ask(*member, "/start").await;
    }
    for member in &members[1..] {
        app.join_accounts(member.id, members[0].id).await;
    }
    app.llm.on_request(|request| request.last_user_message().contains("slow").then_some(Fault::Hang));
    for member in &members {
        app.says(*member, "slow").await;
    }
    app.llm.wait_for(|requests| requests.len() >= 2, PATIENCE).await.unwrap();
    assert!(answered_within(&app, TARAS, "hello").await < Duration::from_secs(5));
    assert_eq!(app.llm.requests().len(), 3, "two of the account, and his");
}

#[tokio::test]
async fn a_server_that_times_out_three_times_in_a_row_is_left_alone_for_longer_each_time() {
    let app = App::builder().with("LLM_TIMEOUT", "1").workers(2).start().await;
    let stranger = strangers_with_silent_servers(&app, 1).await[0];
    let calls = || app.llm.requests().iter().filter(|request| is_own(request)).count();
    let said = app.ask(stranger, "one").await;
    assert!(said.len() == 1 && said[0].contains("I leave it alone until 12:01 UTC"), "{said:?}");
    assert_eq!(calls(), 3);
    for _ in 0..2 {
        let said = app.ask(stranger, "two").await;
        assert_eq!(said, ["127.0.0.1 is still left alone, until 12:01 UTC. I have kept your message."]);
    }
    assert_eq!(calls(), 3, "nobody asks meanwhile");
    for (minutes, until) in
        [(1, "12:03"), (2, "12:07"), (4, "12:15"), (8, "12:31"), (16, "13:01"), (30, "13:31")]
    {
        app.clock.advance(chrono::Duration::minutes(minutes));
        let before = calls();
        let said = app.ask(stranger, "and now?").await;
        assert!(
            said.len() == 1 && said[0].contains(&format!("I leave it alone until {until} UTC")),
            "{said:?}"
        );
        assert_eq!(calls(), before + 1, "one try is enough");
    }
    app.clock.advance(chrono::Duration::minutes(30));
    app.llm.on_request(|_| None);
    let said = app.ask(stranger, "and now?").await;
    assert!(said[0].starts_with("You said: one\ntwo\ntwo\nand now?"), "all was kept: {said:?}");
    app.llm.on_request(|_| Some(Fault::Hang));
    app.ask(stranger, "again").await;
    let pauses = "select pauses::bigint from account_models";
    assert_eq!(app.count(pauses).await, 1, "it has answered: all begins anew");
}

#[tokio::test]
async fn readings_on_strangers_servers_leave_room_for_the_others() {
    let app = App::start().await;
    app.ask(TARAS, "I sail").await;
    let mut accounts = Vec::new();
    for stranger in strangers_with_silent_servers(&app, 6).await {
        app.llm.on_request(|_| None);
        app.ask(stranger, "I sing").await;
        accounts.push(account_of(&app, stranger.id).await);
    }
    app.read_with(|_| Vec::new());
    app.llm.on_request(|request| is_own(request).then_some(Fault::Hang));
    let before = app.llm.requests().len();
    for account in accounts {
        app.begin_job(&AnalyzeAccount { account_id: Some(account) }).await;
    }
    app.llm.wait_for(|requests| requests.len() >= before + 2, PATIENCE).await.unwrap();
    app.begin_job(&AnalyzeAccount { account_id: Some(account_of(&app, TARAS.id).await) }).await;
    let his = |requests: &[LlmRequest]| {
        requests[before..].iter().any(|request| request.key.as_deref() == Some("sk-test"))
    };
    app.llm.wait_for(his, Duration::from_secs(20)).await.expect("his messages are read");
    assert_eq!(
        app.llm.requests()[before..].iter().filter(|request| is_own(request)).count(),
        2,
        "half of the places for reading"
    );
}

#[tokio::test]
async fn an_account_with_many_chats_does_not_keep_the_whole_pace_of_readings_for_itself() {
    let app = App::builder().workers(0).start().await;
    sqlx::query(
        "with accounts as (insert into accounts (name) values ('Many'), ('One') returning id, name)
         insert into account_chats (account_id, telegram_chat_id, kind)
         select id, 2000 + n, 'private' from accounts, generate_series(1, 20) n where name = 'Many'
         union all select id, 3000, 'private' from accounts where name = 'One'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    let due = async |chat: i64| {
        let at = Conversation { chat: ChatId(chat), thread: ThreadId(0) };
        let due = reading::reserve(&app.pool, at, 8, app.now()).await.unwrap();
        if due == app.now() {
            reading::take_place(&app.pool, at).await.unwrap();
        }
        (due - app.now()).num_seconds()
    };
    for n in 1..=8 {
        assert_eq!(due(2000 + n).await, 0, "nobody else wants it");
    }
    let later = [due(2009).await, due(2010).await, due(2011).await, due(2012).await];
    assert_eq!(later, [61, 61, 15, 15], "two places are kept, the others ask again");
    assert_eq!(due(3000).await, 61, "so that another account comes third and not thirteenth");
    assert_eq!(app.count("select count(*) from reading_slots").await, 3);
}

#[tokio::test]
async fn files_that_wait_for_each_other_hold_up_nobody() {
    let app = App::builder().with("WORKER_CONCURRENCY", "2").start().await;
    app.ask(TARAS, "/start").await;
    let people: Vec<Person> = (0..4).map(|n| Person { id: 1100 + n, name: "Somebody" }).collect();
    for person in &people {
        app.ask(*person, "/start").await;
    }
    app.telegram.on_send(|incoming: &Incoming| {
        incoming.is_document.then_some(TelegramFault::Delay(Duration::from_secs(3)))
    });
    for person in &people {
        app.says(*person, "/export").await;
    }
    let begun = |calls: &[crate::fakes::telegram::Call]| calls.iter().any(|call| call.is_of("sendDocument"));
    app.telegram.wait_for_calls(begun, PATIENCE).await.unwrap();
    for n in 0..5 {
        let waited = answered_within(&app, TARAS, &format!("hello {n}")).await;
        assert!(waited < Duration::from_secs(1), "{waited:?}");
    }
    app.run_pending_jobs().await;
    for person in &people {
        let files = app.telegram.sent_to(person.id).iter().filter(|sent| sent.document.is_some()).count();
        assert_eq!(files, 1, "and each comes");
    }
}

#[tokio::test]
async fn a_mail_server_that_hangs_holds_up_mails_only() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("smtp://{}", silent.local_addr().unwrap());
    let app = App::builder().with("SMTP_URL", url).with("MAIL_FROM", "bot@example.com").start().await;
    for n in 0..3 {
        let person = Person { id: 1100 + n, name: "Somebody" };
        app.ask(person, &format!("/register somebody{n}@example.com")).await;
    }
    let held = "select count(*) from apalis.jobs where job_type = 'send_link' and status = 'Running'";
    while app.count(held).await < 2 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    app.begin_job(&brain::jobs::PurgeJobs {}).await;
    let open = "select count(*) from apalis.jobs where job_type = 'purge_jobs' and status <> 'Done' and idempotency_key is null";
    tokio::time::timeout(Duration::from_secs(10), async {
        while app.count(open).await > 0 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    })
    .await
    .expect("the other jobs go on");
    assert_eq!(app.ask(OLENA, "/model").await.last().unwrap(), "Model: gpt-6-luna");
}
