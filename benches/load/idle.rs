//! What a web process and a worker cost while nobody writes.

use std::time::{Duration, Instant};

use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
};

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting::default(), 1).await?;
    tokio::time::sleep(Duration::from_secs(5)).await;
    let (start, transactions, used) = (Instant::now(), stage.transactions().await?, stage.worker_time()?);
    tokio::time::sleep(Duration::from_secs(20)).await;
    let used = stage.worker_time()?.saturating_sub(used).as_secs_f64();
    let transactions = stage.transactions().await? - transactions;
    let time = start.elapsed().as_secs_f64();
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let rate = transactions as f64 / time;
    report.note("transactions of an idle worker and an idle web process", format!("{rate:.1} /s"));
    report.note("processor time of an idle worker", format!("{:.2} % of a core", used / time * 100.0));
    Ok(())
}
