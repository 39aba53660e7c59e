//! `/register`: from the word in the chat by the mail to the page, and what the chat has then.

use chrono::Duration;
use serde_json::json;

use crate::{
    accounts::account_of,
    fakes::smtp::{FakeSmtp, Mail},
    support::{
        app::App,
        browser::{Browser, Page},
        joining::answers,
        updates::{FAMILY, OLENA, Person, TARAS, group},
    },
};

pub const ADDRESS: &str = "olena@example.com";

/// A product that can send mail.
pub async fn with_mail() -> (App, FakeSmtp) {
    with_webs(1).await
}

pub async fn with_webs(webs: usize) -> (App, FakeSmtp) {
    let mail = FakeSmtp::start().await;
    let app = App::builder()
        .webs(webs)
        .with("SMTP_URL", mail.url())
        .with("MAIL_FROM", "PykhBrain <bot@example.com>")
        // Browsers of the tests come through a proxy of this machine where they say so.
        .with("TRUSTED_PROXIES", "127.0.0.1");
    (app.start().await, mail)
}

/// The four digits in an answer.
pub fn code_in(said: &str) -> String {
    let is_code = |line: &&str| line.len() == 4 && line.bytes().all(|byte| byte.is_ascii_digit());
    said.lines().find(is_code).unwrap_or_else(|| panic!("no code: {said}")).to_owned()
}

/// A code that is another one.
pub fn other_than(code: &str) -> String {
    format!("{:04}", (code.parse::<u32>().unwrap() + 1) % 10_000)
}

/// Asks in private and gets the mail and the code.
pub async fn asks(app: &App, mail: &FakeSmtp, person: Person, address: &str) -> (Mail, String) {
    let count = mail.mails().len() + 1;
    let said = app.ask(person, &format!("/register {address}")).await.remove(0);
    (mail.mail(count).await, code_in(&said))
}

/// Opens the link and types the code.
pub async fn confirms(browser: &mut Browser, mail: &Mail, code: &str) -> Page {
    let page = browser.open(&mail.link()).await;
    assert_eq!(page.status, 200, "{}", page.text());
    confirms_from(browser, &page, code).await
}

/// Types the code on the page behind a link.
pub async fn confirms_from(browser: &mut Browser, page: &Page, code: &str) -> Page {
    let (token, kind, registration) = (page.hidden("token_hash"), page.hidden("type"), page.hidden("r"));
    let fields = [("token_hash", &*token), ("type", &*kind), ("r", &*registration), ("code", code)];
    browser.send(page, "/auth/confirm", &fields).await
}

/// Registers from beginning to end, with a browser that is signed in then.
pub async fn registers(app: &App, mail: &FakeSmtp, person: Person, address: &str) -> Browser {
    let (mail, code) = asks(app, mail, person, address).await;
    let mut browser = app.browser();
    let done = confirms(&mut browser, &mail, &code).await;
    assert_eq!(done.status, 303, "{}", done.text());
    app.waits_for_answer(person.id, "Done:").await;
    browser
}

/// On the page that asks which account it shall be: this one, or 0 for an own one.
pub async fn chooses(browser: &mut Browser, choose: &Page, account: &str) -> Page {
    assert!(choose.text().contains("Which account shall it have?"), "{}", choose.text());
    let (registration, code) = (choose.hidden("r"), choose.hidden("code"));
    browser
        .send(choose, "/auth/confirm", &[("r", &*registration), ("code", &*code), ("account", account)])
        .await
}

/// Registers a chat into an account that its person is in.
pub async fn joins_by_registering(app: &App, mail: &FakeSmtp, person: Person, address: &str, account: &str) {
    let (letter, code) = asks(app, mail, person, address).await;
    let mut browser = app.browser();
    let choose = confirms(&mut browser, &letter, &code).await;
    assert_eq!(chooses(&mut browser, &choose, account).await.done(), "joined");
    app.waits_for_answer(person.id, "Linked: ").await;
    app.has_told_all().await;
}

