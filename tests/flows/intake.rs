//! What comes in: verified, kept once, and never lost for something else's sake.

use std::time::Duration;

use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;

use crate::support::{
    app::{App, PATIENCE},
    updates::OLENA,
};

#[tokio::test]
async fn without_the_right_secret_nothing_is_stored() {
    let app = App::start().await;
    let update = app.update("message", &app.message(OLENA, &OLENA.chat(), "hi", &json!({})));
    for secret in [None, Some(""), Some("wrong"), Some("the-secre"), Some("the-secrett")] {
        assert_eq!(app.post_with_secret(secret, update.to_string()).await, 401, "{secret:?}");
    }
    assert_eq!(app.count("select count(*) from telegram_updates").await, 0);
}

#[tokio::test]
async fn rubbish_is_refused_and_good_updates_beside_it_are_answered() {
    let app = App::start().await;
    let large = format!(r#"{{"update_id": 1, "message": {{"text": "{}"}}}}"#, "x".repeat(1024 * 1024));
    for (body, status) in [
        ("{".to_owned(), 400),
        (String::new(), 400),
        ("[]".to_owned(), 400),
        (r#"{"update_id": "seven"}"#.to_owned(), 400),
        (large, 413),
        (r#"{"update_id": 900, "brand_new_kind": {"chat": {"id": 5}}}"#.to_owned(), 200),
        (r#"{"update_id": 901, "message": {"chat": {"id": 9e99}}}"#.to_owned(), 200),
    ] {
        assert_eq!(app.post_to(0, body.clone()).await, status, "{}", &body[..body.len().min(60)]);
    }
    assert_eq!(app.ask(OLENA, "hi").await.last().unwrap(), "You said: hi");
}

#[tokio::test]
async fn a_hundred_thousand_random_bodies_never_break_it() {
    let app = App::start().await;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let good = app.update("message", &app.message(OLENA, &OLENA.chat(), "hello", &json!({}))).to_string();
    let mut rng = StdRng::seed_from_u64(seed);
    let bodies: Vec<Vec<u8>> = (0..100_000)
        .map(|_| {
            let mut body = match rng.random_range(0..3) {
                0 => (0..rng.random_range(0..200)).map(|_| rng.random()).collect(),
                _ => good.clone().into_bytes(),
            };
            for _ in 0..rng.random_range(1..6) {
                if !body.is_empty() {
                    let at = rng.random_range(0..body.len());
                    body[at] = rng.random();
                }
            }
            body
        })
        .collect();
    let app = &app;
    let mut batches = bodies.chunks(6250);
    let mut running: Vec<_> = batches
        .by_ref()
        .map(|bodies| {
            Box::pin(async move {
                for body in bodies {
                    let status = app.post_to(0, body.clone()).await;
                    assert!(status < 500, "status {status} for {:?}", String::from_utf8_lossy(body));
                }
            })
        })
        .collect();
    futures::future::join_all(running.iter_mut()).await;
    // A number that no random change of a digit has used up.
    let message = app.message(OLENA, &OLENA.chat(), "still there?", &json!({}));
    app.deliver(&json!({"update_id": 1_000_000_000, "message": message})).await;
    app.telegram
        .wait_for(|sent| sent.iter().any(|sent| sent.text == "You said: still there?"), PATIENCE)
        .await
        .expect("the good update after them is answered");
}

#[tokio::test]
async fn an_update_that_comes_three_times_at_once_on_two_web_servers_is_answered_once() {
    let app = App::builder().webs(2).start().await;
    app.ask(OLENA, "/start").await;
    for round in 0..20 {
        let text = format!("round {round}");
        let update = app.update("message", &app.message(OLENA, &OLENA.chat(), &text, &json!({}))).to_string();
        let statuses = tokio::join!(
            app.post_to(0, update.clone()),
            app.post_to(1, update.clone()),
            app.post_to(0, update.clone())
        );
        assert_eq!(statuses, (200, 200, 200));
        app.run_pending_jobs().await;
        assert_eq!(app.post_to(1, update).await, 200, "and once more after it was answered");
        app.run_pending_jobs().await;
        let answers =
            app.seen_in(OLENA.id).iter().filter(|seen| **seen == format!("You said: {text}")).count();
        assert_eq!(answers, 1, "{text}");
    }
}

#[tokio::test]
async fn odd_but_real_bodies_are_kept_and_answered() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    let with = |text: &str, extra: &str, id: i64| {
        format!(
            r#"{{"update_id":{id},"message":{{"message_id":{id},"date":1795348800,"text":"{text}","from":{{"id":1001,"first_name":"Olena"}},"chat":{{"id":1001,"type":"private"}}{extra}}}}}"#
        )
    };
    assert_eq!(app.post_to(0, with(r"nul \u0000 inside", "", 5001)).await, 200);
    assert_eq!(app.post_to(0, with("a huge number", r#","views":1e400000"#, 5002)).await, 200);
    assert_eq!(app.post_to(0, with(r"half a pair \ud83d", "", 5003)).await, 200);
    app.run_pending_jobs().await;
    let seen = app.seen_in(OLENA.id);
    assert_eq!(
        seen[1..],
        ["You said: nul \u{FFFD} inside", "You said: a huge number", "You said: half a pair \u{FFFD}"]
    );
}

#[tokio::test]
async fn an_update_number_that_another_bot_has_had_is_no_duplicate() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    let body =
        app.update("message", &app.message(OLENA, &OLENA.chat(), "same number", &json!({}))).to_string();
    let other = web::Inbox::new(app.pool.clone(), 99);
    other.accept(body.replace("same number", "of another bot").as_bytes()).await.unwrap();
    assert_eq!(app.post_to(0, body).await, 200);
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(OLENA.id)[1..], ["You said: of another bot", "You said: same number"]);
}

#[tokio::test]
async fn a_lost_wake_up_costs_a_moment_and_no_message() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    // Past the web server, so nobody tells the worker.
    let body = app.update("message", &app.message(OLENA, &OLENA.chat(), "quiet", &json!({}))).to_string();
    let chat = Some(brain::ids::ChatId(OLENA.id));
    brain::db::updates::accept(&app.pool, 4242, 777, chat, body.as_bytes()).await.unwrap();
    app.telegram
        .wait_for(|sent| sent.iter().any(|sent| sent.text == "You said: quiet"), Duration::from_secs(20))
        .await
        .expect("the worker looks by itself");
}
