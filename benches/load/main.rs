//! The benchmark: what the product does in how much time, with real processes, a real Postgres with fsync on, and a Telegram
//! and a model on loopback that answer at once.
//!
//! `just bench` prints all figures, `just bench latency memory` these two. Run it on a calm machine: a figure says how busy
//! the machine was, not whether that spoiled it.

mod asking;
mod history;
mod idle;
mod import;
mod latency;
mod limits;
mod memory;
mod pgbench;
mod program;
mod recall;
mod report;
mod slow_peers;
mod stage;
mod strangers;
mod summaries;
mod sustained;
mod tiers;
mod timeline;
mod webhook;

#[allow(unused_imports, reason = "its own tests are compiled and not run here")]
#[path = "../../tests/support/fakes/mod.rs"]
mod fakes;
#[expect(dead_code, reason = "shared with the flow tests, which use the rest")]
#[path = "../../tests/support/updates.rs"]
mod updates;

use std::{future::Future, path::Path, pin::Pin};

use pykhbrain::cluster::{Cluster, Profile};

use crate::report::Report;

type Measuring<'a> = Pin<Box<dyn Future<Output = anyhow::Result<()>> + 'a>>;
type Measure = for<'a> fn(&'a Cluster, &'a mut Report) -> Measuring<'a>;

const FIGURES: [(&str, Measure); 13] = [
    ("webhook", |cluster, report| Box::pin(webhook::measure(cluster, report))),
    ("slow-peers", |cluster, report| Box::pin(slow_peers::measure(cluster, report))),
    ("latency", |cluster, report| Box::pin(latency::measure(cluster, report))),
    ("sustained", |cluster, report| Box::pin(sustained::measure(cluster, report))),
    ("strangers", |cluster, report| Box::pin(strangers::measure(cluster, report))),
    ("limits", |cluster, report| Box::pin(limits::measure(cluster, report))),
    ("history", |cluster, report| Box::pin(history::measure(cluster, report))),
    ("recall", |cluster, report| Box::pin(recall::measure(cluster, report))),
    ("memory", |cluster, report| Box::pin(memory::measure(cluster, report))),
    ("tiers", |cluster, report| Box::pin(tiers::measure(cluster, report))),
    ("summaries", |cluster, report| Box::pin(summaries::measure(cluster, report))),
    ("import", |cluster, report| Box::pin(import::measure(cluster, report))),
    ("idle", |cluster, report| Box::pin(idle::measure(cluster, report))),
];

/// One thread asks, so that what asks takes as little of the machine as it can from what answers.
#[tokio::main(flavor = "current_thread")]
async fn main() -> anyhow::Result<()> {
    // `cargo bench` adds an option of its own.
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    if let Some(unknown) = wanted.iter().find(|name| FIGURES.iter().all(|(figure, _)| figure != name)) {
        let known: Vec<_> = FIGURES.iter().map(|(figure, _)| *figure).collect();
        anyhow::bail!("there is no figure `{unknown}`; there are {}", known.join(", "));
    }

    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-cluster");
    std::fs::create_dir_all(&home)?;
    let cluster = Cluster::start(&home, Profile::Durable).await?;
    let mut report = Report::default();
    for (name, measure) in FIGURES {
        if wanted.is_empty() || wanted.iter().any(|figure| figure == name) {
            report.begin(name);
            measure(&cluster, &mut report).await?;
        }
    }
    cluster.stop().await;
    report.end();
    Ok(())
}
