//! Signing in and out, the account page, and what attackers try.

use chrono::Duration;
use serde_json::json;

use crate::{
    accounts::account_of,
    fakes::smtp::FakeSmtp,
    register::{
        ADDRESS, asks, confirms, confirms_from, joins_by_registering, other_than, registers, with_mail,
        with_webs,
    },
    support::{
        app::App,
        browser::{Browser, Page},
        joining::answers,
        updates::{FAMILY, OLENA, Person, TARAS, group},
    },
};

/// Olena has a permanent account and is signed in.
pub async fn olena_is_in() -> (App, FakeSmtp, Browser) {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    let browser = registers(&app, &mail, OLENA, ADDRESS).await;
    (app, mail, browser)
}

/// Types an address on the sign-in page.
pub async fn asks_for_link(browser: &mut Browser, address: &str) -> Page {
    let page = browser.open("/login").await;
    browser.send(&page, "/login", &[("email", address)]).await
}

/// The link that `/dashboard` gives.
pub async fn dashboard(app: &App, person: Person) -> String {
    let said = app.ask(person, "/dashboard").await.remove(0);
    let at = said.find("/auth/confirm").unwrap_or_else(|| panic!("no link: {said}"));
    said[at..].split_whitespace().next().unwrap().to_owned()
}

pub async fn opens(browser: &mut Browser, link: &str) -> Page {
    let page = browser.open(link).await;
    if page.status == 200 { confirms_from(browser, &page, "").await } else { page }
}

#[tokio::test]
async fn a_link_by_mail_signs_in_and_signing_out_ends_the_session() {
    let (app, mail, _) = olena_is_in().await;
    let mut browser = app.browser();
    assert!(asks_for_link(&mut browser, " OLENA@example.com ").await.text().contains("a link is on its way"));
    let letter = mail.mail(2).await;
    assert!(letter.to == ADDRESS && letter.subject.contains("sign-in link"), "{letter:?}");
    assert_eq!(opens(&mut browser, &letter.link()).await.location(), "/account");
    let page = browser.open("/account").await;
    assert!(page.text().contains("Olena private") && page.text().contains("this one"), "{}", page.text());

    let page = browser.open("/logout").await;
    assert!(page.text().contains(ADDRESS));
    assert_eq!(app.count("select count(*) from web_sessions").await, 2, "looking ends nothing");
    let kept = browser.cookies.clone();
    browser.send(&page, "/logout", &[]).await;
    assert_eq!(app.count("select count(*) from web_sessions").await, 1);
    browser.cookies = kept;
    assert!(
        browser.open("/account").await.text().contains("There is no password"),
        "the cookie opens nothing"
    );
}

#[tokio::test]
async fn the_dashboard_link_signs_in_who_is_known_by_telegram() {
    let (app, mail, _) = olena_is_in().await;
    let mut browser = app.browser();
    assert_eq!(opens(&mut browser, &dashboard(&app, OLENA).await).await.location(), "/account");
    assert!(browser.open("/account").await.text().contains(ADDRESS));

    app.ask(TARAS, "hi").await;
    assert!(app.ask(TARAS, "/dashboard").await[0].contains("/register"));
    app.says_in(OLENA, &group(FAMILY), "/dashboard", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.seen_in(FAMILY).last().unwrap().contains("private chat"));

    let said = app.ask(OLENA, "/link").await.remove(0);
    let code = said.lines().find_map(|line| line.strip_prefix("/link ")).unwrap().to_owned();
    app.joins(TARAS, &TARAS.chat(), &code).await;
    let said = app.ask(TARAS, "/dashboard").await.remove(0);
    assert!(said.contains("which of its people"), "a chat that was linked is not yet anybody's: {said}");
    let (letter, code) = asks(&app, &mail, TARAS, "taras@example.com").await;
    let stranger = confirms(&mut app.browser(), &letter, &code).await;
    assert_eq!(stranger.status, 409, "he is not in that account: {}", stranger.text());
}

