//! What runs by the clock.

use std::time::Duration;

use brain::{
    db::chat_turns,
    jobs::{self, Queue},
    queue,
};

use crate::context::Context;

/// How often each worker looks for chats that somebody has left lying.
const SWEEP: Duration = Duration::from_secs(2);
/// How often the clock is compared with the schedules of the jobs.
const TICK: Duration = Duration::from_secs(30);

/// Sweeps until the process stops. Not by way of the queue: it is what mends the queue.
pub(crate) async fn sweep(context: Context) {
    every(SWEEP, &context, async |context| match chat_turns::sweep(&context.brain.pool).await {
        Ok(0) => {}
        Ok(chats) => {
            tracing::info!(chats, "put chats back on the queue that nobody was on");
            let _ = queue::wake(&context.brain.pool, Queue::Replies).await;
        }
        Err(error) => tracing::warn!(error = %error, "the sweep failed; it comes again"),
    })
    .await;
}

/// Puts periodic jobs on the queue until the process stops. Every worker does; the key lets only the first one succeed.
pub(crate) async fn tick(context: Context) {
    every(TICK, &context, async |context| {
        if let Err(error) = enqueue_due(context).await {
            tracing::warn!(error = %error, "periodic jobs could not be put on the queue; trying again");
        }
    })
    .await;
}

async fn enqueue_due(context: &Context) -> sqlx::Result<()> {
    let now = context.brain.clock.now();
    let mut connection = context.brain.pool.acquire().await?;
    for kind in jobs::KINDS {
        queue::enqueue_due(&mut connection, kind, now).await?;
    }
    Ok(())
}

async fn every(period: Duration, context: &Context, work: impl AsyncFn(&Context)) {
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        tokio::select! {
            () = context.stopping.cancelled() => return,
            _ = ticks.tick() => work(context).await,
        }
    }
}
