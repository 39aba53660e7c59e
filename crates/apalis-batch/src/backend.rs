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
use futures::{FutureExt, future::BoxFuture};
use tokio::sync::Notify;

use crate::{
    completer::Acknowledger,
    fetcher::Fetcher,
    store::{Claimed, Store},
};

/// The backend of one apalis worker.
pub struct Batch<S: Store> {
    store: S,
    fetcher: Fetcher<S>,
    acknowledger: Acknowledger<S>,
    closing: Option<BoxFuture<'static, ()>>,
}

impl<S: Store> Batch<S> {
    /// A backend that runs up to `slots` jobs at once. It looks for due ones when `wake` says so, and every `interval`. To be made
    /// within a tokio runtime.
    #[must_use]
    pub fn new(store: S, slots: usize, wake: Arc<Notify>, interval: Duration) -> Self {
        Self {
            fetcher: Fetcher::new(store.clone(), slots, wake, interval),
            acknowledger: Acknowledger::start(store.clone()),
            store,
            closing: None,
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

    /// Done when what was not begun is released and what has ended is noted.
    fn poll_close(&mut self, cx: &mut Context<'_>, _: &WorkerContext) -> Poll<Result<(), Infallible>> {
        if self.closing.is_none() {
            let ids: Vec<_> =
                ready!(self.fetcher.poll_close(cx)).iter().map(|job| S::id(job).to_owned()).collect();
            let (store, flushed) = (self.store.clone(), self.acknowledger.flushed());
            let close = async move {
                if !ids.is_empty()
                    && let Err(error) = store.release(&ids).await
                {
                    tracing::warn!(%error, jobs = ids.len(), "claimed jobs cannot be released; they will be rescued");
                }
                let _ = flushed.await;
            };
            self.closing = Some(close.boxed());
        }
        let closing = self.closing.as_mut().expect("it was just set");
        closing.poll_unpin(cx).map(Ok)
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
