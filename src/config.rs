//! From the environment to the parts of a process.

use std::sync::Arc;

use brain::{
    Brain,
    clock::Clock,
    config::{
        ConfigError, DatabaseConfig, Env, LegacyConfig, Limits, LlmConfig, Role, TelegramConfig, WorkerConfig,
    },
    db::connect,
};
use sqlx::PgPool;

/// The database's pool.
pub(crate) fn pool(env: &Env, role: Role) -> anyhow::Result<PgPool> {
    let config = DatabaseConfig::from_env(env, role)?;
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
        LegacyConfig::from_env(env)?,
    )?;
    Ok(Arc::new(brain))
}
