//! Saying that the worker lives.

use std::{convert::Infallible, time::Duration};

use crate::store::Store;

/// Beats every `interval`, for all backends of a worker together, until it is dropped. Not the backend's own affair, because it has
/// to go on while the last jobs run after the worker was told to stop.
pub async fn heartbeat<S: Store>(store: S, interval: Duration) -> Infallible {
    let mut ticks = tokio::time::interval(interval);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match store.heartbeat().await {
            Ok(0) => {}
            Ok(jobs) => tracing::warn!(jobs, "gave back jobs of a worker that died"),
            Err(error) => tracing::warn!(%error, "no heartbeat; trying again"),
        }
    }
}
