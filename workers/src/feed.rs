//! Taking due jobs off the queue as places become free, and noting how they ended, many at a time.

use std::{sync::Arc, time::Duration};

use brain::queue::{self, Ending, TakenJob};
use sqlx::PgPool;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore, mpsc};
use tokio_util::sync::CancellationToken;

use crate::registry::Lane;

/// The wait after the database did not answer.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// The most jobs that one look takes.
const BATCH: usize = 16;

/// A job with the place that it occupies until it is dropped.
pub(crate) struct Placed {
    pub(crate) job: TakenJob,
    pub(crate) _place: OwnedSemaphorePermit,
}

/// Takes the lane's jobs into `places` free places until `stopping`; looks for them when `wake` says so, and in intervals.
pub(crate) async fn take(
    pool: PgPool,
    worker: Arc<str>,
    lane: Lane,
    places: Arc<Semaphore>,
    wake: Arc<Notify>,
    jobs: mpsc::Sender<Placed>,
    stopping: CancellationToken,
) {
    let (names, interval) = (lane.names(), lane.poll());
    while !stopping.is_cancelled() {
        let first = tokio::select! {
            () = stopping.cancelled() => return,
            place = Arc::clone(&places).acquire_owned() => place.expect("the places are never closed"),
        };
        let mut free = vec![first];
        while free.len() < BATCH
            && let Ok(place) = Arc::clone(&places).try_acquire_owned()
        {
            free.push(place);
        }
        let wanted = free.len();
        let idle = match queue::take(&pool, &worker, &names, wanted.try_into().unwrap_or(1)).await {
            Ok(taken) => {
                let full = taken.len() == wanted;
                for (job, place) in taken.into_iter().zip(free.drain(..)) {
                    // Nobody receives only after the end, and then the job is rescued like a dead worker's.
                    let _ = jobs.send(Placed { job, _place: place }).await;
                }
                if full { Duration::ZERO } else { interval }
            }
            Err(error) => {
                tracing::warn!(error = %error, "the queue cannot be read; trying again");
                AFTER_ERROR
            }
        };
        drop(free);
        tokio::select! {
            () = stopping.cancelled() => return,
            () = wake.notified(), if idle == interval => {}
            () = tokio::time::sleep(idle) => {}
        }
    }
}

/// Notes endings until every sender is gone. While the database is away they wait here.
pub(crate) async fn note(
    pool: PgPool,
    worker: Arc<str>,
    mut endings: mpsc::UnboundedReceiver<(String, Ending)>,
) {
    let mut batch = Vec::new();
    while endings.recv_many(&mut batch, 256).await > 0 {
        while let Err(error) = queue::finish(&pool, &worker, &batch).await {
            tracing::warn!(error = %error, jobs = batch.len(), "endings cannot be noted; trying again");
            tokio::time::sleep(AFTER_ERROR).await;
        }
        batch.clear();
    }
}
