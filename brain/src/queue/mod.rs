//! The queue: jobs between those who enqueue them and the workers. All SQL over `apalis.jobs` and `apalis.workers` is here.
//!
//! The tables, their migrations and their meaning are apalis-postgres's, so that its tools and dashboards can read them.
//!
//! | file | what a job goes through there |
//! |---|---|
//! | `enqueue` | it is put on the queue |
//! | `wake` | the workers are told that it is there |
//! | `claim` | a worker takes it |
//! | `complete` | it has run, with an outcome |
//! | `release` | it was claimed and is given back before it ran |
//! | `rescue` | its worker died |
//! | `operate` | an operator has it run again, or cancels it |
//! | `inspect` | somebody looks at it |
//! | `purge` | it is past its retention |

mod claim;
mod complete;
mod enqueue;
mod inspect;
mod operate;
mod purge;
mod release;
mod rescue;
mod wake;

use apalis_postgres::PostgresStorage;
use sqlx::migrate::Migrator;

pub use crate::jobs::Queue;
pub use claim::{ClaimedJob, claim};
pub use complete::{JobOutcome, complete};
pub(crate) use enqueue::register_kinds;
pub use enqueue::{enqueue, enqueue_due, enqueue_set_webhook, enqueue_unless_waiting, new_job_id};
pub use inspect::{FailedJob, QueueLine, failed, overview};
pub use operate::{cancel, retry};
pub use purge::purge;
pub use release::release;
pub use rescue::{heartbeat, register_worker};
pub use wake::{WAKE_CHANNEL, wake, wake_all};

/// apalis's own migrations.
#[must_use]
pub fn migrations() -> Migrator {
    PostgresStorage::migrations()
}
