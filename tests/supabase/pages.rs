//! The pages, with everything behind them going through that server: `/register`, the mail, the button, the account, renewal, signing out.

use secrecy::ExposeSecret;

use crate::{
    fakes::http::{Answer, Reply, Server},
    lite::{JWT_SECRET, Lite, PUBLISHABLE, SECRET, token_of},
    support::{
        app::App,
        browser::{Browser, Page},
        database::Database,
        joining::answers,
        updates::OLENA,
    },
};

const ADDRESS: &str = "olena@example.com";

/// The product, with the project in the place of a mail server.
async fn beside(lite: &Lite) -> App {
    App::for_processes()
        .workers(1)
        .database(Database { url: lite.url.clone() })
        .with("SUPABASE_URL", lite.config.url.clone())
        .with("SUPABASE_PUBLISHABLE_KEY", PUBLISHABLE)
        .with("SUPABASE_SECRET_KEY", SECRET)
        .with("SUPABASE_JWT_SECRET", JWT_SECRET)
        .start()
        .await
}

/// The mailed link, as it leads to our page: this server leaves out what stood before it.
fn ours(mailed: &str, registration: &str) -> String {
    let (token, kind) = token_of(mailed);
    format!("/auth/confirm?r={registration}&token_hash={token}&type={kind}")
}

async fn confirms(browser: &mut Browser, page: &Page, code: &str) -> Page {
    let (token, kind, registration) = (page.hidden("token_hash"), page.hidden("type"), page.hidden("r"));
    let fields = [("token_hash", &*token), ("type", &*kind), ("r", &*registration), ("code", code)];
    browser.send(page, "/auth/confirm", &fields).await
}

