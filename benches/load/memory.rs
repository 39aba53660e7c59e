//! What the processes keep in memory after ten thousand messages.

use std::time::Duration;

use anyhow::Context as _;
use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
    timeline::answers,
};

const CHATS: i64 = 1000;
const MESSAGES: f64 = 10_000.0;
const RATE: f64 = 125.0;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting::default(), CHATS).await?;
    let worker = stage.worker.as_ref().context("this stage has a worker")?;
    let idle = (stage.web.resident()?, worker.resident()?);
    let asked = stage.asker.ask_at(RATE, Duration::from_secs_f64(MESSAGES / RATE), CHATS).await;
    answers(&stage, &asked, Duration::from_mins(5)).await?;
    report.at_most("resident memory of web after 10,000 messages", stage.web.resident()?, 40.0, "MiB");
    report.at_most("resident memory of worker after 10,000 messages", worker.resident()?, 80.0, "MiB");
    report.note("  before the first message", format!("web {:.1} MiB, worker {:.1} MiB", idle.0, idle.1));
    Ok(())
}
