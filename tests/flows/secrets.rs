//! What opens something stands nowhere in the database: it is made when it is sent, and what people type of it is not kept.

use serde_json::json;

use crate::{
    fakes::telegram::{Fault, Sent},
    register::{ADDRESS, code_in, confirms, other_than, registers, with_mail},
    support::{
        app::App,
        updates::{OLENA, Person, TARAS},
    },
};

/// Numbers of four digits that are everywhere: the people, the bot, the year.
const COMMON: [&str; 4] = ["1001", "1002", "4242", "2026"];

/// The columns in which the text stands: of every table, also inside of JSON, of arrays, and of bytes.
async fn places(app: &App, text: &str) -> Vec<String> {
    let columns: Vec<(String, String, String)> = sqlx::query_as(
        "select format('%I.%I', c.table_schema, c.table_name), format('%I', c.column_name), c.udt_name::text
         from information_schema.columns c join information_schema.tables t using (table_schema, table_name)
         where t.table_type = 'BASE TABLE' and c.table_schema not in ('pg_catalog', 'information_schema')
           and c.udt_name in ('text', 'varchar', 'bpchar', 'bytea', 'json', 'jsonb', '_text', '_varchar', 'name')",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    assert!(columns.len() > 50, "the walk goes everywhere: {columns:?}");
    // Not within a longer number or word.
    let alone = format!(r"(^|[^[:alnum:]]){}($|[^[:alnum:]])", text.replace('.', r"\."));
    let mut places = Vec::new();
    for (table, column, kind) in columns {
        let value =
            if kind == "bytea" { format!("encode({column}, 'escape')") } else { format!("{column}::text") };
        let query = format!("select exists (select from {table} where {value} ~ $1)");
        let holds: bool =
            sqlx::query_scalar(sqlx::AssertSqlSafe(query)).bind(&alone).fetch_one(&app.pool).await.unwrap();
        if holds {
            places.push(format!("{table}.{column}"));
        }
    }
    places
}

async fn stands_nowhere(app: &App, secret: &str) {
    assert_eq!(places(app, secret).await, Vec::<String>::new(), "{secret}");
}

/// The secret part of the first link in a text.
fn token_in(text: &str) -> String {
    let (_, token) = text.split_once("token_hash=").unwrap_or_else(|| panic!("no link: {text}"));
    token.chars().take_while(char::is_ascii_alphanumeric).collect()
}

fn link_code_in(text: &str) -> String {
    text.lines()
        .find_map(|line| line.strip_prefix("/link "))
        .unwrap_or_else(|| panic!("no code: {text}"))
        .to_owned()
}

/// Answers the bot's message, as Telegram brings it: with all that it says.
async fn replies(app: &App, from: Person, to: &Sent, text: &str) {
    let quoted = json!({"reply_to_message": {
        "message_id": to.message_id, "chat": from.chat(), "date": 1, "text": to.text,
        "from": {"id": 4242, "is_bot": true, "first_name": "PykhBrain"},
    }});
    app.says_in(from, &from.chat(), text, &quoted).await;
    app.run_pending_jobs().await;
}

fn last(app: &App, person: Person) -> Sent {
    app.telegram.sent_to(person.id).pop().expect("something was sent")
}

#[tokio::test]
async fn links_and_codes_stand_in_no_table_while_they_hold_and_after() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    // The walk does find what is there.
    let found = places(&app, "hi").await;
    for there in
        ["public.telegram_updates.body", "public.chat_history.content", "public.outgoing_messages.plain"]
    {
        assert!(found.iter().any(|place| place == there), "{there}: {found:?}");
    }

    let code = loop {
        let code = code_in(&app.ask(OLENA, &format!("/register {ADDRESS}")).await[0]);
        if !COMMON.contains(&code.as_str()) {
            break code;
        }
    };
    let letter = mail.mail(1).await;
    let token = token_in(&letter.text);
    replies(&app, OLENA, &last(&app, OLENA), "what is this code for?").await;
    assert!(!app.last_prompt().contains(&code), "{}", app.last_prompt());
    app.ask(OLENA, &format!("is {} all right?", letter.link())).await;
    assert!(!app.last_prompt().contains(&token), "{}", app.last_prompt());
    for secret in [&code, &token] {
        stands_nowhere(&app, secret).await;
    }
    let mut olena = app.browser();
    confirms(&mut olena, &letter, &other_than(&code)).await;
    assert_eq!(confirms(&mut olena, &letter, &code).await.status, 303);
    app.waits_for_answer(OLENA.id, "Done:").await;

    let dashboard = token_in(&app.ask(OLENA, "/dashboard").await[0]);
    replies(&app, OLENA, &last(&app, OLENA), "is this the link?").await;
    assert!(!app.last_prompt().contains(&dashboard), "{}", app.last_prompt());

    let link_code = link_code_in(&app.ask(OLENA, "/link").await[0]);
    replies(&app, OLENA, &last(&app, OLENA), "what do I do with it?").await;
    assert!(!app.last_prompt().contains(&link_code), "{}", app.last_prompt());
    app.ask(OLENA, "/export").await;
    stands_nowhere(&app, &link_code).await;
    app.ask(TARAS, "hi").await;
    // A slip, which is no command; then to whom it may concern.
    app.ask(TARAS, &format!("/lnik {link_code}")).await;
    assert!(app.joins(TARAS, &TARAS.chat(), &link_code).await.starts_with("Linked"));

    let page = olena.open("/account").await;
    let account = page.hidden("account");
    let page = olena.send(&page, "/account/link_code", &[("account", &account)]).await;
    let at = page.html.find("/link ").expect("a code") + 6;
    let page_code = page.html[at..at + 9].to_owned();

    for secret in [&code, &token, &dashboard, &link_code, &page_code] {
        stands_nowhere(&app, secret).await;
    }
    let kept = "select count(*) from telegram_updates where outcome = 'answered' and body <> ''";
    assert!(app.count(kept).await > 0, "what holds no secret is there for the export");
}

