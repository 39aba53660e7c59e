//! What every job is given.

use std::sync::Arc;

use brain::Brain;
use tokio_util::sync::CancellationToken;

use crate::pace::Pace;

/// The brain, and word of the process's end.
#[derive(Clone)]
pub(crate) struct Context {
    /// Everything that a job works with.
    pub(crate) brain: Arc<Brain>,
    /// This worker's name, unique to the process.
    pub(crate) worker: Arc<str>,
    /// This process's own pace of readings for facts, under the cluster's.
    pub(crate) pace: Arc<Pace>,
    /// Set when the process has been asked to stop: finish what you are at, begin nothing new.
    pub(crate) stopping: CancellationToken,
    /// Set when the grace is over: break off, and give back what you hold.
    pub(crate) stop_now: CancellationToken,
}