#[tokio::test]
async fn a_chat_is_registered_by_a_link_and_a_code_and_keeps_all_that_it_had() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "I have a cat").await;
    let account = account_of(&app, OLENA.id).await;

    let (letter, code) = asks(&app, &mail, OLENA, "Olena@Example.com").await;
    assert_eq!(letter.to, ADDRESS);
    assert!(letter.text.contains("\"Olena\"") && !letter.text.contains(&code), "{}", letter.text);

    let mut browser = app.browser();
    let page = browser.open(&letter.link()).await;
    assert!(
        page.text().contains("the private chat of Olena") && page.text().contains(ADDRESS),
        "{}",
        page.text()
    );
    let done = confirms(&mut browser, &letter, &code).await;
    assert_eq!((done.status, done.done()), (303, "permanent"));

    let told = app.waits_for_answer(OLENA.id, "Done:").await;
    assert!(told.contains("does not end after 30 days") && told.contains(ADDRESS), "{told}");
    assert_eq!(account_of(&app, OLENA.id).await, account, "nothing is copied");
    let page = browser.open("/account?done=permanent").await;
    assert!(page.text().contains(ADDRESS) && page.text().contains("an administrator"), "{}", page.text());
    app.clock.advance(Duration::days(31));
    app.ask(OLENA, "what was it about the cat?").await;
    assert!(app.last_prompt().contains("I have a cat"));
    let from = "select count(*) from audit_log where action = 'registered' and actor like 'person:%' and origin = '127.0.0.1'";
    assert_eq!(app.count(from).await, 1, "who did it, and from where");
}

#[tokio::test]
async fn without_an_address_the_bot_asks_and_takes_the_bare_address_for_the_answer() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    let said = app.ask(OLENA, "/register").await.remove(0);
    assert!(said.contains("Which mail address"), "{said}");
    for broken in ["/register olena", "/register olena@example", "/register two words@example.com"] {
        let said = app.ask(OLENA, broken).await.remove(0);
        assert!(said.contains("no mail address"), "{broken}: {said}");
    }
    let said = app.ask(OLENA, " olena@example.com ").await.remove(0);
    code_in(&said);
    assert_eq!(mail.mail(1).await.to, ADDRESS);
    let kept = "select count(*) from chat_history where content like '%olena@%'";
    assert_eq!(app.count(kept).await, 0, "what is said to sign in is no conversation");

    app.ask(TARAS, "hi").await;
    app.ask(TARAS, "taras@example.com").await;
    assert_eq!(mail.mails().len(), 1, "nobody had asked Taras: he talks about an address");
}

#[tokio::test]
async fn in_a_group_it_goes_on_in_private_and_only_for_its_administrators() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(TARAS, &group(FAMILY), "/register", &json!({})).await;
    app.run_pending_jobs().await;
    assert!(app.seen_in(FAMILY).last().unwrap().contains("administrators"));

    app.says_in(OLENA, &group(FAMILY), "/register olena@example.com", &json!({})).await;
    app.run_pending_jobs().await;
    let key = app.telegram.sent_to(FAMILY).pop().unwrap();
    assert!(key.text.contains("in private") && key.text.contains("delete your message"), "{}", key.text);
    assert!(mail.mails().is_empty());

    let press = app.presses(TARAS, &key, "Go on in private").await;
    assert!(app.toast(&press).await.unwrap().contains("administrators"));
    let press = app.presses(OLENA, &key, "Go on in private").await;
    assert!(app.toast(&press).await.unwrap().contains("written to you"));
    app.run_pending_jobs().await;
    assert!(app.seen_in(OLENA.id).last().unwrap().contains("\"Family\""));

    let code = code_in(&app.ask(OLENA, ADDRESS).await.remove(0));
    let letter = mail.mail(1).await;
    let page = app.browser().open(&letter.link()).await;
    assert!(page.text().contains("the group Family"), "{}", page.text());
    let mut browser = app.browser();
    confirms(&mut browser, &letter, &code).await;
    let told = app.waits_for_answer(FAMILY, "Done:").await;
    assert!(!told.contains('@'), "no address is posted: {told}");
    app.waits_for_answer(OLENA.id, "belongs to your permanent account").await;
    let page = browser.open("/account").await;
    assert!(page.text().contains("Family group"), "{}", page.text());
    assert!(
        app.ask(OLENA, "/status").await[0].starts_with("Account: temporary"),
        "her own chat stays as it was"
    );
}

