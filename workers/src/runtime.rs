//! The queue runtime: an apalis worker for each queue, over the backend of `crates/apalis-batch`.
//!
//! Why not `apalis-postgres`'s own backend, whose tables these are: in large batches it starves heartbeats and hangs on SIGTERM, and
//! in batches of one it costs two transactions and six statements a job. See `docs/queue.md` for what was measured.

use std::{any::Any, sync::Arc, time::Duration};

use apalis::{
    layers::{
        WorkerBuilderExt,
        catch_panic::{CatchPanicLayer, PanicError},
        tracing::TraceLayer,
    },
    prelude::{BoxDynError, Data, ParallelizeExt, Task, WorkerBuilder, WorkerError},
};
use apalis_batch::{Batch, Claimed, heartbeat};
use brain::{
    Brain,
    config::WorkerConfig,
    jobs::Queue,
    queue::{self, ClaimedJob, JobOutcome},
};
use futures::{FutureExt, future::BoxFuture};
use sqlx::postgres::PgListener;
use tokio::{
    sync::Notify,
    task::{JoinHandle, JoinSet},
};
use tokio_util::sync::CancellationToken;
use tracing::{Instrument, Span};

use crate::{
    bot_profile, context::Context, error::Decision, pace::Pace, registry, schedule, store::QueueStore,
};

/// How often a worker says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// How long running jobs may go on after the process was asked to stop.
const GRACE: Duration = Duration::from_secs(10);
/// How long breaking off may take, with the last outcomes noted. While the database is away, others rescue these jobs instead.
const BREAK_OFF: Duration = Duration::from_secs(10);
/// What no job ever takes: one that hangs gives its slot back then.
const HANG: Duration = Duration::from_hours(6);

/// Runs all jobs until `stopping`, then gives running ones ten seconds, breaks the rest off and gives them back.
///
/// # Errors
/// When the worker cannot be registered because the database does not answer.
pub async fn run(brain: Arc<Brain>, stopping: CancellationToken) -> sqlx::Result<()> {
    let name: Arc<str> = format!("worker-{}-{}", host_name(), uuid::Uuid::new_v4().simple()).into();
    let context = Context {
        brain: Arc::clone(&brain),
        worker: Arc::clone(&name),
        pace: Arc::new(Pace::new(brain.worker.summaries_per_minute, &brain.clock)),
        stopping: stopping.clone(),
        stop_now: CancellationToken::new(),
    };
    queue::register_worker(&brain.pool, &name, "pykhbrain").await?;

    let mut wakes = Vec::new();
    let mut workers = JoinSet::new();
    for queue in Queue::ALL {
        let wake = Arc::new(Notify::new());
        wakes.push((queue, Arc::clone(&wake)));
        let context = context.clone();
        workers.spawn(async move {
            if let Err(error) = serve(queue, wake, context).await {
                tracing::error!(%error, queue = queue.name(), "a queue is not served any more");
            }
        });
    }
    let mut upkeep = JoinSet::new();
    upkeep.spawn(listen(context.clone(), wakes));
    let store = QueueStore::new(brain.pool.clone(), name, Queue::Upkeep);
    upkeep.spawn(async move { match heartbeat(store, HEARTBEAT).await {} });
    upkeep.spawn(schedule::sweep(context.clone()));
    upkeep.spawn(schedule::tick(context.clone()));
    upkeep.spawn(bot_profile::sync(context.clone()));

    stopping.cancelled().await;
    if tokio::time::timeout(GRACE, drained(&mut workers)).await.is_err() {
        tracing::info!("the grace is over; breaking off what still runs");
        context.stop_now.cancel();
        let _ = tokio::time::timeout(BREAK_OFF, drained(&mut workers)).await;
    }
    let _ = tokio::time::timeout(Duration::from_secs(1), queue::wake(&brain.pool, Queue::Replies)).await;
    upkeep.shutdown().await;
    Ok(())
}

async fn drained(tasks: &mut JoinSet<()>) {
    while let Some(ended) = tasks.join_next().await {
        if let Err(error) = ended {
            tracing::error!(%error, "a queue's worker broke off");
        }
    }
}

