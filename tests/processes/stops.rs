//! SIGTERM: the process ends in time, nothing stays locked, nothing runs twice, the chats go on elsewhere at once.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use crate::support::{
    app::{App, PATIENCE},
    process::Process,
    updates::Person,
};

#[tokio::test(flavor = "multi_thread")]
async fn sigterm_with_all_places_busy_gives_everything_back_in_time() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().with("WORKER_CONCURRENCY", "8").start().await;
    let mut leaving = Process::worker(&app.variables);
    let people: Vec<Person> = (0..8).map(|n| Person { id: 6000 + n, name: "Somebody" }).collect();
    app.llm.hold();
    for person in &people {
        app.says(*person, "hello").await;
        app.says(*person, "still there?").await;
    }
    app.llm.wait_for(|requests| requests.len() == 8, PATIENCE).await.unwrap();

    leaving.signal(Signal::SIGTERM);
    let told = Instant::now();
    assert_eq!(leaving.ended(Duration::from_secs(15)).await, Some(0));
    println!("ended {:?} after SIGTERM", told.elapsed());
    assert_eq!(app.count("select count(*) from chat_turns where lease_expires_at is not null").await, 0);
    assert_eq!(app.count("select count(*) from apalis.jobs where status in ('Running', 'Queued')").await, 0);
    assert_eq!(
        app.count("select count(*) from telegram_updates where attempts > 0").await,
        0,
        "no attempt is held against a message"
    );

    app.llm.release();
    let _staying = Process::worker(&app.variables);
    let started = Instant::now();
    app.run_pending_jobs().await;
    println!("all answered {:?} after the other worker's start", started.elapsed());
    for person in &people {
        let seen = app.seen_in(person.id);
        assert_eq!(seen[1..], ["You said: hello", "You said: still there?"]);
    }
    assert_eq!(app.llm.requests().len(), 8 + 16, "each message was asked once more, and once only");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_with_nothing_to_do_ends_at_once() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().start().await;
    let mut worker = Process::worker(&app.variables);
    app.says(Person { id: 6100, name: "Somebody" }, "/start").await;
    app.run_pending_jobs().await;
    worker.signal(Signal::SIGTERM);
    assert_eq!(worker.ended(Duration::from_secs(3)).await, Some(0));
}
