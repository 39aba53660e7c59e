//! Reading for facts beside everything else: what arrives meanwhile, two workers, the pace, a model that fails.

use brain::{
    ids::{ChatId, ThreadId},
    jobs::{AnalyzeAccount, PromoteTiers, SummarizeChat},
};
use chrono::Duration;
use serde_json::json;

use crate::{
    fakes::llm::Fault,
    support::{
        app::{App, PATIENCE},
        reading::{Shown, add},
        updates::{OLENA, Person},
    },
};

/// One fact for each message of a person.
fn each(shown: &Shown) -> Vec<serde_json::Value> {
    let said = shown.lines.iter().filter(|line| line.speaker != "PykhBrain");
    said.map(|line| add(&format!("{} said {}", line.speaker, line.text), &[line.id])).collect()
}

fn summary_of(chat: i64) -> SummarizeChat {
    SummarizeChat { chat_id: ChatId(chat), thread_id: ThreadId(0) }
}

/// Begins an analysis, and returns while the model is thinking about what it was shown.
async fn begin_reading(app: &App) {
    app.llm.hold();
    let before = app.readings().len();
    app.begin_job(&AnalyzeAccount::default()).await;
    let thinking =
        app.llm.wait_for(|requests| requests.iter().filter_map(Shown::of).count() > before, PATIENCE).await;
    thinking.expect("the model is asked");
}

async fn end_reading(app: &App) {
    app.llm.release();
    app.run_memory_jobs().await;
}

#[tokio::test]
async fn a_message_that_arrives_while_the_model_reads_is_answered_and_read_next() {
    let app = App::start().await;
    app.read_with(each);
    app.ask(OLENA, "one").await;
    begin_reading(&app).await;
    app.says(OLENA, "two").await;
    end_reading(&app).await;
    assert_eq!(app.seen_in(OLENA.id).last().unwrap(), "You said: two");
    app.run_job(&AnalyzeAccount::default()).await;
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena said one", "Olena said two"]);
}

#[tokio::test]
async fn what_is_forgotten_while_the_model_reads_it_does_not_come_back() {
    let app = App::start().await;
    app.read_with(each);
    app.ask(OLENA, "one").await;
    begin_reading(&app).await;
    app.llm.release();
    // The answer is on its way; whichever is first, nothing may be left.
    app.ask(OLENA, "/forget all yes, delete everything").await;
    app.run_memory_jobs().await;
    let facts = app.facts_in(OLENA.id).await;
    assert!(facts.is_empty(), "{facts:?}");
    assert_eq!(app.count("select count(*) from chat_history").await, 0);
}

#[tokio::test]
async fn a_fact_that_is_forgotten_while_the_model_reads_does_not_live_on_in_the_narrative() {
    let app = App::start().await;
    app.ask(OLENA, "I live in Kyiv").await;
    app.llm.answer_with(|request| match Shown::of(request) {
        Some(shown) => {
            json!({"facts": each(&shown), "narrative": "Olena told that she lives in Kyiv."}).to_string()
        }
        None => "Fine.".into(),
    });
    app.run_job(&AnalyzeAccount::default()).await;
    app.ask(OLENA, "hello").await;
    assert!(app.last_prompt().contains("The conversation so far: Olena told"));
    app.ask(OLENA, "/forget 1").await;
    begin_reading(&app).await;
    let question =
        app.telegram.sent_to(OLENA.id).into_iter().rev().find(|sent| sent.key("Forget it").is_some());
    app.presses(OLENA, &question.unwrap(), "Forget it").await;
    app.run_edits().await;
    app.llm.answer_with(|_| json!({"facts": [], "narrative": "They said hello."}).to_string());
    end_reading(&app).await;
    assert_eq!(app.count("select count(*) from account_chats where narrative like '%Kyiv%'").await, 0);
    assert_eq!(app.count("select count(*) from telegram_updates where convert_from(body, 'UTF8') like '%said I live in Kyiv%'").await, 0);
}

#[tokio::test]
async fn a_message_that_is_edited_while_it_is_read_for_the_first_time_is_read_again() {
    let app = App::start().await;
    app.read_with(each);
    let message = app.says(OLENA, "I have a car").await;
    app.run_pending_jobs().await;
    begin_reading(&app).await;
    let content = crate::support::updates::message(
        message,
        OLENA,
        &OLENA.chat(),
        "I have a cat",
        app.now(),
        &json!({"edit_date": 1}),
    );
    app.deliver(&app.update("edited_message", &content)).await;
    app.run_edits().await;
    end_reading(&app).await;
    app.run_job(&AnalyzeAccount::default()).await;
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena said I have a cat"]);
    assert_eq!(app.count("select count(*) from edited_messages").await, 0);
}

#[tokio::test]
async fn a_clear_while_the_model_reads_takes_nothing_away() {
    let app = App::start().await;
    app.read_with(each);
    app.ask(OLENA, "one").await;
    begin_reading(&app).await;
    app.says(OLENA, "/clear").await;
    end_reading(&app).await;
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena said one"]);
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 0, 2));
}

