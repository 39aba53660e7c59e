//! An apalis backend for a queue whose store can claim and complete many jobs in one statement.
//!
//! A worker has a number of slots. [`Batch`] claims as many due jobs as slots are free, in one call of [`Store::claim`], and
//! hands them to apalis one by one; each keeps its slot until it has run. What came of them is acknowledged through
//! [`Acknowledger`], an apalis acknowledgement layer, and written by one call of [`Store::complete`] for all that ended
//! meanwhile. When the worker stops, what was claimed and not begun is released.
//!
//! | file | what is in it |
//! |---|---|
//! | `store` | what a queue has to offer |
//! | `fetcher` | claiming into free slots |
//! | `completer` | acknowledging, many at a time |
//! | `backend` | both, as apalis knows a backend |
//! | `heartbeat` | saying that the worker lives |

mod backend;
mod completer;
mod fetcher;
mod heartbeat;
mod store;

pub use backend::Batch;
pub use completer::Acknowledger;
pub use heartbeat::heartbeat;
pub use store::{Claimed, Store};