#[tokio::test]
async fn an_address_that_has_an_account_may_choose_it_for_the_chat() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    registers(&app, &mail, OLENA, ADDRESS).await;
    app.ask(TARAS, "I play the violin").await;
    let (letter, code) = asks(&app, &mail, TARAS, ADDRESS).await;
    let mut browser = app.browser();
    let choose = confirms(&mut browser, &letter, &code).await;
    assert_eq!(app.count("select count(*) from accounts").await, 2, "nothing is joined by itself");
    let account = account_of(&app, OLENA.id).await.0.to_string();
    assert_eq!(chooses(&mut browser, &choose, &account).await.done(), "joined");
    let told = app.waits_for_answer(TARAS.id, "Linked: ").await;
    assert!(told.contains("\"Olena\"") && told.contains(ADDRESS), "{told}");
    assert_eq!(account_of(&app, TARAS.id).await, account_of(&app, OLENA.id).await);
    assert_eq!(app.count("select count(*) from accounts").await, 1);
    assert_eq!(app.count("select count(*) from chat_history where content = 'I play the violin'").await, 1);
}

#[tokio::test]
async fn who_is_in_several_accounts_chooses_and_may_have_one_more() {
    let (app, mail) = with_mail().await;
    for person in [OLENA, TARAS] {
        app.ask(person, "hi").await;
    }
    let olenas = registers(&app, &mail, OLENA, ADDRESS).await;
    let mut taras = registers(&app, &mail, TARAS, "taras@example.com").await;
    let page = taras.open("/account").await;
    let account = account_of(&app, TARAS.id).await.0.to_string();
    let fields = [("account", &*account), ("email", ADDRESS), ("is_admin", "yes")];
    let invited = taras.send(&page, "/account/invite", &fields).await;
    assert_eq!(invited.status, 303, "{}", invited.text());
    let letter = mail.mail(3).await;
    assert!(letter.to == ADDRESS && letter.link() == "/login", "{letter:?}");
    let mut olena = olenas;
    answers(&mut olena, "accept").await;
    app.has_told_all().await;

    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), "/register", &json!({})).await;
    app.run_pending_jobs().await;
    let key = app.telegram.sent_to(FAMILY).pop().unwrap();
    app.presses(OLENA, &key, "Go on in private").await;
    app.run_pending_jobs().await;
    let code = code_in(&app.ask(OLENA, ADDRESS).await.remove(0));
    let letter = mail.mail(4).await;
    let mut browser = app.browser();
    let choose = confirms(&mut browser, &letter, &code).await;
    assert!(choose.text().contains("Taras") && choose.text().contains("Olena"), "{}", choose.text());

    let refused = chooses(&mut browser, &choose, "999999").await;
    assert!(refused.text().contains("Which account"), "another's number is no choice: {}", refused.text());
    let done = chooses(&mut browser, &choose, "0").await;
    assert_eq!(done.done(), "permanent", "{}", done.text());
    app.waits_for_answer(FAMILY, "Done:").await;
    assert_eq!(app.count("select count(*) from account_users where email = 'olena@example.com'").await, 3);
    let page = browser.open("/account").await;
    assert!(page.html.matches("href=\"/account?account=").count() == 3, "{}", page.text());
}

#[tokio::test]
async fn what_is_confirmed_after_the_account_has_ended_makes_nothing_permanent() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    app.clock.advance(Duration::days(30) - Duration::seconds(2));
    let (letter, code) = asks(&app, &mail, OLENA, ADDRESS).await;
    app.clock.advance(Duration::seconds(2));
    let mut browser = app.browser();
    let late = confirms(&mut browser, &letter, &code).await;
    assert!(late.status == 410 && late.text().contains("has ended"), "{}", late.text());
    assert_eq!(app.count("select count(*) from account_users").await, 0);
    assert_eq!(app.count("select count(*) from web_sessions").await, 0);
}

