//! From the environment to the parts of a process.

use std::sync::Arc;

use brain::{
    Brain,
    clock::Clock,
    config::{
        BrainConfig, ConfigError, DatabaseConfig, EncryptionConfig, Env, LlmConfig, Role, ServerConfig,
        SupabaseConfig,
    },
    db::connect,
    seal::Seal,
};
use sqlx::PgPool;

/// The database's pool.
pub(crate) fn pool(env: &Env, role: Role) -> anyhow::Result<PgPool> {
    let config = DatabaseConfig::from_env(env, role)?;
    connect::pool(&config).map_err(|_| {
        let problem = "cannot be understood as a PostgreSQL address".into();
        ConfigError { variable: config.variable, problem }.into()
    })
}

/// Everything that a worker needs. `found` is the program on this machine whose model answers, where it was not configured.
pub(crate) fn brain(env: &Env, pool: PgPool, found: Option<&'static str>) -> anyhow::Result<Arc<Brain>> {
    let mut config = BrainConfig::from_env(env)?;
    config.llm.found = found;
    let brain = Brain::new(pool, Clock::system(), config)?;
    Ok(Arc::new(brain))
}

/// What the pages need.
pub(crate) fn site(env: &Env) -> Result<web::Settings, ConfigError> {
    let public_url = ServerConfig::from_env(env)?.public_url;
    let (supabase, model_server) = (SupabaseConfig::from_env(env)?, LlmConfig::from_env(env)?.base_url);
    Ok(web::Settings { public_url, seal: seal(env)?, clock: Clock::system(), supabase, model_server })
}

/// What seals and opens the secrets that people store.
pub(crate) fn seal(env: &Env) -> Result<Seal, ConfigError> {
    EncryptionConfig::from_env(env).map(|keys| Seal::from_keys(&keys))
}
