//! What the operator's model may cost in a day: by account, by person, by everybody; and nothing that a stranger can do costs more.

use brain::{
    account::{DayLimits, OwnLimits, Tenancy},
    db::{
        accounts,
        budgets::{self, Asking, Over, Reserved},
        llm_usage::{self, Usage},
    },
    ids::{AccountId, ChatId},
    jobs::AnalyzeAccount,
};
use chrono::Duration;
use serde_json::json;

use crate::{
    accounts::{account_of, register},
    fakes::{llm::Fault, smtp::FakeSmtp},
    support::{
        app::App,
        reading::Shown,
        updates::{OLENA, Person, TARAS, group},
    },
};

async fn two_a_day() -> App {
    let app = App::builder().with("TEMP_DAILY_MESSAGES", "2").start().await;
    app.ask(OLENA, "/start").await;
    app
}

fn is_limit(said: &[String]) -> bool {
    said.len() == 1
        && said[0].contains("I have kept your message; answers go on after midnight UTC, in about")
}

/// Somebody mentions the bot in the group; what it says there.
async fn ask_in(app: &App, person: Person, chat: i64, extra: &serde_json::Value) -> Vec<String> {
    let before = app.seen_in(chat).len();
    app.says_in(person, &group(chat), "@pykhbrain_test_bot hello", extra).await;
    app.run_pending_jobs().await;
    app.seen_in(chat).split_off(before)
}

#[tokio::test]
async fn refused_answers_count() {
    let app = two_a_day().await;
    app.llm.on_request(|_| Some(Fault::Refusal("I would rather not.")));
    for n in 0..8 {
        let said = app.ask(OLENA, "do it").await;
        assert_eq!(is_limit(&said), n >= 2, "{n}: {said:?}");
    }
    assert_eq!(app.llm.requests().len(), 2);
    assert_eq!(
        app.count("select count(*) from chat_history where role = 'user'").await,
        8,
        "nothing that was said is lost"
    );
    assert!(app.ask(OLENA, "/status").await[0].contains("Today: 2 of 2 answers"));
}

#[tokio::test]
async fn empty_answers_count_each_time_they_are_asked_for() {
    let app = two_a_day().await;
    app.llm.on_request(|_| Some(Fault::EmptyAnswer));
    for _ in 0..4 {
        let said = app.ask(OLENA, "hello").await;
        assert!(is_limit(&said), "{said:?}");
    }
    assert_eq!(app.llm.requests().len(), 2);
    let counted = "select count(*) from usage_days where messages = 1 and calls = 2 and tokens > 4000";
    assert_eq!(app.count(counted).await, 1, "what an empty answer took nobody knows: the estimate stands");
}

#[tokio::test]
async fn a_call_that_the_server_turns_down_is_free_but_the_question_counts() {
    let app = two_a_day().await;
    app.llm.fail_next(vec![Fault::TooManyRequests { retry_after: 1 }, Fault::ServerError(503)]);
    app.ask(OLENA, "hello").await;
    let used = "select count(*) from usage_days d where messages = 1 and calls = 1
                and tokens = (select sum(tokens_in + tokens_out) from llm_usage where outcome = 'ok')";
    assert_eq!(app.count(used).await, 1);
    assert_eq!(app.count("select count(*) from llm_usage").await, 3, "each call is noted");
    app.llm.on_request(|_| Some(Fault::BadKey));
    for n in 0..4 {
        assert_eq!(is_limit(&app.ask(OLENA, "hello").await), n >= 1, "{n}");
    }
    assert_eq!(app.llm.requests().len(), 4);
}

#[tokio::test]
async fn one_person_has_one_day_in_all_groups_with_temporary_accounts() {
    let app = App::builder().workers(2).with("TEMP_DAILY_MESSAGES", "2").start().await;
    app.ask(OLENA, "hello").await;
    // At the same moment, and the answers take their time: nobody has been counted afterwards yet.
    app.llm.hold();
    for n in 0..20 {
        for _ in 0..2 {
            app.says_in(OLENA, &group(-3000 - n), "@pykhbrain_test_bot hello", &json!({})).await;
        }
    }
    app.llm.wait_for(|requests| requests.len() >= 2, crate::support::app::PATIENCE).await.unwrap();
    app.llm.release();
    app.run_pending_jobs().await;
    assert_eq!(app.llm.requests().len(), 2, "one in private, one in all of the groups");
    assert_eq!(app.count("select count(*) from chat_history where role = 'user'").await, 41);
    let said = ask_in(&app, OLENA, -3001, &json!({})).await;
    assert!(said[0].starts_with("In all your chats with temporary accounts together"), "{said:?}");
    assert_eq!(ask_in(&app, TARAS, -3001, &json!({})).await.len(), 1);
    assert_eq!(app.llm.requests().len(), 3, "he has a day of his own");
    app.clock.advance(Duration::hours(13));
    assert!(!is_limit(&ask_in(&app, OLENA, -3001, &json!({})).await));
}