#[tokio::test]
async fn one_second_before_the_end_is_early_enough() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    app.clock.advance(Duration::days(30) - Duration::seconds(2));
    let (letter, code) = asks(&app, &mail, OLENA, ADDRESS).await;
    app.clock.advance(Duration::seconds(1));
    assert_eq!(confirms(&mut app.browser(), &letter, &code).await.done(), "permanent");
}

#[tokio::test]
async fn of_two_people_who_register_one_chat_the_second_is_told() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    let (first, first_code) = asks(&app, &mail, OLENA, ADDRESS).await;
    let (second, second_code) = asks(&app, &mail, OLENA, "taras@example.com").await;
    assert_eq!(confirms(&mut app.browser(), &second, &second_code).await.status, 303);
    let mut browser = app.browser();
    let late = confirms(&mut browser, &first, &first_code).await;
    assert!(late.status == 409 && late.text().contains("another permanent account"), "{}", late.text());
    assert_eq!(app.count("select count(*) from account_users").await, 1);
    assert!(browser.open("/account").await.text().contains("Mail address"), "she is not signed in");
}

#[tokio::test]
async fn one_address_from_two_chats_at_once_is_one_account() {
    let (app, mail) = with_mail().await;
    for person in [OLENA, TARAS] {
        app.ask(person, "hi").await;
    }
    let (first, first_code) = asks(&app, &mail, OLENA, ADDRESS).await;
    let (second, second_code) = asks(&app, &mail, TARAS, ADDRESS).await;
    // Both are held where they have seen what accounts there are, and have changed nothing yet.
    let others = app.database.pool();
    let mut held = others.begin().await.unwrap();
    sqlx::query("select from temporary_accounts for update").execute(&mut *held).await.unwrap();
    let let_go = async {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock' and query like '%web_sign_in%'";
        app.waits_until(waiting, 2).await;
        held.rollback().await.unwrap();
    };
    let (mut one, mut other) = (app.browser(), app.browser());
    let (a, b, ()) = tokio::join!(
        confirms(&mut one, &first, &first_code),
        confirms(&mut other, &second, &second_code),
        let_go
    );
    let (mut browser, choose) = if a.status == 303 { (other, b) } else { (one, a) };
    let account = app.count("select account_id from account_users").await.to_string();
    assert_eq!(chooses(&mut browser, &choose, &account).await.done(), "joined");
    assert_eq!(account_of(&app, TARAS.id).await, account_of(&app, OLENA.id).await);
    assert_eq!(app.count("select count(*) from account_users").await, 1);
}

#[tokio::test]
async fn every_step_twice_is_as_once() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    let (letter, code) = asks(&app, &mail, OLENA, ADDRESS).await;
    let (mut browser, mut same) = (app.browser(), app.browser());
    let (a, b) = tokio::join!(
        confirms_or_late(&mut browser, &letter, &code),
        confirms_or_late(&mut same, &letter, &code)
    );
    let mut statuses = [a.status, b.status];
    statuses.sort_unstable();
    assert_eq!(statuses, [303, 410], "a link works once");
    app.waits_for_answer(OLENA.id, "Done:").await;
    assert_eq!(app.count("select count(*) from account_users").await, 1);
    assert_eq!(app.count("select count(*) from web_sessions").await, 1);
    for job in ["send_link", "tell_registered"] {
        app.runs_again(job).await;
    }
    assert_eq!(mail.mails().len(), 1);
    assert_eq!(app.seen_in(OLENA.id).iter().filter(|said| said.starts_with("Done:")).count(), 1);
    assert!(app.ask(OLENA, "/register").await[0].contains("permanent account already"));
}

