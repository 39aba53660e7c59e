//! From the environment to the parts of a process.

use std::sync::Arc;

use brain::{
    Brain,
    clock::Clock,
    config::{ConfigError, DatabaseConfig, Env, Limits, LlmConfig, TelegramConfig, WorkerConfig},
    db::connect,
};
use sqlx::PgPool;

/// Connections by role: Supabase's free pool has fifteen, and a rolling deploy doubles what is open.
pub(crate) const WEB_POOL: u32 = 3;
pub(crate) const WORKER_POOL: u32 = 4;
pub(crate) const DEV_POOL: u32 = 16;

/// The database's pool.
pub(crate) fn pool(env: &Env, default_size: u32) -> anyhow::Result<PgPool> {
    let config = DatabaseConfig::from_env(env, default_size)?;
    connect::pool(&config).map_err(|_| {
        let problem = "cannot be understood as a PostgreSQL address".into();
        ConfigError { variable: "DATABASE_URL", problem }.into()
    })
}

/// Everything that a worker needs.
pub(crate) fn brain(env: &Env, pool: PgPool) -> anyhow::Result<Arc<Brain>> {
    let brain = Brain::new(
        pool,
        Clock::system(),
        &TelegramConfig::from_env(env)?,
        LlmConfig::from_env(env)?,
        WorkerConfig::from_env(env)?,
        Limits::from_env(env)?,
    )?;
    Ok(Arc::new(brain))
}