#[tokio::test]
async fn ten_dashboard_links_an_hour_are_enough() {
    let (app, _, _) = olena_is_in().await;
    for _ in 0..10 {
        dashboard(&app, OLENA).await;
    }
    let again = dashboard(&app, OLENA).await;
    assert_eq!(again, dashboard(&app, OLENA).await, "one that is still good is shown again");
    app.clock.advance(Duration::minutes(15));
    assert!(app.ask(OLENA, "/dashboard").await[0].contains("ten links"));
    app.clock.advance(Duration::hours(1));
    dashboard(&app, OLENA).await;
}

#[tokio::test]
async fn people_are_invited_removed_and_told_by_mail() {
    let (app, mail, mut olena) = olena_is_in().await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    let page = olena.open("/account").await;
    let fields = [("account", &*account), ("email", "Marta@example.com")];
    assert_eq!(olena.send(&page, "/account/invite", &fields).await.status, 303);
    let letter = mail.mail(2).await;
    assert!(letter.to == "marta@example.com" && letter.text.contains("/login"), "{letter:?}");

    let mut marta = app.browser();
    asks_for_link(&mut marta, "marta@example.com").await;
    opens(&mut marta, &mail.mail(3).await.link()).await;
    assert_eq!(
        answers(&mut marta, "accept").await.location(),
        format!("/account?account={account}&done=accept")
    );
    let page = marta.open("/account").await;
    assert!(page.text().contains("a member") && !page.text().contains("Invite by mail"), "{}", page.text());
    assert!(!page.text().contains("Olena private"), "another's private chat is not shown: {}", page.text());
    let refused =
        marta.send(&page, "/account/invite", &[("account", &account), ("email", "x@example.com")]).await;
    assert!(refused.status == 403 && refused.text().contains("only an administrator"), "{}", refused.text());

    let page = olena.open("/account").await;
    let person =
        app.count("select id from account_users where email = 'marta@example.com'").await.to_string();
    olena.send(&page, "/account/remove", &[("account", &account), ("person", &person)]).await;
    assert!(marta.open("/account").await.text().contains("in no account"), "at once");
    let done = "select count(*) from audit_log where action = 'person_removed' and actor like 'person:%' and origin = '127.0.0.1'";
    assert_eq!(app.count(done).await, 1);
}

#[tokio::test]
async fn a_chat_joins_by_the_dashboards_code_and_is_unlinked_there() {
    let (app, _, mut olena) = olena_is_in().await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    let page = olena.open("/account").await;
    let page = olena.send(&page, "/account/link_code", &[("account", &account)]).await;
    let at = page.html.find("/link ").expect("a code") + 6;
    let code = page.html[at..at + 9].to_owned();
    app.ask(TARAS, "hi").await;
    app.joins(TARAS, &TARAS.chat(), &code).await;
    assert!(app.ask(TARAS, &format!("/link {code}")).await[0].contains("already"), "twice is as once");
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), &format!("/link {code}"), &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.seen_in(FAMILY).last().unwrap().contains("do not know this code"), "it lets one in");

    let page = olena.open("/account").await;
    let chat = OLENA.id.to_string();
    let done = olena.send(&page, "/account/unlink", &[("account", &account), ("chat", &chat)]).await;
    assert_eq!(done.status, 303, "{}", done.text());
    assert_ne!(account_of(&app, OLENA.id).await.0.to_string(), account);
    assert!(
        olena.open("/account").await.text().contains(ADDRESS),
        "the account stays hers without that chat"
    );
}

#[tokio::test]
async fn an_administrator_can_put_out_a_private_chat_that_came_by_a_code() {
    let (app, _, mut olena) = olena_is_in().await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    let said = app.ask(OLENA, "/link").await.remove(0);
    let code = said.lines().find_map(|line| line.strip_prefix("/link ")).unwrap().to_owned();
    app.ask(TARAS, "my secret is zztaras").await;
    app.joins(TARAS, &TARAS.chat(), &code).await;
    let said = app.ask(TARAS, "/link").await.remove(0);
    assert!(said.contains("for the account's administrators"), "who was let in lets nobody in: {said}");

    let page = olena.open("/account").await;
    assert!(page.text().contains("Taras private") && !page.html.contains("zztaras"), "{}", page.text());
    let chat = TARAS.id.to_string();
    olena.send(&page, "/account/unlink", &[("account", &account), ("chat", &chat)]).await;
    assert_ne!(account_of(&app, TARAS.id).await.0.to_string(), account);
    let again = olena.send(&page, "/account/unlink", &[("account", &account), ("chat", &chat)]).await;
    assert!(again.status == 409 && again.text().contains("nothing was changed"), "{}", again.text());
}

