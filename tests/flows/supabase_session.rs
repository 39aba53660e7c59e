//! A session of a Supabase project in our hands: of all who want its token renewed at once, one does it, in whatever process.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use brain::{
    db::web_sessions::token_context,
    sign_in::{hash, new_secret},
};
use serde_json::json;

use crate::{
    fakes::http::{Answer, Reply, Request, Server},
    support::{app::App, browser::Browser, updates::OLENA},
};

/// A project that takes each refresh token once, and says of everybody that they are in no account.
async fn project() -> (Server, Arc<AtomicUsize>) {
    let renewals = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&renewals);
    let server = Server::start(move |request: Request| {
        let counted = Arc::clone(&counted);
        async move {
            if !request.uri().path().starts_with("/auth/v1/token") {
                return Reply::Whole(Answer::json(200, &json!([])));
            }
            let number = counted.fetch_add(1, Ordering::SeqCst);
            let body: serde_json::Value = serde_json::from_slice(request.body()).unwrap();
            if body["refresh_token"] != format!("refresh-{number}") {
                return Reply::Whole(Answer::json(400, &json!({"error_code": "refresh_token_already_used"})));
            }
            let tokens = json!({"access_token": "a.b.c", "refresh_token": format!("refresh-{}", number + 1),
                                "expires_at": 4_000_000_000_i64});
            Reply::Whole(Answer::json(200, &tokens))
        }
    });
    (server.await.unwrap(), renewals)
}

/// A browser of Olena's, whose token has run out.
async fn signed_in(app: &App) -> String {
    let secret = new_secret();
    let sealed = |kind, token: &str| app.seal().seal(&token_context(&secret, kind), token.as_bytes());
    sqlx::query(
        "insert into web_sessions (secret_hash, email, user_id, created_at, seen_at, access_token, access_expires_at, refresh_token)
         values ($1, 'olena@example.com', gen_random_uuid(), $2, $2, $3, $2, $4)",
    )
    .bind(hash(&secret))
    .bind(app.now())
    .bind(sealed("access", "old"))
    .bind(sealed("refresh", "refresh-0"))
    .execute(&app.pool)
    .await
    .unwrap();
    secret
}

#[tokio::test]
async fn of_many_who_want_a_token_renewed_at_once_one_does_it_over_all_processes() {
    let (server, renewals) = project().await;
    let app = App::builder()
        .webs(2)
        .with("SUPABASE_URL", server.url())
        .with("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_p")
        .with("SUPABASE_SECRET_KEY", "sb_secret_s")
        .start()
        .await;
    let secret = signed_in(&app).await;
    let mut browsers: Vec<Browser> = (0..6).map(|number| Browser::at(app.web(number % 2))).collect();
    let opened = browsers.iter_mut().map(|browser| {
        browser.cookies.insert("pykhbrain".into(), secret.clone());
        browser.open("/account")
    });
    for page in futures::future::join_all(opened).await {
        assert!(page.text().contains("in no account"), "{}: {}", page.status, page.text());
    }
    assert_eq!(renewals.load(Ordering::SeqCst), 1);

    // What the project ends is over here at the next renewal, and the cookie opens nothing.
    sqlx::query("update web_sessions set access_expires_at = created_at").execute(&app.pool).await.unwrap();
    renewals.store(7, Ordering::SeqCst);
    assert!(browsers[0].open("/account").await.text().contains("There is no password"));
    assert_eq!(app.count("select count(*) from web_sessions").await, 0);
}

#[tokio::test]
async fn a_mail_that_comes_too_soon_for_the_project_waits_as_long_as_it_says_and_goes_then() {
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    let server = Server::start(move |_: Request| {
        let counted = Arc::clone(&counted);
        async move {
            let too_soon = json!({"error_code": "over_email_send_rate_limit"});
            match counted.fetch_add(1, Ordering::SeqCst) {
                0 => Reply::Whole(Answer::json(429, &too_soon)),
                _ => Reply::Whole(Answer::json(200, &json!({}))),
            }
        }
    });
    let server = server.await.unwrap();
    let app = App::builder()
        .with("SUPABASE_URL", server.url())
        .with("SUPABASE_PUBLISHABLE_KEY", "sb_publishable_p")
        .with("SUPABASE_SECRET_KEY", "sb_secret_s")
        .start()
        .await;
    app.ask(OLENA, "hi").await;
    app.ask(OLENA, "/register olena@example.com").await;
    let put_off = "select count(*) from apalis.jobs where job_type = 'send_link' and status = 'Pending' and attempts = 0
                   and run_at > now() + interval '50 seconds'";
    app.waits_until(put_off, 1).await;
    let due = "update apalis.jobs set run_at = now() where job_type = 'send_link'";
    sqlx::query(due).execute(&app.pool).await.unwrap();
    app.waits_until("select count(*) from sign_in_links where sent_at is not null", 1).await;
    assert_eq!(asked.load(Ordering::SeqCst), 2);
    assert!(!app.seen_in(OLENA.id).iter().any(|said| said.contains("right now")), "nothing is wrong");
}
