//! The pace to Telegram with its real limits on: as fast as allowed, and never told to wait.

use std::time::Duration;

use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
    timeline::answers,
};

const CHATS: i64 = 1000;
/// What `TELEGRAM_RATE=30` comes to with the safety that the pacing keeps (30 in 1.1 s).
const PACE: f64 = 30.0 / 1.1;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting { telegram_rate: 30, ..Setting::default() }, CHATS).await?;
    stage.telegram.enforce_limits();
    // More than may be sent, so that something waits all the time.
    let asked = stage.asker.ask_at(35.0, Duration::from_secs(30), CHATS).await;
    answers(&stage, &asked, Duration::from_mins(2)).await?;
    let sent = stage.telegram.sent();
    let (first, last) = (sent.first().map(|sent| sent.at), sent.last().map(|sent| sent.at));
    let time = last.zip(first).map_or(Duration::ZERO, |(last, first)| last.duration_since(first));
    #[expect(clippy::cast_precision_loss, reason = "thousands")]
    let pace = sent.len() as f64 / time.as_secs_f64();
    report.at_least("messages sent with Telegram's limits on", pace, PACE * 0.95, "/s");
    let breaches = stage.telegram.limit_breaches();
    let refused = u32::try_from(breaches.overall + breaches.private_chat + breaches.group)?;
    report.at_most("answers \"too many requests\" earned", f64::from(refused), 0.0, "");
    Ok(())
}