/// One apalis worker. Ends after `stopping`, when its last job has ended.
fn serve(queue: Queue, wake: Arc<Notify>, context: Context) -> BoxFuture<'static, Result<(), WorkerError>> {
    let store = QueueStore::new(context.brain.pool.clone(), Arc::clone(&context.worker), queue);
    let slots = match queue {
        Queue::Replies => context.brain.worker.concurrency,
        Queue::Extraction => WorkerConfig::READINGS,
        Queue::Mail | Queue::Upkeep => 2,
        Queue::Imports => 1,
    };
    // A lost wake-up costs at most this.
    let interval = match queue {
        Queue::Replies => Duration::from_millis(250),
        Queue::Extraction | Queue::Mail | Queue::Imports | Queue::Upkeep => Duration::from_secs(1),
    };
    let (stopping, idle) = (context.stopping.clone(), CancellationToken::new());
    WorkerBuilder::new(format!("{}-{}", context.worker, queue.name()).as_str())
        .backend(Batch::new(store, slots, wake, interval, stopping, idle.clone()))
        .layer(trace())
        // Each job is a task of its own: the worker polls them in one place, and they are to use every core.
        .parallelize(spawn_in_span)
        .layer(CatchPanicLayer::with_panic_handler(panicked as fn(&Box<dyn Any + Send>) -> PanicError))
        .timeout(HANG)
        .data(context)
        .build(handle)
        // Not before: a worker that was told to stop asks its backend for nothing while a job runs.
        .run_until(async move {
            idle.cancelled().await;
            Ok::<(), WorkerError>(())
        })
        .boxed()
}

/// Runs one job. That it is not its time yet is no failure.
async fn handle(claimed: Claimed<ClaimedJob>, context: Data<Context>) -> Result<JobOutcome, BoxDynError> {
    match registry::run(claimed.job(), &context).await {
        Ok(()) => Ok(JobOutcome::Done),
        Err(error) => match error.decision() {
            Decision::Snooze(wait) => Ok(JobOutcome::Snoozed(wait)),
            Decision::Retry | Decision::Fail => Err(error.into()),
        },
    }
}

/// A task of its own within the job's span.
fn spawn_in_span<F>(job: F) -> JoinHandle<F::Output>
where
    F: Future + Send + 'static,
    F::Output: Send + 'static,
{
    tokio::spawn(job.in_current_span())
}

/// What a panic says may quote what the job was at; the panic hook has written where it was.
fn panicked(_: &Box<dyn Any + Send>) -> PanicError {
    PanicError("panicked".into())
}

/// A span around each job, with its ids on every line, and a line at its end.
#[expect(clippy::type_complexity, reason = "the layer's type names each of its closures")]
fn trace() -> TraceLayer<
    impl FnMut(&Task<Claimed<ClaimedJob>>) -> Span + Clone,
    impl FnMut(&Task<Claimed<ClaimedJob>>, &Span) + Clone,
    impl FnOnce(&JobOutcome, Duration, &Span) + Clone,
    impl FnMut(&BoxDynError, Duration, &Span) + Clone,
> {
    TraceLayer::new()
        .make_span_with(|task: &Task<Claimed<ClaimedJob>>| {
            let job = task.args.job();
            tracing::info_span!("job", job.kind = job.name, job.id, job.attempt = job.attempts + 1)
        })
        .on_request(|_: &Task<Claimed<ClaimedJob>>, _: &Span| {})
        .on_response(|outcome: &JobOutcome, took: Duration, _: &Span| {
            tracing::debug!(ms = took.as_millis(), ?outcome, "job ended");
        })
        .on_failure(|error: &BoxDynError, took: Duration, _: &Span| {
            tracing::error!(ms = took.as_millis(), %error, "job failed");
        })
}

/// Wakes the queue that somebody has put a job on. A broken connection is made again, and wakes all, because nobody knows what was
/// missed.
async fn listen(context: Context, wakes: Vec<(Queue, Arc<Notify>)>) {
    loop {
        match PgListener::connect_with(&context.brain.pool).await {
            Ok(mut listener) => {
                if listener.listen(queue::WAKE_CHANNEL).await.is_ok() {
                    // An answer without a word says that the connection was lost and made again.
                    while let Ok(word) = listener.try_recv().await {
                        let named = word.and_then(|word| Queue::named(word.payload()));
                        for (queue, wake) in &wakes {
                            if named.is_none_or(|named| named == *queue) {
                                wake.notify_one();
                            }
                        }
                    }
                }
            }
            Err(error) => tracing::debug!(%error, "no connection to listen on yet"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

fn host_name() -> String {
    std::fs::read_to_string("/etc/hostname").map_or_else(|_| "host".into(), |name| name.trim().to_owned())
}
