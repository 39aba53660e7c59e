//! From webhook to `sendMessage`, on a calm machine and on one whose cores are busy.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
    timeline::answers,
};

const RATE: f64 = 50.0;
const CHATS: i64 = 500;
const PATIENCE: Duration = Duration::from_secs(30);

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting::default(), CHATS).await?;
    let warm = stage.asker.ask_at(RATE, Duration::from_secs(5), CHATS).await;
    answers(&stage, &warm, PATIENCE).await?;

    let before = stage.transactions().await?;
    let asked = stage.asker.ask_at(RATE, Duration::from_secs(30), CHATS).await;
    let sent = answers(&stage, &asked, PATIENCE).await?;
    let transactions = stage.transactions().await? - before;
    let times = sent.times(&asked);
    report.at_most("webhook to sendMessage at 50 messages/s, p50", times.percentile(50), 15.0, "ms");
    report.at_most("webhook to sendMessage at 50 messages/s, p99", times.percentile(99), 100.0, "ms");
    report.note("  all of them", times.summary());
    sent.explain(&stage, &asked, report).await?;
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let each = transactions as f64 / asked.len() as f64;
    report.note("  transactions for each message, reads and upkeep included", format!("{each:.1}"));

    let busy = Busy::start();
    let asked = stage.asker.ask_at(RATE, Duration::from_secs(30), CHATS).await;
    let sent = answers(&stage, &asked, PATIENCE).await?;
    drop(busy);
    let times = sent.times(&asked);
    report.at_most("the same with every core busy, longest", times.percentile(100), 1000.0, "ms");
    report.note("  all of them", times.summary());
    Ok(())
}

/// One thread for each core that does nothing, as fast as it can.
struct Busy(Arc<AtomicBool>);

impl Busy {
    fn start() -> Self {
        let stop = Arc::new(AtomicBool::new(false));
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            let stop = Arc::clone(&stop);
            std::thread::spawn(move || {
                while !stop.load(Ordering::Relaxed) {
                    std::hint::spin_loop();
                }
            });
        }
        Self(stop)
    }
}

impl Drop for Busy {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}
