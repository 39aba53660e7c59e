//! Workers that are killed while the model reads messages for facts.

use std::time::Duration;

use brain::jobs::PromoteTiers;
use rand::{Rng, SeedableRng, rngs::StdRng};

use crate::support::{app::App, process::Process, reading::add, updates::OLENA};

const MESSAGES: i64 = 1000;
const KILLS: usize = 3;
const SIDE_BY_SIDE: u64 = 4;

#[tokio::test(flavor = "multi_thread")]
async fn killed_while_reading_every_message_becomes_one_fact() {
    let _alone = crate::ALONE.lock().await;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    let runs = (0..SIDE_BY_SIDE).map(|run| async move {
        let mut rng = StdRng::seed_from_u64(seed + run);
        let app = App::for_processes()
            .with("SUMMARIES_PER_MINUTE", "10000")
            .with("DB_POOL_SIZE", "4")
            // More is read than a day has room for, and most of it several times.
            .with("TEMP_DAILY_TOKENS", "100000000")
            .start()
            .await;
        app.read_with(|shown| {
            let said = shown.lines.iter().filter(|line| line.speaker != "PykhBrain");
            said.map(|line| add(&format!("Olena said {}", line.text), &[line.id])).collect()
        });
        app.llm.set_latency(Duration::from_millis(300));
        let mut workers = vec![Process::worker(&app.variables), Process::worker(&app.variables)];
        app.says(OLENA, "/start").await;
        app.run_pending_jobs().await;
        app.fill(OLENA.id, MESSAGES, app.now() - chrono::Duration::hours(7)).await;
        app.begin_job(&PromoteTiers {}).await;
        for _ in 0..KILLS {
            let readings = app.readings().len();
            let begun = app.llm.wait_for(|requests| requests.len() > readings, Duration::from_mins(2)).await;
            drop(begun.expect("reading goes on"));
            tokio::time::sleep(Duration::from_millis(rng.random_range(0..600))).await;
            for worker in workers.drain(..) {
                worker.kill().await;
            }
            workers.extend([Process::worker(&app.variables), Process::worker(&app.variables)]);
        }
        let unread = "select count(*) from chat_history h join conversations v on h.id > v.read_through";
        while app.count(unread).await > 0 {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        let facts = app.facts_in(OLENA.id).await;
        let mut once = facts.clone();
        once.sort();
        once.dedup();
        let expected = usize::try_from(MESSAGES / 2).unwrap();
        assert_eq!((facts.len(), once.len()), (expected, expected), "one fact for each message of hers");
        assert_eq!(app.tiers_of(OLENA.id).await, (0, 200, MESSAGES - 200));
    });
    futures::future::join_all(runs).await;
}
