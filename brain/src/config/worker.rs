//! How much a worker does at once.

use super::{ConfigError, Env};

/// The worker process.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkerConfig {
    /// How many chats one process answers at the same time.
    pub concurrency: usize,
    /// Messages a second to Telegram, over the whole cluster; 0 switches all pacing off (benchmarks).
    pub telegram_rate: u32,
    /// Readings for facts in any minute, over the whole cluster.
    pub summaries_per_minute: u32,
}

impl WorkerConfig {
    /// How many conversations one process reads for facts at the same time.
    pub const READINGS: usize = 4;

    /// Reads `WORKER_CONCURRENCY`, `TELEGRAM_RATE` and `SUMMARIES_PER_MINUTE`.
    ///
    /// # Errors
    /// When one of them is not a number, or nothing could run at all.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let concurrency = env.parse_or("WORKER_CONCURRENCY", 64, "a number of chats")?;
        if !(1..=1000).contains(&concurrency) {
            return Err(ConfigError { variable: "WORKER_CONCURRENCY", problem: "must be 1 to 1000".into() });
        }
        let summaries_per_minute = env.parse_or("SUMMARIES_PER_MINUTE", 20, "a number of summaries")?;
        if !(1..=10_000).contains(&summaries_per_minute) {
            return Err(ConfigError {
                variable: "SUMMARIES_PER_MINUTE",
                problem: "must be 1 to 10000".into(),
            });
        }
        Ok(Self {
            summaries_per_minute,
            concurrency,
            telegram_rate: env.parse_or("TELEGRAM_RATE", 30, "messages per second, or 0")?,
        })
    }
}