/// Olena is registered, and signed in with this browser.
async fn olena_is_in(lite: &Lite) -> (App, Browser) {
    let app = beside(lite).await;
    app.ask(OLENA, "I have a cat").await;
    let said = app.ask(OLENA, &format!("/register {ADDRESS}")).await.remove(0);
    let is_code = |line: &&str| line.len() == 4 && line.bytes().all(|byte| byte.is_ascii_digit());
    let code = said.lines().find(is_code).unwrap_or_else(|| panic!("no code: {said}")).to_owned();
    let registration: String =
        sqlx::query_scalar("select id::text from registrations").fetch_one(&app.pool).await.unwrap();
    let link = ours(&lite.mailed(1).await, &registration);
    let mut browser = app.browser();
    let page = browser.open(&link).await;
    assert!(page.text().contains("the private chat of Olena"), "{}", page.text());
    let other = format!("{:04}", (code.parse::<u32>().unwrap() + 1) % 10_000);
    let wrong = confirms(&mut browser, &page, &other).await;
    assert!(wrong.status == 422 && wrong.text().contains("not the code"), "{}", wrong.text());
    let done = confirms(&mut browser, &page, &code).await;
    assert_eq!(done.done(), "permanent", "the wrong code has not used the link: {}", done.text());
    app.waits_for_answer(OLENA.id, "Done:").await;
    (app, browser)
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_chat_is_registered_and_its_account_is_seen_over_postgrest() {
    let lite = Lite::start().await;
    let (app, mut browser) = olena_is_in(&lite).await;
    let page = browser.open("/account").await;
    assert!(page.text().contains("Olena private") && page.text().contains(ADDRESS), "{}", page.text());
    assert_eq!(
        app.count("select count(*) from account_users where user_id is not null").await,
        1,
        "tied to the identity"
    );
    let account = page.hidden("account");
    browser.send(&page, "/account/invite", &[("account", &account), ("email", "marta@example.com")]).await;
    let from = "select count(*) from audit_log where action = 'person_invited' and actor like 'person:%' and origin = '127.0.0.1'";
    assert_eq!(app.count(from).await, 1);

    // Marta's mail signs her in. Nobody is taken for another by a link that was used.
    let link = ours(&lite.mailed(2).await, "");
    let mut marta = app.browser();
    let page = marta.open(&link).await;
    assert_eq!(confirms(&mut marta, &page, "").await.location(), "/account");
    assert!(marta.open("/account").await.text().contains("You are invited as a member"));
    assert_eq!(app.count("select count(*) from account_users").await, 1, "and is nobody there yet");
    assert_eq!(answers(&mut marta, "accept").await.status, 303);
    let tied = "select count(*) from account_users where email = 'marta@example.com' and user_id is not null";
    assert_eq!(app.count(tied).await, 1, "tied to the identity");
    let page = marta.open("/account").await;
    assert!(page.text().contains("a member") && !page.text().contains("Olena private"), "{}", page.text());
    let mut second = app.browser();
    let page = second.open(&link).await;
    assert_eq!(confirms(&mut second, &page, "").await.status, 410);
    assert!(second.open("/account").await.text().contains("There is no password"));
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_session_is_renewed_when_its_token_ends_and_signing_out_ends_it_there_too() {
    let lite = Lite::start().await;
    let (app, mut browser) = olena_is_in(&lite).await;
    let sealed = "select encode(refresh_token, 'hex') from web_sessions";
    let before: String = sqlx::query_scalar(sealed).fetch_one(&app.pool).await.unwrap();
    sqlx::query("update web_sessions set access_expires_at = now()").execute(&app.pool).await.unwrap();
    let page = browser.open("/account").await;
    assert!(page.text().contains("Olena private"), "{}: {}", page.status, page.text());
    let after: String = sqlx::query_scalar(sealed).fetch_one(&app.pool).await.unwrap();
    assert_ne!(before, after, "it rotates, and is kept sealed");
    let renewed = "select count(*) from web_sessions where access_expires_at > now() + interval '50 minutes'";
    assert_eq!(app.count(renewed).await, 1);

    // This server makes two sessions of one link; ours is one of them.
    let there = "select count(*) from auth.sessions";
    let open = app.count(there).await;
    let page = browser.open("/logout").await;
    browser.send(&page, "/logout", &[]).await;
    assert_eq!(app.count("select count(*) from web_sessions").await, 0);
    assert_eq!(app.count(there).await, open - 1, "it is over there too");
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_session_that_was_ended_there_is_over_here() {
    let lite = Lite::start().await;
    let (app, mut browser) = olena_is_in(&lite).await;
    for statement in ["delete from auth.sessions", "update web_sessions set access_expires_at = now()"] {
        sqlx::query(statement).execute(&app.pool).await.unwrap();
    }
    assert!(browser.open("/account").await.text().contains("There is no password"));
    assert_eq!(app.count("select count(*) from web_sessions").await, 0);
}

#[tokio::test]
#[ignore = "wants Node.js: .ci/run supabase"]
async fn a_project_that_is_away_uses_nothing_up_and_its_mails_are_tried_again() {
    let lite = Lite::start().await;
    let down =
        Server::start(|_| async { Reply::Whole(Answer::json(503, &serde_json::json!({}))) }).await.unwrap();
    let app = App::for_processes()
        .workers(1)
        .database(Database { url: lite.url.clone() })
        .with("SUPABASE_URL", down.url())
        .with("SUPABASE_PUBLISHABLE_KEY", PUBLISHABLE)
        .with("SUPABASE_SECRET_KEY", lite.config.secret_key.expose_secret())
        .start()
        .await;
    app.ask(OLENA, "hi").await;
    app.ask(OLENA, &format!("/register {ADDRESS}")).await;
    app.waits_for_answer(OLENA.id, "does not take the mail right now").await;
    let mut browser = app.browser();
    let page = browser.open("/auth/confirm?r=&token_hash=abc&type=magiclink").await;
    let away = confirms(&mut browser, &page, "").await;
    assert!(away.status == 503 && away.text().contains("Nothing has happened"), "{}", away.text());
}
