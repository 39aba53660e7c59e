//! The worker process: takes jobs off the queue and runs them.
//!
//! | file | what is in it |
//! |---|---|
//! | `runtime` | the queue runtime: an apalis worker for each queue, its layers, its end |
//! | `store` | our queue as the apalis backend sees it |
//! | `bot_profile` | asking Telegram who the bot is, telling it the commands |
//! | `metered` | one call of a model, counted before it is made |
//! | `pace` | this process's own pace of readings for facts |
//! | `registry` | what runs which job |
//! | `schedule` | what runs by the clock |
//! | `error` | how a job ends when it does not simply end |
//! | `jobs` | one file per job |

mod bot_profile;
mod context;
mod error;
mod jobs;
mod metered;
mod pace;
mod registry;
mod runtime;
mod schedule;
mod store;

pub use runtime::run;