#[tokio::test]
async fn a_message_that_is_edited_while_the_model_reads_it_is_read_again() {
    let app = App::start().await;
    app.read_with(each);
    let message = app.says(OLENA, "I have a car").await;
    app.run_pending_jobs().await;
    app.ask(OLENA, "and a bike").await;
    app.run_job(&AnalyzeAccount::default()).await;
    let edited = |text: &str| {
        let content = crate::support::updates::message(
            message,
            OLENA,
            &OLENA.chat(),
            text,
            app.now(),
            &json!({"edit_date": 1}),
        );
        app.update("edited_message", &content)
    };
    app.deliver(&edited("I have a cat")).await;
    app.run_pending_jobs().await;
    begin_reading(&app).await;
    app.deliver(&edited("I have a cow")).await;
    app.run_edits().await;
    end_reading(&app).await;
    app.run_job(&AnalyzeAccount::default()).await;
    let facts = app.facts_in(OLENA.id).await;
    assert_eq!(facts, ["Olena said and a bike", "Olena said I have a cow"]);
}

#[tokio::test]
async fn two_workers_on_the_same_chat_read_each_message_once() {
    let mut app = App::start().await;
    app.start_worker();
    app.read_with(each);
    app.ask(OLENA, "/start").await;
    app.fill(OLENA.id, 900, app.now() - Duration::hours(7)).await;
    app.llm.set_latency(std::time::Duration::from_millis(20));
    for _ in 0..4 {
        app.begin_job(&summary_of(OLENA.id)).await;
        app.begin_job(&AnalyzeAccount::default()).await;
        app.begin_job(&PromoteTiers {}).await;
    }
    app.run_memory_jobs_at_any_time().await;
    let read: Vec<i64> =
        app.readings().iter().flat_map(|shown| shown.lines.iter().map(|line| line.id)).collect();
    assert_eq!(read.len(), 900, "each once");
    assert!(
        app.llm.max_concurrent_by(|request| Shown::of(request).is_some()) <= 1,
        "one reading of an account at a time"
    );
    assert_eq!(app.facts_in(OLENA.id).await.len(), 450);
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 200, 700));
}

#[tokio::test]
async fn summaries_keep_the_cluster_s_pace_and_answers_do_not_wait_for_them() {
    let mut app = App::builder().with("SUMMARIES_PER_MINUTE", "5").start().await;
    app.start_worker();
    app.read_with(each);
    let people: Vec<Person> = (5001..5021).map(|id| Person { id, name: "Somebody" }).collect();
    for person in &people {
        app.says(*person, "/start").await;
    }
    app.run_pending_jobs().await;
    for person in &people {
        app.fill(person.id, 201, app.now() - Duration::hours(7)).await;
    }
    app.run_job(&PromoteTiers {}).await;
    let mut minutes = Vec::new();
    let mut seen = 0;
    for _ in 0..6 {
        minutes.push(app.readings().len() - seen);
        seen = app.readings().len();
        assert_eq!(app.ask(people[0], "still there?").await.len(), 1, "answers do not wait");
        app.clock.advance(Duration::seconds(61));
        app.minute_passes_for_waiting_jobs().await;
        app.run_memory_jobs().await;
    }
    assert!(minutes.iter().all(|readings| *readings <= 5), "{minutes:?}");
    assert_eq!(minutes.iter().sum::<usize>(), 20, "all are summarized: {minutes:?}");
    assert_eq!(app.count("select count(*) from conversations where read_through = 0").await, 0);
}

#[tokio::test]
async fn a_model_that_fails_is_asked_later_and_nothing_counts_as_read() {
    let app = App::start().await;
    app.read_with(each);
    app.ask(OLENA, "one").await;
    app.llm.fail_next(vec![Fault::ServerError(500), Fault::ServerError(503)]);
    app.run_job(&AnalyzeAccount::default()).await;
    while app
        .count("select count(*) from apalis.jobs where job_type = 'analyze_account' and status = 'Failed'")
        .await
        > 0
    {
        sqlx::query("update apalis.jobs set run_at = now() where status = 'Failed'")
            .execute(&app.pool)
            .await
            .unwrap();
        app.run_memory_jobs().await;
    }
    assert_eq!(app.facts_in(OLENA.id).await, ["Olena said one"]);
    assert_eq!(
        app.count("select count(*) from llm_usage where purpose = 'analysis' and outcome = 'unavailable'")
            .await,
        2
    );
}

#[tokio::test]
async fn the_daily_analysis_of_a_long_history_sends_only_what_is_new() {
    let app = App::start().await;
    app.read_with(|_| vec![]);
    app.ask(OLENA, "/start").await;
    app.fill(OLENA.id, 100_000, app.now() - Duration::days(1)).await;
    sqlx::query("insert into conversations (telegram_chat_id, account_id, read_through) select telegram_chat_id, account_id, max(id) from chat_history group by 1, 2
                 on conflict (telegram_chat_id, thread_id) do update set read_through = excluded.read_through")
        .execute(&app.pool)
        .await
        .unwrap();
    app.fill(OLENA.id, 50, app.now()).await;
    app.run_job(&AnalyzeAccount::default()).await;
    assert_eq!(app.readings().iter().map(|shown| shown.lines.len()).sum::<usize>(), 50);
    let tokens = app.count("select sum(tokens_in) from llm_usage where purpose = 'analysis'").await;
    println!("the analysis of 50 new messages after 100,000 took {tokens} tokens");
    assert!(tokens < 3000, "{tokens}");
}
