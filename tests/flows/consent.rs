//! Nobody joins, reads or waits by somebody else's will: what strangers, inviters and administrators of other groups try.

use brain::{
    ids::AccountId,
    jobs::{AnalyzeAccount, PurgeJobs},
};
use chrono::Duration;
use serde_json::{Value, json};
use sqlx::{AssertSqlSafe, Executor};

use crate::{
    accounts::{account_of, register},
    fakes::smtp::{FakeSmtp, Mail},
    register::{ADDRESS, asks, chooses, code_in, confirms, registers, with_mail},
    sign_in::{asks_for_link, dashboard, olena_is_in, opens},
    support::{
        app::App,
        browser::Browser,
        joining::answers,
        people,
        reading::{Shown, add},
        updates::{FAMILY, OLENA, Person, TARAS, group},
    },
};

/// Whom somebody wants to have in an account.
const VICTIM: Person = TARAS;
const VICTIMS: &str = "victim@example.com";
/// A group of the victim's.
const HIS: i64 = -2002;

async fn invites(app: &App, browser: &mut Browser, address: &str) -> String {
    let page = browser.open("/account").await;
    let account = page.hidden("account");
    let fields = [("account", &*account), ("email", address)];
    let done = browser.send(&page, "/account/invite", &fields).await;
    assert_eq!(done.location(), format!("/account?account={account}&done=invite"), "{}", done.text());
    app.failed_jobs_run_now("send_link").await;
    account
}

/// Signs in with a link by mail.
async fn signs_in(app: &App, mail: &FakeSmtp, address: &str) -> Browser {
    let mut browser = app.browser();
    let count = mail.mails().len() + 1;
    asks_for_link(&mut browser, address).await;
    let letter = mail.mail(count).await;
    assert_eq!(letter.to, address);
    assert_eq!(opens(&mut browser, &letter.link()).await.location(), "/account");
    browser
}

async fn says_in(app: &App, from: Person, chat: i64, text: &str) -> Vec<String> {
    let before = app.seen_in(chat).len();
    app.says_in(from, &group(chat), text, &json!({})).await;
    app.run_pending_jobs().await;
    app.seen_in(chat).split_off(before)
}

/// The letter that registers a group, and its digits.
async fn asks_for_group(
    app: &App,
    mail: &FakeSmtp,
    from: Person,
    chat: i64,
    address: &str,
) -> (Mail, String) {
    app.telegram.set_administrators(chat, &[from.id]);
    says_in(app, from, chat, "/register").await;
    let key = app.telegram.sent_to(chat).pop().unwrap();
    app.presses(from, &key, "Go on in private").await;
    app.run_pending_jobs().await;
    let count = mail.mails().len() + 1;
    let code = code_in(&app.ask(from, address).await.remove(0));
    (mail.mail(count).await, code)
}

fn notes(shown: &Shown) -> Vec<Value> {
    let noted = |text: &str| text.split_once("note: ").map(|(_, note)| note.to_owned());
    shown.lines.iter().filter_map(|line| Some(add(&noted(&line.text)?, &[line.id]))).collect()
}

#[tokio::test]
async fn who_registers_with_an_invitation_waiting_has_an_account_of_their_own_and_the_inviter_gets_nothing() {
    let (app, mail, mut olena) = olena_is_in().await;
    let page = olena.open("/account").await;
    let (account, server) = (page.hidden("account"), app.llm.base_url());
    let model = [
        ("account", &*account),
        ("base_url", &*server),
        ("model", "gpt-olena"),
        ("api_key", "sk-olena-12345"),
    ];
    assert_eq!(olena.send(&page, "/account/set_model", &model).await.status, 303);
    invites(&app, &mut olena, VICTIMS).await;
    app.ask(VICTIM, "my secret is zzvictim").await;

    let (letter, code) = asks(&app, &mail, VICTIM, VICTIMS).await;
    let mut victim = app.browser();
    let choose = confirms(&mut victim, &letter, &code).await;
    let text = choose.text();
    assert!(text.contains("You are invited into \"Olena\"") && text.contains("accept first"), "{text}");
    assert!(
        choose.html.contains("value=\"0\" required checked"),
        "an own one is the default: {}",
        choose.html
    );
    assert!(!choose.html.contains(&format!("name=\"account\" value=\"{account}\"")), "{}", choose.html);
    let forced = chooses(&mut victim, &choose, &account).await;
    assert!(
        forced.text().contains("Which account shall it have?"),
        "not even by its number: {}",
        forced.text()
    );
    assert_eq!(chooses(&mut victim, &choose, "0").await.done(), "permanent");
    app.waits_for_answer(VICTIM.id, "Done:").await;

    assert_ne!(account_of(&app, VICTIM.id).await.0.to_string(), account);
    app.ask(VICTIM, "and another secret").await;
    let to_olena = |request: &crate::fakes::llm::LlmRequest| request.model == "gpt-olena";
    assert!(!app.llm.requests().iter().any(to_olena), "nothing of it went to the inviter's model");
    let page = olena.open("/account").await;
    assert!(
        page.text().contains("victim@example.com has not answered") && !page.text().contains("Taras"),
        "{}",
        page.text()
    );
}

