//! What operators type, and what they read.

use crate::support::{
    app::{App, PATIENCE},
    process::Process,
    updates::OLENA,
};

async fn pykhbrain(app: &App, arguments: &[&str]) -> (Option<i32>, String) {
    Process::output(arguments, &app.variables).await
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_says_what_works_and_what_does_not() {
    let _alone = crate::ALONE.lock().await;
    let app = App::builder().with("OPENAI_MODEL", "some-model").start().await;
    app.llm.set_models(&[("some-model", Some("2026-12-24"))]);
    app.ask(OLENA, "hi").await;
    let (code, words) = pykhbrain(&app, &["doctor"]).await;
    assert_eq!(code, Some(0), "{words}");
    for expected in
        ["a worker is alive", "@pykhbrain_test_bot", "goes away on 2026-12-24", "opens all 0 stored secrets"]
    {
        assert!(words.contains(expected), "{words}");
    }
    app.llm.set_models(&[]);
    let (code, words) = pykhbrain(&app, &["doctor"]).await;
    assert_eq!(code, Some(1), "{words}");
    assert!(
        words.contains("FAIL  model") && !words.contains("sk-test") && !words.contains("4242:test"),
        "{words}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn the_queue_can_be_looked_at_and_a_failed_job_retried() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().start().await;
    app.says(OLENA, "hi").await;
    let (_, words) = pykhbrain(&app, &["queue"]).await;
    assert!(words.contains("answer_chat        Pending         1"), "{words}");
    assert!(words.contains("1 updates wait"), "{words}");

    let id: String = sqlx::query_scalar(
        "update apalis.jobs set status = 'Killed', last_result = '{\"Err\":\"broken\"}' returning id",
    )
    .fetch_one(&app.pool)
    .await
    .unwrap();
    assert!(
        pykhbrain(&app, &["queue", "list"])
            .await
            .1
            .contains(&format!("failed: {id} answer_chat after 0 attempts: broken"))
    );
    assert_eq!(pykhbrain(&app, &["queue", "retry", &id]).await.0, Some(0));
    assert_eq!(pykhbrain(&app, &["queue", "cancel", &id]).await.0, Some(0));
    assert_eq!(pykhbrain(&app, &["queue", "cancel", &id]).await.0, Some(1));
    assert_eq!(pykhbrain(&app, &["enqueue", "purge_jobs"]).await.0, Some(0));
    let (code, words) = pykhbrain(&app, &["enqueue", "nonsense"]).await;
    assert!(code == Some(1) && words.contains("purge_jobs"), "{words}");
}

#[tokio::test(flavor = "multi_thread")]
async fn web_and_worker_in_one_process_answer_too() {
    let _alone = crate::ALONE.lock().await;
    let mut app = App::for_processes().webs(0).start().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let mut variables = app.variables.clone();
    variables.extend([("PORT", port.to_string()), ("HOST", "127.0.0.1".into())]);
    let _both = Process::start(&["web", "--with-worker"], &variables);
    let url = format!("http://127.0.0.1:{port}");
    tokio::time::timeout(PATIENCE, async {
        while !reqwest::get(format!("{url}/readyz")).await.is_ok_and(|answer| answer.status() == 200) {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("it gets ready");
    app.add_web(url);
    assert_eq!(app.ask(OLENA, "hi").await.last().unwrap(), "You said: hi");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_account_can_be_allowed_more_or_less_than_the_others() {
    let _alone = crate::ALONE.lock().await;
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    let usual = "Account 1: 200 answers, 200000 tokens a day";
    assert!(pykhbrain(&app, &["limits", "--account", "1"]).await.1.contains(usual));
    let (code, words) = pykhbrain(&app, &["limits", "--account", "1", "--messages", "1"]).await;
    assert!(code == Some(0) && words.contains("Account 1: 1 answers, 200000 tokens"), "{words}");
    assert!(app.ask(OLENA, "more?").await[0].contains("(1 answers or 200000 tokens)"));
    let (_, words) = pykhbrain(&app, &["limits", "--account", "1", "--messages", "default"]).await;
    assert!(words.contains(usual), "{words}");
    assert_eq!(app.ask(OLENA, "now?").await.len(), 1);
    assert_eq!(pykhbrain(&app, &["limits", "--account", "9"]).await.0, Some(1));
}
