//! What runs by the clock: the purge, the sweep, the look at the model.

use brain::{
    jobs::{CheckModel, Job, PurgeJobs, Sweep},
    queue,
};

use crate::support::{
    app::{App, PATIENCE},
    updates::OLENA,
};

async fn run<J: Job>(app: &App, job: &J) -> (String, String) {
    queue::enqueue(&mut app.pool.acquire().await.unwrap(), job, None).await.unwrap();
    queue::wake_all(&app.pool).await.unwrap();
    let ended = async {
        loop {
            let row: Option<(String, Option<String>)> = sqlx::query_as(
                "select status, last_result ->> 'Err' from apalis.jobs
                 where job_type = $1 and idempotency_key is null and status in ('Done', 'Killed', 'Failed')
                 order by done_at desc limit 1",
            )
            .bind(J::NAME)
            .fetch_optional(&app.pool)
            .await
            .unwrap();
            if let Some((status, error)) = row {
                return (status, error.unwrap_or_default());
            }
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, ended).await.expect("the job ends")
}

#[tokio::test]
async fn the_purge_deletes_what_is_past_its_retention_and_nothing_else() {
    let app = App::start().await;
    app.ask(OLENA, "old").await;
    for shift in [
        "update telegram_updates set received_at = received_at - interval '8 days'",
        "update outgoing_messages set created_at = created_at - interval '31 days'",
        "update apalis.jobs set done_at = done_at - interval '2 hours' where job_type = 'answer_chat'",
        "insert into apalis.workers (id, worker_type, storage_name, last_seen) values ('dead', 'pykhbrain', '', now() - interval '2 hours')",
    ] {
        // The job's end is noted a moment after the answer is out.
        while app
            .count("select count(*) from apalis.jobs where job_type = 'answer_chat' and status <> 'Done'")
            .await
            > 0
        {
            tokio::task::yield_now().await;
        }
        sqlx::query(shift).execute(&app.pool).await.unwrap();
    }
    app.ask(OLENA, "new").await;
    assert_eq!(run(&app, &PurgeJobs {}).await.0, "Done");
    assert_eq!(app.count("select count(*) from telegram_updates").await, 1);
    assert_eq!(app.count("select count(*) from outgoing_messages").await, 1);
    assert_eq!(app.count("select count(*) from apalis.jobs where job_type = 'answer_chat'").await, 1);
    assert_eq!(app.count("select count(*) from apalis.workers where id = 'dead'").await, 0);
    assert_eq!(app.count("select count(*) from chat_history").await, 4, "what was said is kept");
}

#[tokio::test]
async fn the_look_at_the_model_knows_it_misses_it_and_sees_its_end() {
    let app = App::builder().with("OPENAI_MODEL", "some-model").start().await;
    app.llm.set_models(&[("some-model", Some("2026-12-24"))]);
    assert_eq!(run(&app, &CheckModel {}).await.0, "Done");
    let config = brain::config::LlmConfig::from_env(&app.env).unwrap();
    let llm = brain::ports::llm::Llm::from_config(&config).unwrap();
    assert_eq!(llm.shutdown_date("some-model").await.unwrap().unwrap().to_string(), "2026-12-24");
    assert!(llm.shutdown_date("another").await.is_err());
}

#[tokio::test]
async fn an_operator_can_ask_for_a_sweep() {
    let app = App::start().await;
    assert_eq!(run(&app, &Sweep {}).await.0, "Done");
}

#[tokio::test]
async fn a_periodic_job_is_put_on_the_queue_once_however_many_workers_there_are() {
    let app = App::builder().workers(3).start().await;
    tokio::time::timeout(PATIENCE, async {
        while app
            .count("select count(*) from apalis.jobs where idempotency_key like 'cron:%' and status = 'Done'")
            .await
            < 5
        {
            tokio::task::yield_now().await;
        }
    })
    .await
    .expect("each has run");
    assert_eq!(app.count("select count(*) from apalis.jobs where idempotency_key like 'cron:%'").await, 5);
}
