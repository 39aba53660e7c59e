//! Acknowledging what came of jobs, many at a time.

use std::{convert::Infallible, future::Ready, marker::PhantomData, time::Duration};

use apalis_core::{error::BoxDynError, task::ExecutionContext, worker::ext::ack::Acknowledge};
use tokio::sync::{mpsc, oneshot};

use crate::store::Store;

/// The wait after the store did not answer.
const AFTER_ERROR: Duration = Duration::from_millis(500);
/// The most outcomes that one call writes.
const BATCH: usize = 256;

pub(crate) enum Word<S: Store> {
    Ended(String, S::Outcome),
    /// Say when everything before this is written.
    Flush(oneshot::Sender<()>),
}

/// What apalis tells how a job ended. The job does not wait until that is written.
pub struct Acknowledger<S: Store> {
    words: mpsc::UnboundedSender<Word<S>>,
    store: PhantomData<fn() -> S>,
}

impl<S: Store> Clone for Acknowledger<S> {
    fn clone(&self) -> Self {
        Self { words: self.words.clone(), store: PhantomData }
    }
}

impl<S: Store> Acknowledger<S> {
    /// One whose words are written to the store by a task of their own, until the last of its clones is gone.
    pub(crate) fn start(store: S) -> Self {
        let (words, heard) = mpsc::unbounded_channel();
        tokio::spawn(complete(store, heard));
        Self { words, store: PhantomData }
    }

    /// Done when everything said so far is written.
    pub(crate) fn flushed(&self) -> oneshot::Receiver<()> {
        let (written, flushed) = oneshot::channel();
        let _ = self.words.send(Word::Flush(written));
        flushed
    }
}

impl<S: Store> Acknowledge<S::Outcome> for Acknowledger<S> {
    type Error = Infallible;
    type Future = Ready<Result<(), Infallible>>;

    fn ack(&mut self, result: &Result<S::Outcome, BoxDynError>, context: &ExecutionContext) -> Self::Future {
        let job = context.data().get::<S::Job>().expect("the backend puts the job beside the task");
        let _ = self.words.send(Word::Ended(S::id(job).to_owned(), S::outcome(job, result)));
        std::future::ready(Ok(()))
    }
}

/// Writes outcomes until nobody can say another one. While the store is away they wait here.
async fn complete<S: Store>(store: S, mut words: mpsc::UnboundedReceiver<Word<S>>) {
    let mut heard = Vec::new();
    while words.recv_many(&mut heard, BATCH).await > 0 {
        let mut outcomes = Vec::with_capacity(heard.len());
        let mut waiting = Vec::new();
        for word in heard.drain(..) {
            match word {
                Word::Ended(id, outcome) => outcomes.push((id, outcome)),
                Word::Flush(written) => waiting.push(written),
            }
        }
        while !outcomes.is_empty()
            && let Err(error) = store.complete(&outcomes).await
        {
            tracing::warn!(%error, jobs = outcomes.len(), "outcomes cannot be noted; trying again");
            tokio::time::sleep(AFTER_ERROR).await;
        }
        for written in waiting {
            let _ = written.send(());
        }
    }
}