#[tokio::test]
async fn a_group_that_is_registered_with_an_invitation_waiting_stays_its_own() {
    let (app, mail, mut olena) = olena_is_in().await;
    let page = olena.open("/account").await;
    let account = page.hidden("account");
    let fields = [("account", &*account), ("email", VICTIMS), ("is_admin", "yes")];
    olena.send(&page, "/account/invite", &fields).await;
    app.failed_jobs_run_now("send_link").await;
    app.ask(VICTIM, "hi").await;
    says_in(&app, VICTIM, HIS, "@pykhbrain_test_bot the code of the alarm is 4711").await;
    let (letter, code) = asks_for_group(&app, &mail, VICTIM, HIS, VICTIMS).await;
    let mut victim = app.browser();
    let choose = confirms(&mut victim, &letter, &code).await;
    assert_eq!(chooses(&mut victim, &choose, "0").await.done(), "permanent");
    app.waits_for_answer(HIS, "Done:").await;
    assert_ne!(account_of(&app, HIS).await.0.to_string(), account);
    assert!(!olena.open("/account").await.text().contains("Family"), "the inviter does not even see it");
}

#[tokio::test]
async fn with_one_account_too_the_choice_is_made_on_the_page_and_says_what_it_means() {
    let (app, mail, mut olena) = olena_is_in().await;
    let account = invites(&app, &mut olena, VICTIMS).await;
    let mut victim = signs_in(&app, &mail, VICTIMS).await;
    answers(&mut victim, "accept").await;
    app.ask(VICTIM, "hi").await;
    let (letter, code) = asks(&app, &mail, VICTIM, VICTIMS).await;
    let choose = confirms(&mut victim, &letter, &code).await;
    let text = choose.text();
    for part in [
        "Join \"Olena\" (account 1)",
        "Administrators: olena@example.com. In it: 2 people, 1 chat.",
        "nobody else in the account can read it",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    assert_ne!(account_of(&app, VICTIM.id).await.0.to_string(), account);
    assert_eq!(chooses(&mut victim, &choose, &account).await.done(), "joined");
    let told = app.waits_for_answer(VICTIM.id, "Linked: ").await;
    assert!(told.contains("\"Olena\"") && told.contains(ADDRESS), "{told}");
    let told = app.waits_for_answer(OLENA.id, "has joined your account").await;
    assert!(told.contains("The private chat of Taras"), "{told}");
}

#[tokio::test]
async fn an_invitation_gives_nothing_until_it_is_accepted_on_a_page_that_says_what_it_is() {
    let (app, mail, mut olena) = olena_is_in().await;
    let account = invites(&app, &mut olena, VICTIMS).await;
    let letter = mail.mail(2).await;
    assert!(
        letter.to == VICTIMS && letter.text.contains(ADDRESS) && letter.text.contains("\"Olena\""),
        "{letter:?}"
    );
    let mut victim = signs_in(&app, &mail, VICTIMS).await;

    let page = victim.open("/account").await;
    let text = page.text();
    for part in [
        "Before you accept, an invitation gives you nothing",
        "\"Olena\" (account 1)",
        "Administrators olena@example.com",
        "1 person, 1 chat",
        "You would see what is said in the account's groups",
        "The others would see your mail address",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let forged = victim.send(&page, "/account/link_code", &[("account", &account)]).await;
    assert_eq!(forged.status, 303, "there is no account page yet: {}", forged.text());
    assert_eq!(app.count("select count(*) from link_codes").await, 0);
    assert_eq!(app.count("select count(*) from account_users").await, 1);

    let done = answers(&mut victim, "accept").await;
    assert_eq!(done.location(), format!("/account?account={account}&done=accept"));
    let page = victim.open("/account").await;
    assert!(page.text().contains("you are a member") && page.text().contains(ADDRESS), "{}", page.text());
    let done =
        "select count(*) from audit_log where action = 'invitation_accepted' and actor like 'person:%'";
    assert_eq!(app.count(done).await, 1);
    assert!(!olena.open("/account").await.text().contains("has not answered"));
}

#[tokio::test]
async fn a_declined_and_an_expired_invitation_leave_an_audit_row_and_no_address() {
    let (app, mail, mut olena) = olena_is_in().await;
    for end in ["decline", "expire", "take back"] {
        let account = invites(&app, &mut olena, VICTIMS).await;
        match end {
            "decline" => {
                let mut victim = signs_in(&app, &mail, VICTIMS).await;
                let page = answers(&mut victim, "decline").await;
                assert!(page.text().contains("You have declined. Nothing has changed"), "{}", page.text());
                let page = victim.open("/account").await;
                assert!(page.text().contains("in no account any more"), "{}", page.text());
            }
            "expire" => {
                app.pool
                    .execute(AssertSqlSafe(format!("update invitations set expires_at = '{}'", app.now())))
                    .await
                    .unwrap();
                let mails = mail.mails().len();
                asks_for_link(&mut app.browser(), VICTIMS).await;
                app.failed_jobs_run_now("send_link").await;
                assert_eq!(mail.mails().len(), mails, "the address is in nothing any more");
                app.begin_job(&PurgeJobs {}).await;
                app.waits_until("select count(*) from invitations", 0).await;
            }
            _ => {
                let page = olena.open("/account").await;
                let invitation = page.hidden("invitation");
                let fields = [("account", &*account), ("invitation", &*invitation)];
                assert_eq!(olena.send(&page, "/account/withdraw", &fields).await.status, 303);
            }
        }
        assert_eq!(app.count("select count(*) from invitations").await, 0, "{end}");
        assert_eq!(app.count("select count(*) from account_users").await, 1, "{end}");
    }
    let ends: Vec<String> =
        sqlx::query_scalar("select action from audit_log where action like 'invitation%' order by id")
            .fetch_all(&app.pool)
            .await
            .unwrap();
    assert_eq!(ends, ["invitation_declined", "invitation_expired", "invitation_withdrawn"]);
    assert_eq!(app.count("select count(*) from audit_log l where l::text like '%victim%'").await, 0);
    let from = "select count(*) from audit_log where action = 'invitation_declined' and (actor <> '' or origin <> '')";
    assert_eq!(app.count(from).await, 0, "not even from where it was declined");
}

#[tokio::test]
async fn who_is_known_on_telegram_answers_an_invitation_in_their_own_chat() {
    let (app, mail, mut olena) = olena_is_in().await;
    app.ask(VICTIM, "hi").await;
    registers(&app, &mail, VICTIM, VICTIMS).await;
    let own = account_of(&app, VICTIM.id).await;

    let account = invites(&app, &mut olena, VICTIMS).await;
    let told = app.waits_for_answer(VICTIM.id, "You are invited").await;
    for part in ["\"Olena\"", "Administrators: olena@example.com", "In it: 1 person, 1 chat", "a member"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    app.has_told_all().await;
    let asked = app.telegram.sent_to(VICTIM.id).pop().unwrap();
    // Keys are pressed where they stand: nobody answers for another by naming the invitation.
    let own_message = app.telegram.sent_to(OLENA.id).pop().unwrap();
    let press = app.presses_data(OLENA, &own_message, asked.key("Accept").unwrap()).await;
    assert!(app.toast(&press).await.is_some());
    assert_eq!(app.count("select count(*) from invitations").await, 1);

    app.presses(VICTIM, &asked, "Decline").await;
    app.waits_for_answer(VICTIM.id, "You have declined").await;
    assert_eq!(app.count("select count(*) from invitations").await, 0);
    app.presses(VICTIM, &asked, "Accept").await;
    app.run_pending_jobs().await;
    assert_eq!(app.count("select count(*) from account_users").await, 2, "no is no");

    invites(&app, &mut olena, VICTIMS).await;
    app.waits_until("select count(*) from invitations", 1).await;
    app.has_told_all().await;
    let asked = app.telegram.sent_to(VICTIM.id).pop().unwrap();
    app.presses(VICTIM, &asked, "Accept").await;
    app.waits_for_answer(VICTIM.id, "You are in the account now").await;
    let there = "select count(*) from account_users where email = 'victim@example.com' and account_id = 1 and not is_admin";
    assert_eq!(app.count(there).await, 1);
    assert_eq!(account_of(&app, VICTIM.id).await, own, "no chat has moved to {account}");
}

#[tokio::test]
async fn who_is_put_out_takes_their_words_along_and_comes_in_again_only_by_saying_yes() {
    let (app, mail, mut olena) = olena_is_in().await;
    let account = invites(&app, &mut olena, VICTIMS).await;
    let mut victim = signs_in(&app, &mail, VICTIMS).await;
    answers(&mut victim, "accept").await;
    app.ask(VICTIM, "my secret is zzvictim").await;
    crate::register::joins_by_registering(&app, &mail, VICTIM, VICTIMS, &account).await;

    let page = olena.open("/account").await;
    let person =
        app.count("select id from account_users where email = 'victim@example.com'").await.to_string();
    olena.send(&page, "/account/remove", &[("account", &account), ("person", &person)]).await;
    let told = app.waits_for_answer(VICTIM.id, "has left the account").await;
    assert!(told.contains("\"Olena\"") && told.contains("Nobody there sees it any more"), "{told}");
    app.waits_for_answer(VICTIM.id, "one of its administrators has put you out").await;
    assert_ne!(account_of(&app, VICTIM.id).await.0.to_string(), account);
    let words = "select count(*) from chat_history where content like '%zzvictim%' and account_id = 1";
    assert_eq!(app.count(words).await, 0);

    invites(&app, &mut olena, VICTIMS).await;
    assert_eq!(app.count("select count(*) from account_users").await, 1, "asked again is not in again");
    assert!(victim.open("/account").await.text().contains("You are invited as a member"));
}

#[tokio::test]
async fn a_code_from_a_stranger_joins_nothing_before_the_chat_has_seen_what_and_said_yes() {
    let (app, _, _) = olena_is_in().await;
    app.ask(VICTIM, "my secret is zzvictim").await;
    let before = account_of(&app, VICTIM.id).await;
    let code = code_of(&app.ask(OLENA, "/link").await[0]);
    let shown = app.ask(VICTIM, &format!("/link {code}")).await.remove(0);
    for part in [
        "Nothing has happened yet",
        "Account: \"Olena\" (account 1)",
        "Administrators: olena@example.com",
        "In it: 1 person, 1 chat",
        "nobody else in the account can read it",
        "press Cancel",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert_eq!(account_of(&app, VICTIM.id).await, before);
    let asked = app.telegram.sent_to(VICTIM.id).pop().unwrap();
    let press = app.presses(VICTIM, &asked, "Cancel").await;
    assert_eq!(app.toast(&press).await.as_deref(), Some("Nothing has changed."));
    app.run_pending_jobs().await;
    let press = app.presses(VICTIM, &asked, "Join").await;
    assert_eq!(app.toast(&press).await.as_deref(), Some("This is settled already."));
    assert_eq!(account_of(&app, VICTIM.id).await, before, "no is no");

    let told = app.joins(VICTIM, &VICTIM.chat(), &code).await;
    assert!(told.contains("\"Olena\"") && told.contains(ADDRESS), "{told}");
    app.waits_for_answer(OLENA.id, "The private chat of Taras has joined your account").await;

    // And who came by a code goes again without asking anybody.
    let asked = app.ask(VICTIM, "/unlink").await.remove(0);
    assert!(asked.contains("would leave the account"), "{asked}");
    let asked = app.telegram.sent_to(VICTIM.id).pop().unwrap();
    app.presses(VICTIM, &asked, "Leave the account").await;
    app.waits_for_answer(VICTIM.id, "has left the account").await;
    assert_ne!(account_of(&app, VICTIM.id).await.0, 1);
    assert!(app.ask(VICTIM, "/unlink").await[0].contains("in no account of others"));
}

#[tokio::test]
async fn a_code_that_was_written_in_a_group_lets_in_nobody_who_has_read_it_there() {
    let (app, _, _) = olena_is_in().await;
    app.ask(VICTIM, "hi").await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    let code = code_of(&app.ask(OLENA, "/link").await[0]);
    says_in(&app, OLENA, FAMILY, &format!("/link {code}")).await;
    let said = app.ask(VICTIM, &format!("/link {code}")).await;
    assert!(said[0].contains("do not know this code"), "{said:?}");
    let asked = app.telegram.sent_to(FAMILY).pop().unwrap();
    let press = app.presses(VICTIM, &asked, "Join").await;
    assert!(app.toast(&press).await.unwrap().contains("administrators"));
    assert_ne!(account_of(&app, FAMILY).await.0, 1);
    app.presses(OLENA, &asked, "Join").await;
    app.waits_for_answer(FAMILY, "Linked: ").await;
}

#[tokio::test]
async fn every_administrator_is_told_who_has_joined_in_private_or_by_mail() {
    let (app, mail, mut olena) = olena_is_in().await;
    let page = olena.open("/account").await;
    let account = page.hidden("account");
    let fields = [("account", &*account), ("email", "marta@example.com"), ("is_admin", "yes")];
    olena.send(&page, "/account/invite", &fields).await;
    mail.mail(2).await;
    let mut marta = signs_in(&app, &mail, "marta@example.com").await;
    answers(&mut marta, "accept").await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    says_in(&app, OLENA, FAMILY, "@pykhbrain_test_bot hi").await;
    let code = code_of(&app.ask(OLENA, "/link").await[0]);
    let told = app.joins(OLENA, &group(FAMILY), &code).await;
    assert!(told.contains("olena@example.com, marta@example.com"), "{told}");
    app.waits_for_answer(OLENA.id, "The group \"Family\" has joined your account").await;
    let letter = mail.mail(4).await;
    assert_eq!(letter.to, "marta@example.com", "of whom no chat is known");
    assert!(letter.text.contains("The group \"Family\" has joined"), "{letter:?}");
    app.runs_again("send_notice").await;
    assert_eq!(mail.mails().len(), 4, "once");
    assert_eq!(app.seen_in(FAMILY).iter().filter(|said| said.starts_with("Linked: ")).count(), 1);
}

#[tokio::test]
async fn who_administers_a_group_on_telegram_is_not_the_account_s_administrator_by_that() {
    let app = App::start().await;
    app.read_with(notes);
    app.ask(OLENA, "hi").await;
    assert!(register(&app, OLENA, ADDRESS).await);
    let account = account_of(&app, OLENA.id).await;
    let other = -2003;
    for chat in [FAMILY, other] {
        app.telegram.set_administrators(chat, &[OLENA.id]);
        says_in(&app, OLENA, chat, "@pykhbrain_test_bot hi").await;
        let code = code_of(&app.ask(OLENA, "/link").await[0]);
        app.joins(OLENA, &group(chat), &code).await;
    }
    says_in(&app, OLENA, other, "note: The safe is behind the mirror").await;
    app.run_job(&AnalyzeAccount::default()).await;

    // Bob administers one group of the account, and is nobody in it; his own group would see the other's facts.
    let bob = TARAS;
    app.ask(bob, "hi").await;
    app.telegram.set_administrators(FAMILY, &[bob.id]);
    app.telegram.set_administrators(HIS, &[bob.id]);
    says_in(&app, bob, HIS, "@pykhbrain_test_bot hi").await;
    for command in ["/link", "/unlink", "/analyze"] {
        let said = says_in(&app, bob, FAMILY, command).await.remove(0);
        assert!(said.contains("account's administrators"), "{command}: {said}");
        assert!(app.telegram.sent_to(FAMILY).pop().unwrap().key("Leave the account").is_none());
    }
    assert_eq!(app.count("select count(*) from link_codes where used_by is null").await, 0);
    assert!(
        !app.seen_in(bob.id).iter().any(|said| said.contains("/link ")),
        "no code came in private either"
    );
    let known = says_in(&app, bob, HIS, "/context").await;
    assert!(!known[0].contains("safe"), "{known:?}");
    assert_ne!(account_of(&app, HIS).await, account);
    // What concerns the group alone is his there.
    assert!(says_in(&app, bob, FAMILY, "/session long").await[0].starts_with("Done"));

    // Olena is nobody in the group, and administers the account.
    assert!(says_in(&app, OLENA, FAMILY, "/link").await[0].contains("private chat"));
    app.waits_for_answer(OLENA.id, "To join another chat").await;
    assert!(says_in(&app, OLENA, FAMILY, "/session short").await[0].contains("for its administrators"));
}

#[tokio::test]
async fn in_a_group_with_a_temporary_account_of_its_own_only_its_administrators_register_it() {
    let (app, _) = with_mail().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    says_in(&app, OLENA, FAMILY, "@pykhbrain_test_bot hi").await;
    assert!(says_in(&app, TARAS, FAMILY, "/register").await[0].contains("administrators"));
    assert!(says_in(&app, TARAS, FAMILY, "/link").await[0].contains("/register"));
    assert!(says_in(&app, TARAS, FAMILY, "/link AAAA-BBBB").await[0].contains("administrators"));
    assert!(says_in(&app, TARAS, FAMILY, "/analyze").await[0].contains("for its administrators"));
}

fn from_network(app: &App, number: usize) -> Browser {
    let mut browser = app.browser();
    browser.headers.insert("x-forwarded-for", format!("203.0.113.{number}").parse().unwrap());
    browser
}

#[tokio::test]
async fn what_strangers_ask_for_an_address_does_not_keep_its_owner_without_a_link() {
    let (app, mail, _) = olena_is_in().await;
    // One stranger, from one network, as often as they like: three mails, with one and the same link.
    for _ in 0..6 {
        asks_for_link(&mut from_network(&app, 1), ADDRESS).await;
        app.failed_jobs_run_now("send_link").await;
    }
    let links: Vec<String> = mail.mails()[1..].iter().map(Mail::link).collect();
    assert_eq!((links.len(), &links[0], &links[1]), (3, &links[1], &links[2]));
    // The owner is somewhere else.
    asks_for_link(&mut from_network(&app, 2), ADDRESS).await;
    let letter = mail.mail(5).await;
    // All together, from however many networks: no more, and still the last mail has a link that is good.
    for network in 3..20 {
        asks_for_link(&mut from_network(&app, network), ADDRESS).await;
    }
    app.failed_jobs_run_now("send_link").await;
    assert_eq!(mail.mails().len(), 5);
    let mut owner = from_network(&app, 2);
    assert_eq!(opens(&mut owner, &letter.link()).await.location(), "/account");
    // A link that was used shows that its owner has the mails: the next is to be had at once.
    asks_for_link(&mut from_network(&app, 2), ADDRESS).await;
    assert_ne!(mail.mail(6).await.link(), letter.link());

    // The own chat and the signed-in browser have limits of their own.
    dashboard(&app, OLENA).await;
    assert!(owner.open("/account").await.text().contains(ADDRESS));
}

#[tokio::test]
async fn a_day_of_asking_from_everywhere_is_no_flood_and_no_lock() {
    let (app, mail, _) = olena_is_in().await;
    for quarter in 0..16 {
        for stranger in 0..6 {
            asks_for_link(&mut from_network(&app, stranger), ADDRESS).await;
        }
        app.failed_jobs_run_now("send_link").await;
        let last = mail.mails().pop().unwrap();
        let page = app.browser().open(&last.link()).await;
        assert_eq!(page.status, 200, "quarter {quarter}: {}", page.text());
        app.clock.advance(Duration::minutes(15));
    }
    assert!(mail.mails().len() < 40, "{}", mail.mails().len());
}

#[tokio::test]
async fn strangers_do_not_keep_a_chat_from_registering_with_its_own_address() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    app.ask(TARAS, "hi").await;
    for network in 0..5 {
        asks_for_link(&mut from_network(&app, network), ADDRESS).await;
    }
    for _ in 0..3 {
        asks(&app, &mail, TARAS, ADDRESS).await;
    }
    assert!(app.ask(TARAS, &format!("/register {ADDRESS}")).await[0].contains("still good"));
    registers(&app, &mail, OLENA, ADDRESS).await;
}

#[tokio::test]
async fn a_network_that_strangers_have_used_up_keeps_nobody_from_a_good_link_or_a_session() {
    let (app, mail, mut olena) = olena_is_in().await;
    invites(&app, &mut olena, VICTIMS).await;
    app.ask(VICTIM, "hi").await;
    let (letter, code) = asks(&app, &mail, VICTIM, VICTIMS).await;
    for number in 0..25 {
        asks_for_link(&mut app.browser(), &format!("someone{number}@example.com")).await;
    }
    let fields = [("token_hash", "00"), ("type", "magiclink")];
    let mut guesser = app.browser();
    let page = guesser.open("/login").await;
    assert_eq!(guesser.send(&page, "/auth/confirm", &fields).await.status, 429);
    let mut victim = app.browser();
    let choose = confirms(&mut victim, &letter, &code).await;
    assert_eq!(chooses(&mut victim, &choose, "0").await.done(), "permanent");
}

#[tokio::test]
async fn wrong_codes_of_one_administrator_close_nothing_for_another() {
    let (app, _, _) = olena_is_in().await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id, TARAS.id]);
    says_in(&app, TARAS, FAMILY, "@pykhbrain_test_bot hi").await;
    for _ in 0..6 {
        says_in(&app, TARAS, FAMILY, "/link AAAA-BBBB").await;
    }
    assert!(app.seen_in(FAMILY).pop().unwrap().starts_with("Too many wrong codes"));
    let code = code_of(&app.ask(OLENA, "/link").await[0]);
    app.joins(OLENA, &group(FAMILY), &code).await;
}

#[tokio::test]
async fn what_other_accounts_mail_to_an_address_keeps_nobody_from_inviting_it() {
    let (app, mail, mut olena) = olena_is_in().await;
    let full = format!(
        "insert into rate_buckets (bucket, slots) select 'invite_mail:{VICTIMS}', array_agg(now()) from generate_series(1, 10)"
    );
    app.pool.execute(AssertSqlSafe(full)).await.unwrap();
    let page = olena.open("/account").await;
    let account = page.hidden("account");
    let fields = [("account", &*account), ("email", VICTIMS)];
    let done = olena.send(&page, "/account/invite", &fields).await;
    assert!(done.location().ends_with("done=invite_unmailed"), "{}", done.location());
    let mut victim = signs_in(&app, &mail, VICTIMS).await;
    assert!(victim.open("/account").await.text().contains("You are invited"), "it waits all the same");
}

/// The last statement of the migration that brought invitations, which an upgraded database sees once.
const MIGRATION: &str = include_str!("../../migrations/20261128100000_invitations.sql");

#[tokio::test]
async fn who_was_put_into_an_account_and_never_used_it_is_invited_by_the_upgrade() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    assert!(register(&app, OLENA, ADDRESS).await);
    let account: AccountId = account_of(&app, OLENA.id).await;
    let mut connection = app.pool.acquire().await.unwrap();
    people::add(&mut connection, account, "known@example.com", false, TARAS.id).await;
    for address in ["unused@example.com", "signed@example.com", "acted@example.com", "tied@example.com"] {
        sqlx::query(
            "insert into account_users (account_id, email, is_admin) values ($1, $2, $2 like 'unused%')",
        )
        .bind(account.0)
        .bind(address)
        .execute(&mut *connection)
        .await
        .unwrap();
    }
    for statement in [
        "insert into audit_log (account_id, action, details, actor)
         select account_id, 'person_invited', jsonb_build_object('person', id), 'person:1' from account_users where id <> 1",
        "insert into audit_log (account_id, action, actor) select account_id, 'signed_in', 'person:' || id from account_users where email like 'signed%'",
        "insert into audit_log (account_id, action, actor) select account_id, 'model_set', 'person:' || id from account_users where email like 'acted%'",
        "update account_users set user_id = gen_random_uuid() where email like 'tied%'",
    ] {
        connection.execute(statement).await.unwrap();
    }
    let step = &MIGRATION[MIGRATION.find("with asked as").unwrap()..];
    connection.execute(step).await.unwrap();
    let (members, invited): (Vec<String>, Vec<String>) = (
        sqlx::query_scalar("select email from account_users order by id").fetch_all(&mut *connection).await.unwrap(),
        sqlx::query_scalar("select email from invitations where invited_by = 1 and expires_at > now() + interval '13 days' order by id")
            .fetch_all(&mut *connection)
            .await
            .unwrap(),
    );
    assert_eq!(
        invited,
        ["unused@example.com", "signed@example.com"],
        "a sign-in was for all accounts at once"
    );
    assert_eq!(members, [ADDRESS, "known@example.com", "acted@example.com", "tied@example.com"]);
}

/// The code in an answer to `/link`.
fn code_of(said: &str) -> String {
    let code = said.lines().find_map(|line| line.strip_prefix("/link "));
    code.unwrap_or_else(|| panic!("no code: {said}")).to_owned()
}