#[tokio::test]
async fn a_person_with_two_telegram_accounts_is_known_in_both_until_a_chat_leaves() {
    let (app, mail, mut olena) = olena_is_in().await;
    app.ask(TARAS, "hi").await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    joins_by_registering(&app, &mail, TARAS, ADDRESS, &account).await;
    for person in [OLENA, TARAS] {
        assert_eq!(opens(&mut app.browser(), &dashboard(&app, person).await).await.location(), "/account");
    }
    let page = olena.open("/account").await;
    assert!(
        page.text().contains("Olena private") && page.text().contains("Taras private"),
        "{}",
        page.text()
    );
    let account = page.hidden("account");
    let chat = TARAS.id.to_string();
    olena.send(&page, "/account/unlink", &[("account", &account), ("chat", &chat)]).await;
    assert!(
        app.ask(TARAS, "/dashboard").await[0].contains("/register"),
        "that chat signs nobody in any more"
    );
    dashboard(&app, OLENA).await;
}

#[tokio::test]
async fn a_member_who_registers_a_group_does_not_bring_it_into_the_account() {
    let (app, mail, mut olena) = olena_is_in().await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    let page = olena.open("/account").await;
    olena.send(&page, "/account/invite", &[("account", &account), ("email", "taras@example.com")]).await;
    mail.mail(2).await;
    let mut taras = app.browser();
    asks_for_link(&mut taras, "taras@example.com").await;
    opens(&mut taras, &mail.mail(3).await.link()).await;
    answers(&mut taras, "accept").await;
    app.ask(TARAS, "hi").await;
    app.telegram.set_administrators(FAMILY, &[TARAS.id]);
    app.says_in(TARAS, &group(FAMILY), "/register", &json!({})).await;
    app.run_pending_jobs().await;
    let key = app.telegram.sent_to(FAMILY).pop().unwrap();
    app.presses(TARAS, &key, "Go on in private").await;
    app.run_pending_jobs().await;
    let code = crate::register::code_in(&app.ask(TARAS, "taras@example.com").await.remove(0));
    let done = confirms(&mut app.browser(), &mail.mail(4).await, &code).await;
    assert_eq!(done.done(), "permanent");
    assert_ne!(account_of(&app, FAMILY).await.0.to_string(), account);
}

#[tokio::test]
async fn who_leaves_is_noted_as_who_did_it() {
    let (app, mail, mut olena) = olena_is_in().await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    let page = olena.open("/account").await;
    olena.send(&page, "/account/invite", &[("account", &account), ("email", "marta@example.com")]).await;
    mail.mail(2).await;
    let mut marta = app.browser();
    asks_for_link(&mut marta, "marta@example.com").await;
    opens(&mut marta, &mail.mail(3).await.link()).await;
    answers(&mut marta, "accept").await;
    let page = marta.open("/account").await;
    let me = app.count("select id from account_users where email = 'marta@example.com'").await.to_string();
    let left = marta.send(&page, "/account/remove", &[("account", &account), ("person", &me)]).await;
    assert_eq!(left.status, 303, "{}", left.text());
    let who: (String, String) =
        sqlx::query_as("select actor, origin from audit_log where action = 'person_removed'")
            .fetch_one(&app.pool)
            .await
            .unwrap();
    assert_eq!(who, (format!("person:{me}"), "127.0.0.1".into()));
}

