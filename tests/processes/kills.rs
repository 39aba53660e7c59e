//! `kill -9` at the three points where it hurts, with real processes, and a sleeper that comes back.

use std::time::{Duration, Instant};

use nix::sys::signal::Signal;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::{
    fakes::telegram::Fault,
    support::{
        app::{App, PATIENCE},
        process::Process,
        updates::{OLENA, Person},
    },
};

/// What the design promises after a kill.
const RECOVERY: Duration = Duration::from_secs(20);
const ROUNDS: u64 = 20;
/// Rounds that run side by side, each with a product of its own: a round is mostly waiting for a lease to run out.
const SIDE_BY_SIDE: u64 = 5;

/// How late Telegram's answer is where the kill is to fall before it.
const NOTED_LATE: Duration = Duration::from_millis(800);
/// How long a worker on a busy machine needs to note what Telegram has answered.
const NOTED: Duration = Duration::from_millis(300);

/// Where the worker is when it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Point {
    /// The model has been asked and has not answered.
    InTheModelCall,
    /// The answer is on disk and waits for its place in the sending rate.
    BetweenCommitAndDelivery,
    /// The message is on its way to Telegram, which has it before the worker knows.
    DuringDelivery,
}

async fn rounds(point: Point) {
    let seed: u64 = rand::random();
    println!("{point:?}: seed {seed}");
    let runs = (0..SIDE_BY_SIDE).map(|run| async move {
        let mut rng = StdRng::seed_from_u64(seed + run);
        let rate = if point == Point::BetweenCommitAndDelivery { "1" } else { "0" };
        let app = App::for_processes().with("TELEGRAM_RATE", rate).with("DB_POOL_SIZE", "4").start().await;
        let mut workers = vec![Process::worker(&app.variables), Process::worker(&app.variables)];
        for round in 0..ROUNDS / SIDE_BY_SIDE {
            let person = Person { id: 8000 + i64::try_from(round).unwrap(), name: "Somebody" };
            one_round(&app, point, person, &mut workers, &mut rng).await;
        }
        // A call that was killed costs what it can have cost and no more, and its question is counted once.
        let right = "select count(*) from
             (select account_id, sum(messages) as messages, sum(calls) as calls, sum(tokens) as tokens from usage_days group by 1) d
             join (select account_id, count(*) as calls, sum(tokens_in + tokens_out) as tokens from llm_usage group by 1) u using (account_id)
             where d.messages = 2 and d.calls = u.calls and d.tokens = u.tokens";
        assert_eq!(app.count(right).await, i64::try_from(ROUNDS / SIDE_BY_SIDE).unwrap());
    });
    futures::future::join_all(runs).await;
}

/// A person writes twice, both workers die at the point, new ones come, and both messages are answered in order.
async fn one_round(app: &App, point: Point, person: Person, workers: &mut Vec<Process>, rng: &mut StdRng) {
    // The welcome first, so that the round is about the answers alone.
    app.says(person, "/start").await;
    app.run_pending_jobs().await;
    match point {
        Point::InTheModelCall => app.llm.set_latency(Duration::from_millis(800)),
        Point::BetweenCommitAndDelivery => {}
        Point::DuringDelivery => app.telegram.fail_next_sends(person.id, vec![Fault::AnswerLate(NOTED_LATE)]),
    }
    let asked = app.llm.requests().len();
    app.says(person, "first").await;
    app.says(person, "second").await;
    match point {
        Point::InTheModelCall => {
            drop(app.llm.wait_for(|requests| requests.len() > asked, PATIENCE).await.unwrap());
        }
        Point::BetweenCommitAndDelivery => {
            while app.count("select count(*) from outgoing_messages where state = 'sending'").await == 0 {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        }
        Point::DuringDelivery => {
            drop(
                app.telegram
                    .wait_for(
                        |sent| {
                            sent.iter().any(|sent| sent.chat_id == person.id && sent.text.ends_with("first"))
                        },
                        PATIENCE,
                    )
                    .await
                    .unwrap(),
            );
        }
    }
    tokio::time::sleep(Duration::from_millis(rng.random_range(0..500))).await;
    // Which of them has the chat nobody outside knows; so both go.
    for worker in workers.drain(..) {
        worker.kill().await;
    }
    let killed = Instant::now();
    app.llm.set_latency(Duration::ZERO);
    workers.extend([Process::worker(&app.variables), Process::worker(&app.variables)]);
    app.run_pending_jobs().await;
    let recovered = killed.elapsed();

    let answers: Vec<_> = app.telegram.sent_to(person.id).into_iter().skip(1).collect();
    let texts: Vec<&str> = answers
        .iter()
        .map(|sent| sent.text.rsplit('\n').next().unwrap().trim_start_matches("You said: "))
        .collect();
    // The one case in which the design allows it: Telegram had the message, and the worker died before it could note that.
    let noting = if point == Point::DuringDelivery { NOTED_LATE } else { Duration::ZERO } + NOTED;
    let unnoted = answers[0].at <= killed && killed - answers[0].at < noting;
    let expected: &[&str] =
        if unnoted && texts.len() == 3 { &["first", "first", "second"] } else { &["first", "second"] };
    assert_eq!(texts, expected, "{point:?}");
    // At the sending rate of this test the two answers alone take two seconds.
    assert!(recovered <= RECOVERY, "{point:?}: answered {recovered:?} after the kill");
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_in_the_model_call_every_message_is_answered_once() {
    let _alone = crate::ALONE.lock().await;
    rounds(Point::InTheModelCall).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_between_commit_and_delivery_every_message_is_answered_once() {
    let _alone = crate::ALONE.lock().await;
    rounds(Point::BetweenCommitAndDelivery).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_during_delivery_every_message_is_answered_and_at_most_that_one_twice() {
    let _alone = crate::ALONE.lock().await;
    rounds(Point::DuringDelivery).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_worker_that_slept_for_thirty_seconds_sends_nothing_that_another_has_sent() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().start().await;
    let sleeper = Process::worker(&app.variables);
    app.says(OLENA, "/start").await;
    app.run_pending_jobs().await;
    app.llm.set_latency(Duration::from_secs(2));
    app.says(OLENA, "hello").await;
    app.llm.wait_for(|requests| requests.len() == 1, PATIENCE).await.unwrap();
    sleeper.signal(Signal::SIGSTOP);
    let stopped = Instant::now();
    let other = Process::worker(&app.variables);
    app.run_pending_jobs().await;
    tokio::time::sleep(Duration::from_secs(30).saturating_sub(stopped.elapsed())).await;
    sleeper.signal(Signal::SIGCONT);
    // The sleeper has the model's answer now, and shows that it lives by answering the next message.
    drop(other);
    app.says(OLENA, "and now?").await;
    app.run_pending_jobs().await;
    let seen = app.seen_in(OLENA.id);
    assert_eq!(seen[1..], ["You said: hello", "You said: and now?"]);
}