#[tokio::test]
async fn who_writes_anonymously_is_nobody_new_in_every_group() {
    let app = App::builder().with("TEMP_DAILY_MESSAGES", "2").start().await;
    for n in 0..4 {
        let as_group = json!({"sender_chat": group(-3000 - n), "from": {"id": 1_087_968_824, "is_bot": true, "first_name": "Group"}});
        let said = ask_in(&app, OLENA, -3000 - n, &as_group).await;
        assert_eq!(is_limit(&said), n >= 2, "{n}: {said:?}");
    }
    assert_eq!(app.llm.requests().len(), 2);
    assert!(!is_limit(&ask_in(&app, OLENA, -3003, &json!({})).await), "under her own name she goes on");
}

#[tokio::test]
async fn a_throw_away_address_does_not_remove_every_limit() {
    let app = App::builder().with("ACCOUNT_DAILY_MESSAGES", "3").start().await;
    app.ask(OLENA, "hello").await;
    assert!(register(&app, OLENA, "gone-tomorrow@example.com").await);
    for n in 0..5 {
        let said = app.ask(OLENA, "hello").await;
        assert_eq!(is_limit(&said), n >= 2, "{n}: {said:?}");
    }
    assert_eq!(app.llm.requests().len(), 3);
    assert!(app.ask(OLENA, "/status").await[0].contains("Today: 3 of 3 answers"));

    // Another group, and another address for it.
    ask_in(&app, OLENA, -3001, &json!({})).await;
    let mut tx = app.pool.begin().await.unwrap();
    let account = account_of(&app, -3001).await;
    crate::support::people::make_permanent(&mut tx, account, "another@example.com", None, app.now()).await;
    tx.commit().await.unwrap();
    let calls = app.llm.requests().len();
    for _ in 0..5 {
        ask_in(&app, OLENA, -3001, &json!({})).await;
    }
    assert_eq!(app.llm.requests().len(), calls + 1, "two in her own account, one here: a person's day");

    // An operator may allow an account more, and take it back.
    let more = OwnLimits { messages: Some(10), tokens: None };
    assert!(accounts::set_limits(&app.pool, account_of(&app, OLENA.id).await, more).await.unwrap());
    assert!(app.ask(OLENA, "hello").await[0].starts_with("You said: hello"));
    assert_eq!(app.count("select count(*) from audit_log where action = 'limits_set'").await, 1);
}

#[tokio::test]
async fn everybody_together_has_a_day_and_operators_are_told_at_80_and_at_100_percent() {
    let mail = FakeSmtp::start().await;
    let app = App::builder()
        .with("DAILY_TOKENS", "4000")
        .with("SMTP_URL", mail.url())
        .with("MAIL_FROM", "PykhBrain <bot@example.com>")
        .with("ADMIN_EMAILS", "operator@example.com, second@example.com")
        .start()
        .await;
    app.ask(OLENA, "hello").await;
    sqlx::query("update program_days set tokens = 3500").execute(&app.pool).await.unwrap();
    app.ask(OLENA, "hello").await;
    let first = mail.mail(2).await;
    assert!(first.subject.contains("80 %") && first.text.contains("4000 tokens"), "{first:?}");
    sqlx::query("update program_days set tokens = 4000").execute(&app.pool).await.unwrap();
    for person in [OLENA, TARAS, OLENA] {
        let said = app.ask(person, "still there?").await.pop().unwrap();
        assert!(said.starts_with("All who talk to me have together used"), "{said}");
        assert!(said.contains("I have kept your message"), "{said}");
    }
    let second = mail.mail(4).await;
    assert!(second.subject.contains("100 %"), "{second:?}");
    assert_eq!(mail.mails().len(), 4, "once a day each");
    assert_eq!(app.llm.requests().len(), 2);
    app.clock.advance(Duration::hours(13));
    assert!(app.ask(OLENA, "and now?").await[0].ends_with("and now?"));
    let kept = "select count(*) from chat_history where content = 'still there?'";
    assert_eq!(app.count(kept).await, 3, "nothing was lost");
}

fn asking(account: AccountId, chat: i64) -> Asking<'static> {
    Asking {
        account,
        chat: ChatId(chat),
        update: None,
        purpose: "reply",
        model: "some",
        tokens_in: 60,
        tokens_out: 40,
        speaker: Some(OLENA.id),
        tenancy: Tenancy::Permanent,
    }
}

fn usage(reserved: Reserved, app: &App, tokens: u32) -> Usage {
    let Reserved::Counted(counted) = reserved else { panic!("{reserved:?}") };
    Usage {
        counted: Some(counted),
        day: app.now().date_naive(),
        purpose: "reply",
        model: "some".into(),
        tokens_in: tokens,
        tokens_cached: 0,
        tokens_out: 0,
        latency_ms: 1,
        outcome: "ok",
        is_free: false,
        prompt: json!({}),
    }
}