/// As [`confirms`], where the link may be over before the page is there.
async fn confirms_or_late(browser: &mut Browser, mail: &Mail, code: &str) -> Page {
    let page = browser.open(&mail.link()).await;
    if page.status == 410 { page } else { confirms_from(browser, &page, code).await }
}

#[tokio::test]
async fn a_mail_server_that_is_away_is_tried_again_and_the_chat_is_told_once() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    mail.refuse(&[451, 451]);
    let code = code_in(&app.ask(OLENA, &format!("/register {ADDRESS}")).await.remove(0));
    app.waits_for_answer(OLENA.id, "The mail server does not take the mail right now").await;
    app.failed_jobs_run_now("send_link").await;
    let letter = mail.mail(1).await;
    assert_eq!(app.seen_in(OLENA.id).iter().filter(|said| said.contains("right now")).count(), 1);
    assert_eq!(confirms(&mut app.browser(), &letter, &code).await.status, 303);
}

#[tokio::test]
async fn an_address_that_the_mail_server_refuses_is_told_and_not_tried_again() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    mail.refuse(&[550]);
    app.ask(OLENA, &format!("/register {ADDRESS}")).await;
    app.waits_for_answer(OLENA.id, "refuses to deliver").await;
    app.failed_jobs_run_now("send_link").await;
    assert!(mail.mails().is_empty());
}

#[tokio::test]
async fn a_mail_that_went_out_late_has_its_whole_time() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    mail.refuse(&[451]);
    let code = code_in(&app.ask(OLENA, &format!("/register {ADDRESS}")).await.remove(0));
    app.waits_for_answer(OLENA.id, "right now").await;
    app.clock.advance(Duration::minutes(14));
    app.failed_jobs_run_now("send_link").await;
    let letter = mail.mail(1).await;
    app.waits_until("select count(*) from sign_in_links where sent_at is not null", 1).await;
    app.clock.advance(Duration::minutes(14));
    assert_eq!(confirms(&mut app.browser(), &letter, &code).await.status, 303);
}

#[tokio::test]
async fn a_mail_that_could_not_go_out_at_all_is_told() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    mail.refuse(&[451]);
    app.ask(OLENA, &format!("/register {ADDRESS}")).await;
    app.waits_for_answer(OLENA.id, "right now").await;
    app.clock.advance(Duration::minutes(15));
    app.failed_jobs_run_now("send_link").await;
    app.waits_for_answer(OLENA.id, "could not be sent").await;
    assert!(mail.mails().is_empty());
}

#[tokio::test]
async fn three_mails_in_a_quarter_of_an_hour_go_to_an_address_and_ten_a_day_from_a_chat() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    for _ in 0..3 {
        asks(&app, &mail, OLENA, ADDRESS).await;
    }
    let said = app.ask(OLENA, &format!("/register {ADDRESS}")).await.remove(0);
    assert!(said.contains("still good") && said.contains("15 minutes"), "{said}");
    for number in 0..7 {
        asks(&app, &mail, OLENA, &format!("olena{number}@example.com")).await;
    }
    let said = app.ask(OLENA, "/register another@example.com").await.remove(0);
    assert!(said.contains("within a day"), "the one that was refused took no place: {said}");
    app.clock.advance(Duration::days(1));
    asks(&app, &mail, OLENA, ADDRESS).await;
}

#[tokio::test]
async fn without_mail_the_bot_says_so_and_dev_shows_the_link_in_the_chat() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    assert!(app.ask(OLENA, &format!("/register {ADDRESS}")).await[0].contains("SMTP_URL"));

    let app = App::builder().with("SMTP_URL", "print:").start().await;
    app.ask(OLENA, "hi").await;
    let code = code_in(&app.ask(OLENA, &format!("/register {ADDRESS}")).await.remove(0));
    let said = app.waits_for_answer(OLENA.id, "There is no mail here").await;
    let letter = Mail { to: String::new(), subject: String::new(), text: said };
    assert_eq!(confirms(&mut app.browser(), &letter, &code).await.status, 303);
}

