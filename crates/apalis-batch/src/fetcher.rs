//! Claiming due jobs into free slots.

use std::{
    collections::VecDeque,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::store::{Claimed, Store};

/// The wait after the store did not answer.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// The most jobs that one call claims.
const BATCH: usize = 16;

/// The slots that were claimed for, and what was claimed.
type Claim<S> = (Vec<OwnedSemaphorePermit>, Result<Vec<<S as Store>::Job>, <S as Store>::Error>);

/// Where the fetcher stands.
enum State<S: Store> {
    /// Waiting for something to claim, and for slots to claim it into.
    Waiting(BoxFuture<'static, Vec<OwnedSemaphorePermit>>),
    Claiming(BoxFuture<'static, Claim<S>>),
}

/// Looks for jobs when it is woken, and in intervals.
pub(crate) struct Fetcher<S: Store> {
    store: S,
    slots: Arc<Semaphore>,
    wake: Arc<Notify>,
    interval: Duration,
    claimed: VecDeque<Claimed<S::Job>>,
    state: State<S>,
}

impl<S: Store> Fetcher<S> {
    pub(crate) fn new(store: S, slots: usize, wake: Arc<Notify>, interval: Duration) -> Self {
        let slots = Arc::new(Semaphore::new(slots));
        let state = State::Waiting(free(Arc::clone(&slots)).boxed());
        Self { store, slots, wake, interval, claimed: VecDeque::new(), state }
    }

    /// The next claimed job, in its slot.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Claimed<S::Job>> {
        loop {
            if let Some(claimed) = self.claimed.pop_front() {
                return Poll::Ready(claimed);
            }
            match &mut self.state {
                State::Waiting(slots) => {
                    let slots = ready!(slots.poll_unpin(cx));
                    let store = self.store.clone();
                    let claim = async move {
                        let claimed = store.claim(slots.len()).await;
                        (slots, claimed)
                    };
                    self.state = State::Claiming(claim.boxed());
                }
                State::Claiming(claim) => {
                    let claim = ready!(claim.poll_unpin(cx));
                    self.settle(claim);
                }
            }
        }
    }

    /// What was claimed and not handed over, once no claim is under way.
    pub(crate) fn poll_close(&mut self, cx: &mut Context<'_>) -> Poll<Vec<S::Job>> {
        if let State::Claiming(claim) = &mut self.state {
            let claim = ready!(claim.poll_unpin(cx));
            self.settle(claim);
        }
        Poll::Ready(self.claimed.drain(..).map(Claimed::into_job).collect())
    }

    fn settle(&mut self, (slots, claimed): Claim<S>) {
        let free = free(Arc::clone(&self.slots));
        self.state = State::Waiting(match claimed {
            // There may be more.
            Ok(jobs) if jobs.len() == slots.len() => {
                self.keep(slots, jobs);
                free.boxed()
            }
            Ok(jobs) => {
                self.keep(slots, jobs);
                let woken = Arc::clone(&self.wake).notified_owned();
                let interval = self.interval;
                async move {
                    let _ = tokio::time::timeout(interval, woken).await;
                    free.await
                }
                .boxed()
            }
            Err(error) => {
                tracing::warn!(%error, "the queue cannot be read; trying again");
                async move {
                    tokio::time::sleep(AFTER_ERROR).await;
                    free.await
                }
                .boxed()
            }
        });
    }

    fn keep(&mut self, slots: Vec<OwnedSemaphorePermit>, jobs: Vec<S::Job>) {
        self.claimed.extend(jobs.into_iter().zip(slots).map(|(job, slot)| Claimed::new(job, slot)));
    }
}

/// As many slots as are free, up to a batch; waits for the first one.
async fn free(slots: Arc<Semaphore>) -> Vec<OwnedSemaphorePermit> {
    let first = Arc::clone(&slots).acquire_owned().await;
    let mut free = vec![first.expect("the slots are never closed")];
    while free.len() < BATCH
        && let Ok(slot) = Arc::clone(&slots).try_acquire_owned()
    {
        free.push(slot);
    }
    free
}
