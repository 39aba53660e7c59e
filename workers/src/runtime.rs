//! The queue runtime: apalis workers, one a lane, over a backend of our own.
//!
//! Why not `apalis-postgres`'s own backend, whose tables these are: in large batches it starves heartbeats and hangs on SIGTERM, and
//! in batches of one it costs two transactions and six statements a job. See `docs/architecture.md` for what was measured.

use std::{convert::Infallible, sync::Arc, time::Duration};

use apalis::prelude::{
    BackendBuilder, BoxDynError, CustomBackend, Data, Task, TaskBuilder, TaskId, WorkerBuilder, WorkerError,
};
use brain::{
    Brain,
    queue::{self, Ending, Wake},
};
use futures::{FutureExt, StreamExt, future::BoxFuture, sink::Drain, stream::BoxStream};
use sqlx::postgres::PgListener;
use tokio::{
    sync::{Notify, Semaphore, mpsc},
    task::JoinSet,
};
use tokio_util::sync::CancellationToken;

use crate::{
    context::Context,
    feed::{self, Placed},
    introduce,
    pace::Pace,
    registry::{self, Lane},
    schedule,
};

type Tasks = BoxStream<'static, Result<Option<Task<Placed>>, Infallible>>;

/// How often a worker says that it lives.
const HEARTBEAT: Duration = Duration::from_secs(5);
/// The silence after which its jobs are given to others.
const DEAD_AFTER: Duration = Duration::from_secs(15);
/// How long running jobs may go on after the process was asked to stop.
const GRACE: Duration = Duration::from_secs(10);

/// Runs all jobs until `stopping`, then gives running ones ten seconds, breaks the rest off and gives them back.
///
/// # Errors
/// When the worker cannot be registered because the database does not answer.
pub async fn run(brain: Arc<Brain>, stopping: CancellationToken) -> sqlx::Result<()> {
    let name: Arc<str> = format!("worker-{}-{}", host_name(), uuid::Uuid::new_v4().simple()).into();
    let stop_now = CancellationToken::new();
    let context = Context {
        brain: Arc::clone(&brain),
        worker: Arc::clone(&name),
        pace: Arc::new(Pace::new(brain.worker.summaries_per_minute, &brain.clock)),
        stopping: stopping.clone(),
        stop_now,
    };
    queue::register_worker(&brain.pool, &name, "pykhbrain").await?;

    let (endings, ended) = mpsc::unbounded_channel();
    let noting = tokio::spawn(feed::note(brain.pool.clone(), Arc::clone(&name), ended));
    let mut wakes = Vec::new();
    let mut lanes = JoinSet::new();
    for lane in Lane::EACH {
        let places = lane.places(&brain.worker);
        let wake = Arc::new(Notify::new());
        wakes.push((lane, Arc::clone(&wake)));
        lanes.spawn(run_lane(lane, places, wake, context.clone(), endings.clone()));
    }
    drop(endings);

    let mut helpers = JoinSet::new();
    helpers.spawn(listen(context.clone(), wakes));
    helpers.spawn(beat(context.clone()));
    helpers.spawn(schedule::sweep(context.clone()));
    helpers.spawn(schedule::tick(context.clone()));
    helpers.spawn(introduce::introduce(context.clone()));

    stopping.cancelled().await;
    if tokio::time::timeout(GRACE, drained(&mut lanes)).await.is_err() {
        tracing::info!("the grace is over; breaking off what still runs");
        context.stop_now.cancel();
        drained(&mut lanes).await;
    }
    // The last endings: while the database is away, others rescue these jobs instead.
    let _ = tokio::time::timeout(Duration::from_secs(2), noting).await;
    let _ = tokio::time::timeout(Duration::from_secs(1), queue::wake(&brain.pool, Wake::Replies)).await;
    helpers.shutdown().await;
    Ok(())
}

async fn drained(tasks: &mut JoinSet<()>) {
    while tasks.join_next().await.is_some() {}
}

/// One apalis worker with its feed. Ends when the feed has ended and every job of it too.
async fn run_lane(
    lane: Lane,
    places: usize,
    wake: Arc<Notify>,
    context: Context,
    endings: mpsc::UnboundedSender<(String, Ending)>,
) {
    let (sender, jobs) = mpsc::channel(places);
    let feed = tokio::spawn(feed::take(
        context.brain.pool.clone(),
        Arc::clone(&context.worker),
        lane,
        Arc::new(Semaphore::new(places)),
        wake,
        sender,
        context.stopping.clone(),
    ));
    if let Err(error) = worker(lane, jobs, context, endings).await {
        tracing::error!(error = %error, "a lane has ended");
    }
    let _ = feed.await;
}