#[tokio::test]
async fn the_dashboard_stays_when_the_group_goes() {
    let (app, _, mut olena) = olena_is_in().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    let said = app.ask(OLENA, "/link").await.remove(0);
    let code = said.lines().find_map(|line| line.strip_prefix("/link ")).unwrap().to_owned();
    app.joins(OLENA, &group(FAMILY), &code).await;
    let kicked = json!({
        "chat": group(FAMILY), "from": OLENA.json(), "date": app.now().timestamp(),
        "old_chat_member": {"status": "member", "user": {"id": 4242, "is_bot": true, "first_name": "Bot"}},
        "new_chat_member": {"status": "kicked", "user": {"id": 4242, "is_bot": true, "first_name": "Bot"}},
    });
    app.deliver(&app.update("my_chat_member", &kicked)).await;
    app.run_pending_jobs().await;
    let page = olena.open("/account").await;
    assert!(page.text().contains("Family the bot was put out there"), "{}", page.text());
}

#[tokio::test]
async fn sessions_are_listed_ended_and_over_after_thirty_idle_days() {
    let (app, _, mut olena) = olena_is_in().await;
    let mut other = app.browser();
    other.headers.insert(
        "user-agent",
        "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0".parse().unwrap(),
    );
    opens(&mut other, &dashboard(&app, OLENA).await).await;
    let page = olena.open("/account").await;
    assert!(page.text().contains("Firefox on Linux"), "{}", page.text());
    let session = page.hidden("session");
    let account = page.hidden("account");
    olena.send(&page, "/account/end_session", &[("account", &account), ("session", &session)]).await;
    assert!(other.open("/account").await.text().contains("Sign in"));

    for _ in 0..3 {
        app.clock.advance(Duration::days(29));
        assert!(olena.open("/account").await.text().contains(ADDRESS), "each visit keeps it");
    }
    app.clock.advance(Duration::days(30));
    assert!(olena.open("/account").await.text().contains("Sign in"), "thirty days without one");
}

#[tokio::test]
async fn an_unknown_address_gets_the_same_answer_the_same_work_and_no_mail() {
    let (app, mail, _) = olena_is_in().await;
    let known = asks_for_link(&mut app.browser(), ADDRESS).await;
    let unknown = asks_for_link(&mut app.browser(), "nobody@example.com").await;
    assert_eq!((known.status, known.html), (unknown.status, unknown.html));
    assert_eq!(app.count("select count(*) from apalis.jobs where job_type = 'send_link'").await, 3);
    mail.mail(2).await;
    app.failed_jobs_run_now("send_link").await;
    assert_eq!(mail.mails().len(), 2);

    // What takes a place for an address is the same for both; too many is not told.
    for address in [ADDRESS, "nobody@example.com"] {
        for _ in 0..4 {
            assert_eq!(asks_for_link(&mut app.browser(), address).await.status, 200);
        }
    }
}

#[tokio::test]
async fn looking_at_a_link_uses_nothing_and_using_it_twice_does() {
    let (app, _, _) = olena_is_in().await;
    let link = dashboard(&app, OLENA).await;
    for _ in 0..3 {
        let scanner = app.browser().open(&link).await;
        assert!(scanner.status == 200 && scanner.text().contains(ADDRESS));
    }
    let mut browser = app.browser();
    assert_eq!(opens(&mut browser, &link).await.status, 303);
    let used = app.browser().open(&link).await;
    assert!(used.status == 410 && used.text().contains("works once"), "{}", used.text());

    let late = dashboard(&app, OLENA).await;
    app.clock.advance(Duration::minutes(15));
    assert_eq!(app.browser().open(&late).await.status, 410);
}