#[tokio::test]
async fn a_group_that_becomes_a_supergroup_meanwhile_is_registered_all_the_same() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), "/register", &json!({})).await;
    app.run_pending_jobs().await;
    let key = app.telegram.sent_to(FAMILY).pop().unwrap();
    app.presses(OLENA, &key, "Go on in private").await;
    app.run_pending_jobs().await;
    let code = code_in(&app.ask(OLENA, ADDRESS).await.remove(0));
    let letter = mail.mail(1).await;
    let supergroup = -1_000_000_000_001_i64;
    app.says_in(OLENA, &group(FAMILY), "", &json!({"text": null, "migrate_to_chat_id": supergroup})).await;
    app.run_pending_jobs().await;
    assert_eq!(confirms(&mut app.browser(), &letter, &code).await.done(), "permanent");
    app.waits_for_answer(supergroup, "Done:").await;
}

#[tokio::test]
async fn a_database_that_goes_away_in_the_middle_leaves_the_link_as_good_as_it_was() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    let (letter, code) = asks(&app, &mail, OLENA, ADDRESS).await;
    let mut browser = app.browser();
    let page = browser.open(&letter.link()).await;

    // Somebody holds the account, so that the confirmation waits in its middle; there its connection is cut.
    let others = app.database.pool();
    let mut held = others.begin().await.unwrap();
    sqlx::query("select from accounts for update").execute(&mut *held).await.unwrap();
    let cut = async {
        let waiting = "select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock' and query like '%web_sign_in%'";
        app.waits_until(waiting, 1).await;
        let end = "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query like '%private.web_sign_in%' and wait_event_type = 'Lock'";
        sqlx::query(end).execute(&app.pool).await.unwrap();
    };
    let (away, ()) = tokio::join!(confirms_from(&mut browser, &page, &code), cut);
    assert!(away.status == 503 && away.text().contains("Nothing has happened"), "{}", away.text());
    held.rollback().await.unwrap();
    assert_eq!(app.count("select count(*) from account_users").await, 0);
    assert_eq!(confirms(&mut browser, &letter, &code).await.done(), "permanent");
}

#[tokio::test]
async fn who_is_put_out_while_they_confirm_is_not_let_in_again_by_it() {
    let (app, mail) = with_mail().await;
    for person in [OLENA, TARAS] {
        app.ask(person, "hi").await;
    }
    let mut olena = registers(&app, &mail, OLENA, ADDRESS).await;
    let account = account_of(&app, OLENA.id).await;
    let page = olena.open("/account").await;
    let number = account.0.to_string();
    olena.send(&page, "/account/invite", &[("account", &number), ("email", "taras@example.com")]).await;
    mail.mail(2).await;
    let (letter, code) = asks(&app, &mail, TARAS, "taras@example.com").await;
    let mut browser = app.browser();
    let _ = confirms(&mut browser, &letter, &code).await;
    answers(&mut browser, "accept").await;
    app.has_told_all().await;
    let (letter, code) = asks(&app, &mail, TARAS, "taras@example.com").await;
    let choose = confirms(&mut browser, &letter, &code).await;

    let others = app.database.pool();
    let mut removal = others.begin().await.unwrap();
    for step in [
        "select from accounts a join account_users u on u.account_id = a.id where u.is_admin for no key update of a",
        "delete from account_users where email = 'taras@example.com'",
    ] {
        sqlx::query(step).execute(&mut *removal).await.unwrap();
    }
    let put_out = async {
        let waiting = "select count(*) from pg_stat_activity
                       where datname = current_database() and wait_event_type = 'Lock' and query like '%web_sign_in%'";
        app.waits_until(waiting, 1).await;
        removal.commit().await.unwrap();
    };
    let (answer, ()) = tokio::join!(chooses(&mut browser, &choose, &number), put_out);
    assert_ne!(answer.done(), "joined");
    assert_ne!(account_of(&app, TARAS.id).await, account);
    assert_eq!(
        app.count("select count(*) from account_users where email = 'taras@example.com' and account_id = 1")
            .await,
        0
    );
}
