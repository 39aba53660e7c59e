//! An apalis worker over a store in memory: how much it claims, and what becomes of it when it stops.

use std::{
    collections::VecDeque,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use apalis_batch::{Batch, Claimed, Store};
use apalis_core::{
    error::{BoxDynError, WorkerError},
    task::{builder::TaskBuilder, data::Data},
    worker::builder::WorkerBuilder,
};
use tokio::{
    sync::{Notify, Semaphore},
    task::JoinHandle,
};
use tokio_util::sync::CancellationToken;

const PATIENCE: Duration = Duration::from_secs(10);

#[derive(Clone)]
struct Queue {
    inner: Arc<Inner>,
}

struct Inner {
    due: Mutex<VecDeque<String>>,
    /// What happened, in its order.
    log: Mutex<Vec<String>>,
    happened: Notify,
    /// Calls of `claim` that may end.
    claims: Semaphore,
    /// Jobs that may end.
    ends: Semaphore,
}

impl Queue {
    fn with(jobs: usize) -> Self {
        Self {
            inner: Arc::new(Inner {
                due: Mutex::new((0..jobs).map(|n| format!("job{n}")).collect()),
                log: Mutex::default(),
                happened: Notify::new(),
                claims: Semaphore::new(0),
                ends: Semaphore::new(0),
            }),
        }
    }

    fn note(&self, what: impl Into<String>) {
        self.inner.log.lock().unwrap().push(what.into());
        self.inner.happened.notify_waiters();
    }

    fn log(&self) -> Vec<String> {
        self.inner.log.lock().unwrap().clone()
    }

    /// Waits until this has happened so many times.
    async fn waits_for(&self, what: &str, times: usize) {
        let happened = async {
            loop {
                let next = self.inner.happened.notified();
                if self.log().iter().filter(|line| line.starts_with(what)).count() >= times {
                    return;
                }
                next.await;
            }
        };
        let waited = tokio::time::timeout(PATIENCE, happened).await;
        waited.unwrap_or_else(|_| panic!("{what} {times}: {:?}", self.log()));
    }
}

impl Store for Queue {
    type Job = String;
    type Outcome = &'static str;
    type Error = Infallible;

    fn id(job: &String) -> &str {
        job
    }

    fn describe(task: TaskBuilder<Claimed<String>>, _: &String) -> TaskBuilder<Claimed<String>> {
        task
    }

    fn outcome(_: &String, result: &Result<&'static str, BoxDynError>) -> &'static str {
        result.as_ref().copied().unwrap_or("failed")
    }

    async fn claim(&self, limit: usize) -> Result<Vec<String>, Infallible> {
        self.note(format!("asks for {limit}"));
        self.inner.claims.acquire().await.unwrap().forget();
        let mut due = self.inner.due.lock().unwrap();
        let count = due.len().min(limit);
        Ok(due.drain(..count).collect())
    }

    async fn complete(&self, outcomes: &[(String, &'static str)]) -> Result<(), Infallible> {
        for (id, outcome) in outcomes {
            self.note(format!("{outcome} {id}"));
        }
        Ok(())
    }

    async fn release(&self, ids: &[String]) -> Result<(), Infallible> {
        self.note(format!("released {}", ids.join(" ")));
        Ok(())
    }

    async fn heartbeat(&self) -> Result<u64, Infallible> {
        Ok(0)
    }
}

async fn run(claimed: Claimed<String>, queue: Data<Queue>) -> Result<&'static str, BoxDynError> {
    queue.note(format!("begins {}", claimed.job()));
    queue.inner.ends.acquire().await.unwrap().forget();
    Ok("done")
}

struct Running {
    wake: Arc<Notify>,
    stopping: CancellationToken,
    worker: JoinHandle<Result<(), WorkerError>>,
}

fn start(queue: &Queue, slots: usize) -> Running {
    let (wake, stopping, idle) =
        (Arc::new(Notify::new()), CancellationToken::new(), CancellationToken::new());
    let backend =
        Batch::new(queue.clone(), slots, Arc::clone(&wake), PATIENCE, stopping.clone(), idle.clone());
    let worker = WorkerBuilder::new("worker").backend(backend).data(queue.clone()).build(run);
    let worker = tokio::spawn(worker.run_until(async move {
        idle.cancelled().await;
        Ok::<(), WorkerError>(())
    }));
    Running { wake, stopping, worker }
}

#[tokio::test]
async fn as_many_are_claimed_as_slots_are_free() {
    let queue = Queue::with(5);
    let running = start(&queue, 2);
    queue.inner.claims.add_permits(1000);
    queue.waits_for("begins", 2).await;
    assert_eq!(queue.log(), ["asks for 2", "begins job0", "begins job1"]);
    queue.inner.ends.add_permits(5);
    queue.waits_for("done", 5).await;
    running.stopping.cancel();
    tokio::time::timeout(PATIENCE, running.worker).await.expect("it ends").unwrap().unwrap();
    assert!(!queue.log().iter().any(|line| line.starts_with("released")), "{:?}", queue.log());
}

#[tokio::test]
async fn what_is_claimed_while_it_stops_is_given_back_at_once() {
    let queue = Queue::with(1);
    let running = start(&queue, 2);
    queue.inner.claims.add_permits(1);
    queue.waits_for("begins job0", 1).await;
    queue.inner.due.lock().unwrap().push_back("late".into());
    running.wake.notify_one();
    queue.waits_for("asks for 1", 1).await;
    running.stopping.cancel();
    queue.inner.claims.add_permits(1);
    queue.waits_for("released late", 1).await;
    assert!(!queue.log().contains(&"done job0".to_owned()), "it still runs: {:?}", queue.log());
    queue.inner.ends.add_permits(1);
    tokio::time::timeout(PATIENCE, running.worker).await.expect("it ends").unwrap().unwrap();
    assert_eq!(queue.log().last().unwrap(), "done job0", "noted before the worker ended");
    assert!(!queue.log().contains(&"begins late".to_owned()));
}