#[tokio::test]
async fn of_a_thousand_guessed_codes_four_are_looked_at() {
    let (app, mail) = with_webs(2).await;
    app.ask(OLENA, "hi").await;
    let (letter, code) = asks(&app, &mail, OLENA, ADDRESS).await;
    let mut browsers = [app.browser(), Browser::at(app.web(1))];
    let mut wrong = 0;
    for guess in 0..1000 {
        let browser = &mut browsers[guess % 2];
        // Each from a network of its own, so that only the code's own count is in the way.
        let network = format!("203.0.{}.{}", guess / 250, guess % 250);
        browser.headers.insert("x-forwarded-for", network.parse().unwrap());
        let guess = format!("{guess:04}");
        if guess == code {
            continue;
        }
        let page = browser.open(&letter.link()).await;
        let answer = confirms_from(browser, &page, &guess).await;
        match answer.status {
            422 => wrong += 1,
            403 => assert!(answer.text().contains("Five wrong codes"), "{}", answer.text()),
            other => panic!("{other}: {}", answer.text()),
        }
    }
    assert_eq!(wrong, 4, "and the fifth closed it");
    let mut browser = app.browser();
    let page = browser.open(&letter.link()).await;
    assert_eq!(confirms_from(&mut browser, &page, &code).await.status, 403, "the right one comes too late");
    assert_eq!(app.count("select count(*) from account_users").await, 0);
}

#[tokio::test]
async fn twenty_tries_in_ten_minutes_are_for_one_network_over_all_web_processes() {
    let (app, _) = with_webs(2).await;
    let mut browsers = [app.browser(), Browser::at(app.web(1))];
    for number in 0..20 {
        let page = asks_for_link(&mut browsers[number % 2], &format!("someone{number}@example.com")).await;
        assert_eq!(page.status, 200);
    }
    for browser in &mut browsers {
        let page = asks_for_link(browser, "someone@example.com").await;
        assert!(page.status == 429 && page.text().contains("Too many tries"), "{}", page.text());
    }
    browsers[0].headers.insert("x-forwarded-for", "203.0.113.7".parse().unwrap());
    assert_eq!(asks_for_link(&mut browsers[0], "someone@example.com").await.status, 200, "another network");
    app.clock.advance(Duration::minutes(10));
    assert_eq!(asks_for_link(&mut browsers[1], "someone@example.com").await.status, 200);
}

#[tokio::test]
async fn nobody_gets_more_tries_by_saying_where_they_come_from() {
    let app =
        App::builder().workers(0).with("SMTP_URL", "smtp://127.0.0.1:1").with("MAIL_FROM", "bot@example.com");
    let app = app.with("TRUSTED_PROXIES", "192.0.2.1, 10.0.0.0/8").start().await;
    let mut browser = app.browser();
    for number in 0..25 {
        browser.headers.insert("x-forwarded-for", format!("203.0.113.{number}, 10.0.0.1").parse().unwrap());
        let page = asks_for_link(&mut browser, &format!("someone{number}@example.com")).await;
        assert_eq!(page.status, if number < 20 { 200 } else { 429 }, "{number}: {}", page.text());
    }
}

#[tokio::test]
async fn forms_from_elsewhere_or_without_their_token_do_nothing() {
    let (app, _, mut olena) = olena_is_in().await;
    let page = olena.open("/account").await;
    let (form, account) = (page.hidden("form"), page.hidden("account"));
    let invite = [("account", &*account), ("email", "eve@example.com"), ("form", &*form)];
    for origin in
        [None, Some("https://evil.example"), Some("null"), Some("http://localhost:8080.evil.example")]
    {
        assert_eq!(olena.post("/account/invite", &invite, origin).await.status, 403, "{origin:?}");
    }
    let own = olena.base.clone();
    let another_token = app.browser().open("/login").await.hidden("form");
    for token in ["", "0", &another_token] {
        let forged = [("account", &*account), ("email", "eve@example.com"), ("form", token)];
        assert_eq!(olena.post("/account/invite", &forged, Some(&own)).await.status, 403);
        assert_eq!(olena.post("/logout", &[("form", token)], Some(&own)).await.status, 403);
    }
    assert_eq!(app.count("select count(*) from account_users").await, 1);
    assert_eq!(app.count("select count(*) from web_sessions").await, 1);
    assert_eq!(olena.look("/account/invite").await.status, 405, "and a link does nothing either");
}

