//! Claiming due jobs into free slots.

use std::{
    collections::VecDeque,
    pin::Pin,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use futures::{FutureExt, future::BoxFuture};
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};
use tokio_util::sync::{CancellationToken, WaitForCancellationFutureOwned};

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
    /// Giving back what was claimed and not handed over.
    Releasing(BoxFuture<'static, ()>),
    /// Nothing comes any more.
    Idle,
}

/// Looks for jobs when it is woken, and in intervals.
pub(crate) struct Fetcher<S: Store> {
    store: S,
    slots: Arc<Semaphore>,
    wake: Arc<Notify>,
    interval: Duration,
    claimed: VecDeque<Claimed<S::Job>>,
    state: State<S>,
    stopping: Pin<Box<WaitForCancellationFutureOwned>>,
    idle: CancellationToken,
}

impl<S: Store> Fetcher<S> {
    pub(crate) fn new(
        store: S,
        slots: usize,
        wake: Arc<Notify>,
        interval: Duration,
        stopping: CancellationToken,
        idle: CancellationToken,
    ) -> Self {
        let slots = Arc::new(Semaphore::new(slots));
        let state = State::Waiting(free(Arc::clone(&slots)).boxed());
        let stopping = Box::pin(stopping.cancelled_owned());
        Self { store, slots, wake, interval, claimed: VecDeque::new(), state, stopping, idle }
    }

    /// The next claimed job, in its slot.
    pub(crate) fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Claimed<S::Job>> {
        let stops = self.stopping.as_mut().poll(cx).is_ready();
        loop {
            if !stops && let Some(claimed) = self.claimed.pop_front() {
                return Poll::Ready(claimed);
            }
            match &mut self.state {
                State::Waiting(_) if stops => self.state = State::Releasing(self.release()),
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
                State::Releasing(release) => {
                    ready!(release.poll_unpin(cx));
                    self.state = State::Idle;
                    self.idle.cancel();
                }
                State::Idle => return Poll::Pending,
            }
        }
    }

    fn release(&mut self) -> BoxFuture<'static, ()> {
        let store = self.store.clone();
        let ids: Vec<_> = self.claimed.drain(..).map(|claimed| S::id(claimed.job()).to_owned()).collect();
        async move {
            if !ids.is_empty()
                && let Err(error) = store.release(&ids).await
            {
                tracing::warn!(%error, jobs = ids.len(), "claimed jobs cannot be released; they will be rescued");
            }
        }
        .boxed()
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
