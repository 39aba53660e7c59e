//! Tiers: by time to the second, 200 in mid-term, summarized before they leave it.

use brain::jobs::PromoteTiers;
use chrono::Duration;

use crate::support::{app::App, reading::add, updates::OLENA};

#[tokio::test]
async fn a_message_leaves_short_term_at_its_session_s_end_to_the_second() {
    let app = App::start().await;
    app.ask(OLENA, "/session short").await;
    app.ask(OLENA, "hello").await;
    app.clock.advance(Duration::hours(3) - Duration::seconds(1));
    app.run_job(&PromoteTiers {}).await;
    assert_eq!(app.tiers_of(OLENA.id).await, (2, 0, 0));
    assert!(app.ask(OLENA, "/shortterm").await[0].contains("Total: 2 messages"));
    assert!(app.ask(OLENA, "/midterm").await[0].contains("is empty"));

    app.clock.advance(Duration::seconds(1));
    // The table may be a minute late, what people and the model see is not.
    assert!(app.ask(OLENA, "/shortterm").await[0].contains("is empty"));
    assert!(app.ask(OLENA, "/midterm").await[0].contains("Total: 2 messages\nFrom people: 1\nFrom me: 1"));
    app.run_job(&PromoteTiers {}).await;
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 2, 0));
}

#[tokio::test]
async fn a_longer_session_takes_back_what_had_left_a_shorter_one() {
    let app = App::start().await;
    app.ask(OLENA, "/session short").await;
    app.ask(OLENA, "hello").await;
    app.clock.advance(Duration::hours(4));
    app.run_job(&PromoteTiers {}).await;
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 2, 0));
    app.ask(OLENA, "/session medium").await;
    assert_eq!(app.tiers_of(OLENA.id).await, (2, 0, 0));
    app.ask(OLENA, "and now").await;
    assert!(
        app.last_prompt().contains("user: hello\nassistant: You said: hello\nuser: and now"),
        "{}",
        app.last_prompt()
    );
}

#[tokio::test]
async fn with_two_hundred_nothing_is_summarized_and_with_one_more_everything_is_once() {
    let app = App::start().await;
    app.read_with(|shown| {
        vec![add(&format!("They talked about {}", shown.lines[0].text), &[shown.lines[0].id])]
    });
    app.ask(OLENA, "/start").await;
    app.fill(OLENA.id, 200, app.now() - Duration::hours(7)).await;
    app.run_job(&PromoteTiers {}).await;
    assert_eq!((app.tiers_of(OLENA.id).await, app.readings().len()), ((0, 200, 0), 0));

    app.fill(OLENA.id, 1, app.now() - Duration::hours(6) - Duration::minutes(1)).await;
    app.run_job(&PromoteTiers {}).await;
    let readings = app.readings();
    let read: Vec<i64> = readings.iter().flat_map(|shown| shown.lines.iter().map(|line| line.id)).collect();
    assert_eq!(read.len(), 201, "each message once");
    assert!(read.is_sorted());
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 200, 1));
    assert_eq!(app.facts_in(OLENA.id).await[0], "They talked about filler 1");

    // The next summary comes when fifty more have gathered, not with each.
    let before = readings.len();
    app.fill(OLENA.id, 49, app.now() - Duration::hours(6) - Duration::seconds(5)).await;
    app.run_job(&PromoteTiers {}).await;
    assert_eq!((app.tiers_of(OLENA.id).await, app.readings().len()), ((0, 200, 50), before));
    app.fill(OLENA.id, 1, app.now() - Duration::hours(6)).await;
    app.run_job(&PromoteTiers {}).await;
    assert_eq!(app.readings().len(), before + 1);
    assert_eq!(app.readings().last().unwrap().lines.len(), 50);
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 200, 51));
}

#[tokio::test]
async fn an_empty_chat_and_one_with_only_the_bot_s_words_cost_no_call() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app.run_job(&PromoteTiers {}).await;
    app.fill(OLENA.id, 300, app.now() - Duration::hours(7)).await;
    sqlx::query("update chat_history set role = 'assistant'").execute(&app.pool).await.unwrap();
    app.run_job(&PromoteTiers {}).await;
    assert_eq!((app.readings().len(), app.tiers_of(OLENA.id).await), (0, (0, 200, 100)));
}

#[tokio::test]
async fn promotion_waits_for_nobody_and_nobody_waits_for_it() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app.fill(OLENA.id, 10, app.now() - Duration::hours(7)).await;
    let mut holder = app.pool.begin().await.unwrap();
    sqlx::query("select from chat_history where content = 'filler 3' for update")
        .execute(&mut *holder)
        .await
        .unwrap();
    app.run_job(&PromoteTiers {}).await;
    assert_eq!(app.tiers_of(OLENA.id).await, (1, 9, 0), "what somebody holds is left for the next pass");
    holder.commit().await.unwrap();
    app.run_job(&PromoteTiers {}).await;
    assert_eq!(app.tiers_of(OLENA.id).await, (0, 10, 0));
}

#[tokio::test]
async fn messages_that_arrive_while_tiers_are_promoted_stay_where_they_belong() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app.fill(OLENA.id, 150, app.now() - Duration::hours(7)).await;
    for round in 0..10 {
        app.begin_job(&PromoteTiers {}).await;
        app.says(OLENA, &format!("message {round}")).await;
    }
    app.run_memory_jobs().await;
    assert_eq!(app.tiers_of(OLENA.id).await, (20, 150, 0));
}