#[tokio::test]
async fn nobody_signs_in_with_a_session_that_somebody_else_has_planted() {
    let (app, _, mut eve) = olena_is_in().await;
    let planted = eve.cookies.clone();
    let mut victim = app.browser();
    victim.cookies = app.browser().cookies;
    victim.open("/login").await;
    let before = victim.cookies.clone();
    opens(&mut victim, &dashboard(&app, OLENA).await).await;
    assert_ne!(victim.cookies.get("pykhbrain"), before.get("pykhbrain"));

    // A browser that has a session of somebody else's gets a new one of its own.
    victim.cookies = planted.clone();
    opens(&mut victim, &dashboard(&app, OLENA).await).await;
    assert_ne!(victim.cookies.get("pykhbrain"), planted.get("pykhbrain"));
    let mut chosen = app.browser();
    chosen.cookies.insert("pykhbrain".into(), "a".repeat(64));
    opens(&mut chosen, &dashboard(&app, OLENA).await).await;
    assert_ne!(chosen.cookies["pykhbrain"], "a".repeat(64), "nor with one that it made up");
    assert!(eve.open("/account").await.text().contains(ADDRESS));
}

#[tokio::test]
async fn no_address_leads_to_another_site() {
    let (app, _, mut olena) = olena_is_in().await;
    for path in [
        "/login?next=https://evil.example",
        "/account?done=https://evil.example",
        "/login?redirect_to=//evil.example",
    ] {
        let page = olena.look(path).await;
        assert!(!page.location().contains("evil") && !page.html.contains("evil"), "{path}");
    }
    let link =
        format!("{}&next=//evil.example&redirect_to=https://evil.example", dashboard(&app, OLENA).await);
    assert_eq!(opens(&mut app.browser(), &link).await.location(), "/account");
}

#[tokio::test]
async fn numbers_of_another_in_any_field_are_refused() {
    let (app, mail, mut olena) = olena_is_in().await;
    app.ask(TARAS, "hi").await;
    let mut taras = registers(&app, &mail, TARAS, "taras@example.com").await;
    let theirs = account_of(&app, TARAS.id).await.0.to_string();
    let chat = TARAS.id.to_string();
    let person =
        app.count("select id from account_users where email = 'taras@example.com'").await.to_string();
    let session =
        app.count("select id from web_sessions where email = 'taras@example.com'").await.to_string();
    let page = olena.open(&format!("/account?account={theirs}")).await;
    assert!(!page.text().contains("taras@") && !page.text().contains("Taras"), "{}", page.text());
    let own = page.hidden("account");
    for (action, fields) in [
        ("unlink", vec![("account", &*theirs), ("chat", &*chat)]),
        ("unlink", vec![("account", &*own), ("chat", &*chat)]),
        ("invite", vec![("account", &*theirs), ("email", ADDRESS)]),
        ("link_code", vec![("account", &*theirs)]),
        ("remove", vec![("account", &*theirs), ("person", &*person)]),
        ("remove", vec![("account", &*own), ("person", &*person)]),
        ("end_session", vec![("account", &*own), ("session", &*session)]),
    ] {
        let answer = olena.send(&page, &format!("/account/{action}"), &fields).await;
        assert!(!answer.html.contains("taras@"), "{action}: {}", answer.text());
    }
    assert_eq!(account_of(&app, TARAS.id).await.0.to_string(), theirs);
    assert_eq!(app.count("select count(*) from account_users").await, 2);
    assert_eq!(app.count("select count(*) from link_codes").await, 0);
    assert!(taras.open("/account").await.text().contains("taras@example.com"), "his session lives");
    for action in ["", "nothing", "unlink"] {
        let answer = olena.send(&page, &format!("/account/{action}"), &[("account", "x")]).await;
        assert!((400..500).contains(&answer.status), "{action}: {}", answer.status);
    }
}