fn worker(
    lane: Lane,
    jobs: mpsc::Receiver<Placed>,
    context: Context,
    endings: mpsc::UnboundedSender<(String, Ending)>,
) -> BoxFuture<'static, Result<(), WorkerError>> {
    let drained = CancellationToken::new();
    WorkerBuilder::new(format!("{}-{lane:?}", context.worker).as_str())
        .backend(backend(jobs, drained.clone()))
        .data(context)
        .data(endings)
        .build(handle)
        .run_until(async move {
            drained.cancelled().await;
            Ok::<(), WorkerError>(())
        })
        .boxed()
}

/// Runs one job and sends word of its ending. A panic is a failure like another.
async fn handle(
    placed: Placed,
    context: Data<Context>,
    endings: Data<mpsc::UnboundedSender<(String, Ending)>>,
) -> Result<(), BoxDynError> {
    let job = &placed.job;
    let started = std::time::Instant::now();
    // A task of its own: the worker polls its jobs in one place, and they are to use every core.
    let running = tokio::spawn({
        let (job, context) = (job.clone(), Context::clone(&context));
        async move { registry::run(&job, &context).await }
    });
    let ending = running
        .await
        .unwrap_or_else(|_| crate::error::JobError::Retry("panicked".into()).into_ending(job.attempts));
    let ms = started.elapsed().as_millis();
    match &ending {
        Ending::Done | Ending::PutOff(_) => {
            tracing::debug!(job.kind = job.name, job.id, ms, ?ending, "job ended");
        }
        Ending::Failed { error, .. } | Ending::Killed { error } => {
            tracing::error!(
                job.kind = job.name,
                job.id,
                job.attempt = job.attempts + 1,
                ms,
                %error,
                "job failed"
            );
        }
    }
    let _ = endings.send((job.id.clone(), ending));
    Ok(())
}

/// What apalis asks for jobs: a channel that [`feed::take`] fills. Jobs are put on the queue elsewhere, so nothing goes in here.
///
/// `drained` is set when the last of them has been handed over: only then may the worker be told to stop, because it drops
/// what it has not asked for.
fn backend(
    jobs: mpsc::Receiver<Placed>,
    drained: CancellationToken,
) -> CustomBackend<Placed, Option<Tasks>, Tasks, Drain<Task<Placed>>> {
    let tasks = futures::stream::unfold((jobs, drained), |(mut jobs, drained)| async {
        let Some(placed) = jobs.recv().await else {
            drained.cancel();
            return None;
        };
        let id = TaskId::from_string(&placed.job.id);
        Some((Ok::<_, Infallible>(Some(TaskBuilder::new(placed).task_id(id).build())), (jobs, drained)))
    });
    BackendBuilder::new()
        .database(Some(tasks.boxed()))
        .fetcher(|tasks, (), _| tasks.take().expect("one worker asks once"))
        .sink(|_, ()| futures::sink::drain())
        .build()
        .expect("every part is given")
}

/// Wakes the lane for which somebody has put a job on the queue. A broken connection is made again, and wakes all, because
/// nobody knows what was missed.
async fn listen(context: Context, wakes: Vec<(Lane, Arc<Notify>)>) {
    loop {
        match PgListener::connect_with(&context.brain.pool).await {
            Ok(mut listener) => {
                if listener.listen(queue::WAKE_CHANNEL).await.is_ok() {
                    // An answer without a word says that the connection was lost and made again.
                    while let Ok(word) = listener.try_recv().await {
                        let word = word.map_or(Wake::All, |word| Wake::parse(word.payload()));
                        for (lane, wake) in &wakes {
                            if lane.is_woken_by(word) {
                                wake.notify_one();
                            }
                        }
                    }
                }
            }
            Err(error) => tracing::debug!(error = %error, "no connection to listen on yet"),
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Says that this worker lives, and takes from dead ones what they hold.
async fn beat(context: Context) {
    let mut ticks = tokio::time::interval(HEARTBEAT);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
    loop {
        ticks.tick().await;
        match queue::heartbeat(&context.brain.pool, &context.worker, DEAD_AFTER).await {
            Ok(0) => {}
            Ok(jobs) => tracing::warn!(jobs, "gave back jobs of a worker that died"),
            Err(error) => tracing::warn!(error = %error, "no heartbeat; trying again"),
        }
    }
}

fn host_name() -> String {
    std::fs::read_to_string("/etc/hostname").map_or_else(|_| "host".into(), |name| name.trim().to_owned())
}