#[tokio::test]
async fn a_link_that_is_shown_for_want_of_mail_stands_in_no_table_either() {
    let app = App::builder().with("SMTP_URL", "print:").start().await;
    app.ask(OLENA, &format!("/register {ADDRESS}")).await;
    let token = token_in(&app.waits_for_answer(OLENA.id, "the link that would be in it").await);
    stands_nowhere(&app, &token).await;
    assert_eq!(app.count("select count(*) from outgoing_messages where secret is not null").await, 2);
}

#[tokio::test]
async fn what_is_sent_again_has_the_same_code_and_what_comes_too_late_says_so() {
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::CutAfterAccept]);
    let said = app.ask(OLENA, &format!("/register {ADDRESS}")).await;
    assert_eq!(said.len(), 2, "once cut, once answered: {said:?}");
    assert_eq!(code_in(&said[0]), code_in(&said[1]));
    app.telegram.fail_next_sends(OLENA.id, vec![Fault::ParseError]);
    let said = app.ask(OLENA, &format!("/register {ADDRESS}")).await;
    let letter = mail.mail(2).await;
    assert_eq!(confirms(&mut app.browser(), &letter, &code_in(&said[0])).await.status, 303, "plain as well");
    app.waits_for_answer(OLENA.id, "Done:").await;

    app.telegram.fail_next_sends(OLENA.id, vec![Fault::TooManyRequests { retry_after: 2 }]);
    app.says(OLENA, "/dashboard").await;
    let refused = app.telegram.wait_for_calls(
        |calls| {
            calls
                .iter()
                .filter(|call| {
                    call.is_of("sendMessage")
                        && call.form.text("text").is_some_and(|text| text.contains("token_hash"))
                })
                .count()
                == 1
        },
        crate::support::app::PATIENCE,
    );
    refused.await.unwrap();
    app.clock.advance(chrono::Duration::minutes(16));
    app.run_pending_jobs().await;
    let said = last(&app, OLENA).text;
    assert!(said.contains("no longer valid") && !said.contains("token_hash"), "{said}");
}

#[tokio::test]
async fn a_code_in_a_group_goes_to_private_and_stands_in_no_table() {
    use crate::support::updates::{FAMILY, group};
    let (app, mail) = with_mail().await;
    app.ask(OLENA, "hi").await;
    registers(&app, &mail, OLENA, ADDRESS).await;
    app.telegram.set_administrators(FAMILY, &[OLENA.id]);
    app.says_in(OLENA, &group(FAMILY), "/link@pykhbrain_test_bot", &json!({})).await;
    app.run_pending_jobs().await;
    let mine = app.ask(OLENA, "/link").await.remove(0);
    app.joins(OLENA, &group(FAMILY), &link_code_in(&mine)).await;
    // A chat gets no more than three messages in three seconds.
    app.clock.advance(chrono::Duration::minutes(1));
    app.says_in(OLENA, &group(FAMILY), "/link@pykhbrain_test_bot", &json!({})).await;
    app.run_pending_jobs().await;
    let code = link_code_in(&last(&app, OLENA).text);
    assert_ne!(code, link_code_in(&mine));
    stands_nowhere(&app, &code).await;
}
