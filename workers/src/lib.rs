//! The worker process: takes jobs off the queue and runs them.
//!
//! | file | what is in it |
//! |---|---|
//! | `runtime` | the queue runtime: lanes, heartbeats, shutdown (the one file here that names apalis) |
//! | `feed` | taking due jobs and noting how they ended |
//! | `introduce` | asking Telegram who the bot is, telling it the commands |
//! | `metered` | one call of a model, counted before it is made |
//! | `pace` | this process's own pace of readings for facts |
//! | `registry` | which job runs what, in which lane |
//! | `schedule` | what runs by the clock |
//! | `error` | how a job ends when it does not simply end |
//! | `jobs` | one file per job |

mod context;
mod error;
mod feed;
mod introduce;
mod jobs;
mod metered;
mod pace;
mod registry;
mod runtime;
mod schedule;

pub use registry::names;
pub use runtime::run;