#[tokio::test]
async fn workers_at_the_same_moment_cannot_overdraw_a_day() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    let account = account_of(&app, OLENA.id).await;
    for (limits, program, most) in [
        (DayLimits { messages: 3, tokens: 10_000 }, None, 3),
        (DayLimits { messages: 100, tokens: 500 }, None, 5),
        (DayLimits { messages: 100, tokens: 10_000 }, Some(400), 4),
    ] {
        for table in ["usage_days", "person_days", "program_days", "llm_usage"] {
            sqlx::query(sqlx::AssertSqlSafe(format!("delete from {table}")))
                .execute(&app.pool)
                .await
                .unwrap();
        }
        let calls = (0..20).map(|_| {
            let (pool, now) = (app.pool.clone(), app.now());
            tokio::spawn(async move {
                budgets::reserve(&pool, &asking(account, OLENA.id), limits, program, now).await.unwrap()
            })
        });
        let mut counted = 0;
        for call in calls.collect::<Vec<_>>() {
            counted += usize::from(matches!(call.await.unwrap(), Reserved::Counted(_)));
        }
        assert_eq!(counted, most, "{limits:?} {program:?}");
        let tokens = "select sum(tokens)::bigint from usage_days";
        assert_eq!(
            app.count(tokens).await,
            i64::try_from(most * 100).unwrap(),
            "what was refused is not counted"
        );
    }
}

#[tokio::test]
async fn an_estimate_stands_until_it_is_put_right_and_that_is_done_once() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    let (account, chat) = (account_of(&app, OLENA.id).await, ChatId(OLENA.id));
    let limits = DayLimits { messages: 10, tokens: 250 };
    let reserve = || async {
        budgets::reserve(&app.pool, &asking(account, OLENA.id), limits, Some(1000), app.now()).await.unwrap()
    };
    let first = reserve().await;
    // Whoever was to end this one was killed: it costs its estimate, and no more.
    reserve().await;
    let ended = usage(first, &app, 7);
    for _ in 0..2 {
        llm_usage::end(&mut app.pool.acquire().await.unwrap(), account, chat, None, &ended).await.unwrap();
    }
    for table in ["usage_days", "person_days", "program_days"] {
        let tokens = sqlx::AssertSqlSafe(format!("select tokens from {table}"));
        assert_eq!(sqlx::query_scalar::<_, i64>(tokens).fetch_one(&app.pool).await.unwrap(), 107, "{table}");
    }
    assert_eq!(app.count("select count(*) from llm_usage where outcome = 'asked'").await, 1);
    assert_eq!(app.count("select count(*) from llm_usage where outcome = 'ok' and tokens_in = 7").await, 1);
    reserve().await;
    assert!(matches!(reserve().await, Reserved::Counted(_)), "207 of 250");
    assert!(matches!(reserve().await, Reserved::Over(Over::Account)));
}

#[tokio::test]
async fn readings_have_a_part_of_the_day_and_wait_for_the_next_one() {
    let app = App::builder().with("TEMP_DAILY_TOKENS", "100000").start().await;
    app.read_with(|_| Vec::new());
    app.ask(OLENA, "one").await;
    sqlx::query("update usage_days set tokens = 25000, reading_tokens = 25000")
        .execute(&app.pool)
        .await
        .unwrap();
    app.run_job(&AnalyzeAccount::default()).await;
    assert!(app.readings().is_empty());
    assert_eq!(
        app.count(
            "select count(*) from apalis.jobs where job_type = 'analyze_account' and status = 'Pending'"
        )
        .await,
        1,
        "it is put off, not given up"
    );
    assert!(app.ask(OLENA, "/analyze").await[0].contains("I read on after midnight UTC"));
    assert_eq!(app.ask(OLENA, "two").await, ["You said: two"], "answers have the rest");
    app.clock.advance(Duration::hours(13));
    app.run_job(&AnalyzeAccount { account_id: Some(account_of(&app, OLENA.id).await) }).await;
    assert_eq!(app.readings().iter().map(|shown| shown.lines.len()).sum::<usize>(), 4, "nothing was lost");
}

#[tokio::test]
async fn every_attempt_of_a_reading_counts_for_the_account_and_for_who_has_spoken() {
    let app = App::start().await;
    app.ask(OLENA, "one").await;
    app.llm.answer_with(|request| match Shown::of(request) {
        Some(_) => "not JSON".into(),
        None => "Fine.".into(),
    });
    app.run_job(&AnalyzeAccount::default()).await;
    assert_eq!(app.readings().len(), 3);
    for table in ["usage_days", "person_days"] {
        let counted = sqlx::AssertSqlSafe(format!(
            "select count(*) from {table} where messages = 1 and calls = 1 and reading_tokens > 0 and reading_tokens =
             (select sum(tokens_in + tokens_out) from llm_usage where purpose = 'analysis' and outcome = 'unusable')"
        ));
        assert_eq!(sqlx::query_scalar::<_, i64>(counted).fetch_one(&app.pool).await.unwrap(), 1, "{table}");
    }
}
