//! Servers whose errors repeat what they were sent, keys included, at any length and with any characters: what the logs and the
//! tables keep of that.

use std::{path::Path, time::Duration};

use brain::{jobs::SetWebhook, queue};

use crate::{
    fakes::{llm, smtp::FakeSmtp, telegram::Fault},
    support::{
        app::{App, PATIENCE, TOKEN},
        process::Process,
        updates::OLENA,
    },
};

/// What somebody says, and what must be nowhere but in their own history.
const DIARY: &str = "Schwesterherz and hunter2 are in my diary";
const WORDS: [&str; 3] = ["Schwesterherz", "hunter2", "diary"];

/// So often repeated it is more than a megabyte.
const LONG: usize = 1 << 15;

/// An error as bad as it gets: the words, the token, control characters, a megabyte.
fn echo(words: &str, times: usize) -> &'static str {
    let echo = format!("cannot read {words} of {TOKEN}\r\n\u{1b}[31m\u{0}{}", words.repeat(times));
    Box::leak(echo.into_boxed_str())
}

/// Everything that is kept of errors.
async fn errors(app: &App) -> Vec<String> {
    sqlx::query_scalar(
        "select last_error from telegram_updates where last_error is not null
         union all select error from outgoing_messages where error is not null
         union all select last_result ->> 'Err' from apalis.jobs where last_result ->> 'Err' is not null
         union all select outcome from llm_usage",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap()
}

fn is_clean(text: &str) {
    for word in WORDS.into_iter().chain(["sk-test", TOKEN, "the-secret"]) {
        let line = text
            .lines()
            .find(|line| line.contains(word))
            .map(|line| line.chars().take(1000).collect::<String>());
        assert_eq!(line, None, "{word} is in it");
    }
    let control = |c: char| c.is_control() && c != '\n';
    assert!(!text.contains(control), "control characters are in it");
}

async fn eventually(log: &Path, words: &str) {
    let seen = async {
        while !std::fs::read_to_string(log).unwrap().contains(words) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, seen).await.unwrap_or_else(|_| panic!("not in the log: {words}"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_servers_repeat_in_their_errors_is_neither_logged_nor_kept() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().start().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let log = folder.path().join("log");
    let mut variables = app.variables.clone();
    variables.push(("RUST_LOG", "debug".into()));
    let _worker = Process::start_with_log(&["worker"], &variables, &log);
    app.says(OLENA, "/start").await;
    app.run_pending_jobs().await;

    // The model's server: in the code, in the field's name, in its words.
    for fault in [WORDS[0], WORDS[1], "sk-test", echo(DIARY, LONG)] {
        app.llm.fail_next(vec![llm::Fault::UnsupportedParameter(fault)]);
        app.says(OLENA, DIARY).await;
        app.run_pending_jobs().await;
    }
    // Telegram: when a message is sent, plain or not, and when the chat is gone.
    app.llm.answer_with(|_| DIARY.into());
    for fault in [
        Fault::BadRequest(echo(DIARY, 10)),
        Fault::BadRequest(echo(DIARY, LONG)),
        Fault::BadRequest("can't parse entities: Unsupported start tag \"Schwesterherz\" at byte offset 3"),
        Fault::BadRequest("wrong URL \"Schwesterherz\": hunter2"),
        Fault::Forbidden(echo(DIARY, 10)),
    ] {
        app.telegram.fail_next_sends(OLENA.id, vec![fault]);
        app.says(OLENA, DIARY).await;
        app.run_pending_jobs().await;
    }
    // A job that calls Telegram, where the answer repeats the secret.
    app.telegram.fail_next_calls("setWebhook", vec![Fault::BadRequest(echo("the-secret", 10))]);
    queue::enqueue_set_webhook(&app.pool, &SetWebhook { public_url: "https://bot.example.com".into() })
        .await
        .unwrap();
    eventually(&log, "job failed").await;

    let logged = std::fs::read_to_string(&log).unwrap();
    assert!(
        logged.contains("the model did not answer") && logged.contains("a message was not sent"),
        "{logged}"
    );
    is_clean(&logged);
    assert!(logged.lines().all(|line| line.len() < 20_000), "no line is as long as what was sent");
    let kept = errors(&app).await;
    assert!(
        kept.iter().any(|error| error.contains("Bad Request: cannot read …")),
        "it still says what is wrong: {kept:?}"
    );
    for error in kept {
        is_clean(&error);
        assert!(error.chars().count() <= 250, "{error}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn links_codes_and_sessions_are_in_no_log() {
    let _alone = crate::ALONE.lock().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let url = format!("http://127.0.0.1:{port}");
    let mail = FakeSmtp::start().await;
    let mut app = App::for_processes()
        .webs(0)
        .with("SMTP_URL", mail.url())
        .with("MAIL_FROM", "PykhBrain <bot@example.com>")
        .with("PUBLIC_URL", url.clone())
        .with("PORT", port.to_string())
        .with("HOST", "127.0.0.1")
        .with("RUST_LOG", "debug")
        .start()
        .await;
    app.add_web(url);
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let logs = ["web", "worker"].map(|name| folder.path().join(name));
    let _web = Process::start_with_log(&["web"], &app.variables, &logs[0]);
    let _worker = Process::start_with_log(&["worker"], &app.variables, &logs[1]);
    while tokio::net::TcpStream::connect(("127.0.0.1", port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let said = app.ask(OLENA, "/register olena@example.com").await;
    let code =
        said.iter().flat_map(|text| text.lines()).find(|line| line.len() == 4).expect("a code").to_owned();
    let letter = mail.mail(1).await;
    let mut browser = app.browser();
    let page = browser.open(&letter.link()).await;
    let (token, kind, registration) = (page.hidden("token_hash"), page.hidden("type"), page.hidden("r"));
    let fields = [("token_hash", &*token), ("type", &*kind), ("r", &*registration), ("code", &*code)];
    assert_eq!(browser.send(&page, "/auth/confirm", &fields).await.status, 303);
    app.run_pending_jobs().await;
    let shown = app.ask(OLENA, "/dashboard").await.join("\n") + &app.ask(OLENA, "/link").await.join("\n");
    let dashboard = shown.split("token_hash=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let link_code = shown.split("/link ").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();

    let logged: String = logs.iter().map(|log| std::fs::read_to_string(log).unwrap()).collect();
    assert!(logged.contains("DEBUG"), "{logged}");
    let session = browser.cookies.values().next().expect("a session").clone();
    for secret in [token, dashboard, link_code, session] {
        assert!(!logged.contains(&secret), "{secret}");
    }
    for line in logged.lines() {
        assert!(
            line.split(|c: char| !c.is_alphanumeric()).all(|word| word != code) || !line.contains("code"),
            "{line}"
        );
    }
    is_clean(&logged);
}