#[tokio::test]
async fn pages_tell_the_browser_to_be_strict_and_cookies_are_for_us_alone() {
    let (app, _, mut olena) = olena_is_in().await;
    for path in ["/login", "/account", "/logout", "/auth/confirm?token_hash=x"] {
        let page = olena.look(path).await;
        assert!(page.header("content-security-policy").starts_with("default-src 'none'"), "{path}");
        assert_eq!(page.header("cache-control"), "no-store", "{path}");
        assert_eq!(page.header("referrer-policy"), "same-origin", "{path}");
        assert!(!page.html.contains("<script") && !page.html.contains("style="), "{path}");
    }
    let cookie = app.browser().look("/login").await.header("set-cookie").to_owned();
    assert!(
        cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax") && !cookie.contains("Secure"),
        "{cookie}"
    );

    let app = App::builder().with("PUBLIC_URL", "https://bot.example.com").start().await;
    let cookie = app.browser().look("/login").await.header("set-cookie").to_owned();
    assert!(
        cookie.starts_with("__Host-") && cookie.contains("; Secure") && cookie.contains("Path=/"),
        "{cookie}"
    );
}

#[tokio::test]
async fn words_from_a_chat_are_never_markup() {
    let (app, mail) = with_mail().await;
    let mallory = Person { id: 1666, name: "<script>alert(1)</script>" };
    app.ask(mallory, "hi").await;
    let (letter, code) = asks(&app, &mail, mallory, ADDRESS).await;
    let mut browser = app.browser();
    let page = browser.open(&letter.link()).await;
    assert!(!page.html.contains("<script"), "{}", page.html);
    let answer = confirms_from(&mut browser, &page, &other_than(&code)).await;
    assert!(answer.status == 422 && !answer.html.contains("<script"), "{}", answer.html);
    confirms(&mut browser, &letter, &code).await;
    assert!(!browser.open("/account").await.html.contains("<script"));
}

#[tokio::test]
async fn nothing_that_opens_anything_is_in_the_database() {
    let (app, mail, olena) = olena_is_in().await;
    asks_for_link(&mut app.browser(), ADDRESS).await;
    let link = mail.mail(2).await.link();
    let token = link.split("token_hash=").nth(1).unwrap().split('&').next().unwrap().to_owned();
    let secret = olena.cookies["pykhbrain"].clone();
    for table in ["sign_in_links", "web_sessions", "registrations", "audit_log"] {
        let dump: String = sqlx::query_scalar(sqlx::AssertSqlSafe(format!(
            "select coalesce(string_agg(t::text, ' '), '') from {table} t"
        )))
        .fetch_one(&app.pool)
        .await
        .unwrap();
        assert!(!dump.contains(&token) && !dump.contains(&secret), "{table}");
    }
}

#[tokio::test]
async fn an_own_model_is_set_on_the_page_and_its_key_never_comes_back() {
    let (app, _, mut olena) = olena_is_in().await;
    let account = account_of(&app, OLENA.id).await.0.to_string();
    let page = olena.open("/account").await;
    assert!(!page.html.contains(&app.llm.base_url()), "where the operator's model is, is the operator's");
    let inside =
        [("account", &*account), ("base_url", "https://127.0.0.1/v1"), ("model", "m"), ("api_key", "sk-1")];
    let refused = olena.send(&page, "/account/set_model", &inside).await;
    assert!(refused.status == 422 && refused.text().contains("public internet"), "{}", refused.text());

    let (server, key) = (app.llm.base_url(), "sk-of-olena-1234567890");
    let fields = [("account", &*account), ("base_url", &*server), ("model", "gpt-olena"), ("api_key", key)];
    let done = olena.send(&page, "/account/set_model", &fields).await;
    assert_eq!(done.status, 303, "{}", done.text());
    let page = olena.open("/account").await;
    assert!(page.text().contains("gpt-olena") && page.text().contains("7890"), "{}", page.text());
    assert!(!page.html.contains(key), "the key is not sent back");
    let kept: Vec<u8> =
        sqlx::query_scalar("select api_key from account_models").fetch_one(&app.pool).await.unwrap();
    assert!(!kept.windows(6).any(|part| part == b"olena-"), "and it is sealed");
    app.ask(OLENA, "hi").await;
    assert_eq!(app.llm.requests().last().unwrap().model, "gpt-olena");
    olena.send(&page, "/account/remove_model", &[("account", &account)]).await;
    assert_eq!(app.count("select count(*) from account_models").await, 0);
}
