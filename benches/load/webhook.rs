//! How fast the webhook acknowledges, and how many updates it can take.

use std::time::Duration;

use pykhbrain::cluster::Cluster;

use crate::{
    asking::Asker,
    pgbench,
    report::{Report, Times},
    stage::{Setting, Stage},
};

const TIME: Duration = Duration::from_secs(20);
const FULL_LOAD: Duration = Duration::from_secs(8);

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let alone = Setting { without_worker: true, ..Setting::default() };
    let stage = Stage::set(cluster, alone, 5000).await?;
    let times =
        Times::new(stage.asker.ask_at(200.0, TIME, 5000).await.into_iter().map(|asked| asked.acknowledged));
    report.at_most("acknowledged at 200 updates/s, p99", times.percentile(99), 15.0, "ms");
    report.note("  all of them", times.summary());
    drop(stage);

    for (connections, askers) in [(3, 32), (16, 64)] {
        let stage = Stage::set(cluster, Setting { web_connections: Some(connections), ..alone }, 1).await?;
        let taken = stage.asker.ask_at_full_load(askers, FULL_LOAD).await;
        #[expect(clippy::cast_precision_loss, reason = "thousands")]
        let ours = taken as f64 / FULL_LOAD.as_secs_f64();
        let body = Asker::body(0, 1);
        let bare =
            pgbench::transactions_per_second(&stage.url, usize::try_from(connections)?, FULL_LOAD, &body)?;
        let what = format!("taken at full load on {connections} connections");
        match bare {
            Some(bare) => {
                report.at_least(&what, ours, bare / 2.0, "/s");
                report
                    .note(&format!("  a bare pgbench on {connections} connections"), format!("{bare:.0} /s"));
            }
            None => report.note(&what, format!("{ours:.0} /s (no pgbench here to compare it with)")),
        }
    }
    Ok(())
}
