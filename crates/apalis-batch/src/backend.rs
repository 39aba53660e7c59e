//! Fetcher and completer, as apalis knows a backend.

use std::{
    convert::Infallible,
    sync::Arc,
    task::{Context, Poll, ready},
    time::Duration,
};

use apalis_core::{
    backend::{Backend, BackendConfig, finalize::Ephemeral},
    task::{Task, builder::TaskBuilder, task_id::TaskId},
    worker::{context::WorkerContext, ext::ack::AcknowledgeLayer},
};
use futures::FutureExt;
use tokio::sync::{Notify, oneshot};
use tokio_util::sync::CancellationToken;

use crate::{
    completer::Acknowledger,
    fetcher::Fetcher,
    store::{Claimed, Store},
};

/// The backend of one apalis worker.
pub struct Batch<S: Store> {
    fetcher: Fetcher<S>,
    acknowledger: Acknowledger<S>,
    flushed: Option<oneshot::Receiver<()>>,
}

impl<S: Store> Batch<S> {
    /// A backend that runs up to `slots` jobs at once. It looks for due ones when `wake` says so, and every `interval`. To be made
    /// within a tokio runtime.
    ///
    /// After `stopping` it claims nothing more, releases what was claimed and not handed over, and sets `idle`: then the worker
    /// is to be told to stop. Before that it would leave a claim lying that is under way, because a worker that stops does not ask
    /// its backend for anything until its last job has ended.
    #[must_use]
    pub fn new(
        store: S,
        slots: usize,
        wake: Arc<Notify>,
        interval: Duration,
        stopping: CancellationToken,
        idle: CancellationToken,
    ) -> Self {
        Self {
            fetcher: Fetcher::new(store.clone(), slots, wake, interval, stopping, idle),
            acknowledger: Acknowledger::start(store),
            flushed: None,
        }
    }
}

impl<S: Store> Backend for Batch<S> {
    type Task = Task<Claimed<S::Job>>;
    /// A store that does not answer is asked again; it ends no worker.
    type Error = Infallible;

    fn poll_ready(&mut self, _: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn poll_next(
        &mut self,
        cx: &mut Context<'_>,
        _: &WorkerContext,
    ) -> Poll<Option<Result<Self::Task, Infallible>>> {
        let claimed = ready!(self.fetcher.poll_next(cx));
        let job = claimed.job().clone();
        let task = TaskBuilder::new(claimed).task_id(TaskId::from_string(S::id(&job)));
        Poll::Ready(Some(Ok(S::describe(task, &job).data(job).build())))
    }

    /// Done when what has ended is noted.
    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        let flushed = self.flushed.get_or_insert_with(|| self.acknowledger.flushed());
        flushed.poll_unpin(cx).map(|_| Ok(()))
    }
}

impl<S: Store> BackendConfig for Batch<S> {
    type Args = Claimed<S::Job>;
    type Id = String;
    type Kind = Ephemeral;
    type Config = ();
    type Layer = AcknowledgeLayer<Acknowledger<S>>;

    fn config(&self) -> &() {
        &()
    }

    fn middleware(&mut self, _: &mut WorkerContext) -> Self::Layer {
        AcknowledgeLayer::new(self.acknowledger.clone())
    }
}
