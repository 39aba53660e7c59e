//! How many messages one worker answers, for as long as they come.

use std::time::{Duration, Instant};

use brain::db::backlog;
use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
    timeline::answers,
};

const CHATS: i64 = 1000;
const TIME: Duration = Duration::from_secs(40);
/// A second's work may wait at any moment; more is a backlog.
const SLACK: f64 = 1.0;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    run(cluster, report, 150.0, Duration::ZERO).await?;
    run(cluster, report, 20.0, Duration::from_secs(3)).await
}

async fn run(cluster: &Cluster, report: &mut Report, rate: f64, thinking: Duration) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting::default(), CHATS).await?;
    stage.llm.set_latency(thinking);
    let begun = stage.worker_time()?;
    let asking = stage.asker.ask_at(rate, TIME, CHATS);
    let watching = async {
        let mut waiting = Vec::new();
        for _ in 0..4 {
            tokio::time::sleep(TIME / 4).await;
            waiting.push(backlog::now(&stage.pool).await?.updates);
        }
        anyhow::Ok(waiting)
    };
    let (asked, waiting) = tokio::join!(asking, watching);
    let asked_until = Instant::now();
    let used = stage.worker_time()?.saturating_sub(begun);
    let sent = answers(&stage, &asked, Duration::from_mins(2)).await?;
    let late = sent.last().map_or(0.0, |last| last.saturating_duration_since(asked_until).as_secs_f64());
    let limit = thinking.as_secs_f64() + SLACK;
    let what = format!(
        "{rate:.0} messages/s, the model taking {} s: the last answer after the last message",
        thinking.as_secs()
    );
    report.at_most(&what, late, limit, "s");
    report.note("  webhook to sendMessage", sent.times(&asked).summary());
    report.note(
        "  waiting after each quarter of the time, answers under way included",
        format!("{:?}", waiting?),
    );
    report.note(
        "  processor time of the worker",
        format!("{:.0} %", used.as_secs_f64() / TIME.as_secs_f64() * 100.0),
    );
    Ok(())
}
