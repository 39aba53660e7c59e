//! From the environment to the parts of a process.

use std::sync::Arc;

use brain::{
    Brain,
    clock::Clock,
    config::{
        BrainConfig, ConfigError, DatabaseConfig, EncryptionConfig, Env, LlmConfig, Reach, Role,
        ServerConfig, SupabaseConfig,
    },
    db::connect,
    other_memory::OtherMemory,
    seal::Seal,
};
use legacy_memory::LegacyMemory;
use sqlx::PgPool;

/// The database's pool.
pub(crate) fn pool(env: &Env, role: Role) -> anyhow::Result<PgPool> {
    let config = DatabaseConfig::from_env(env, role)?;
    connect::pool(&config).map_err(|_| {
        let problem = "cannot be understood as a PostgreSQL address".into();
        ConfigError { variable: config.variable, problem }.into()
    })
}

/// Everything that a worker needs. `reach`: from where its links can be opened; `found`: the program on this machine whose model answers,
/// where none was configured.
pub(crate) fn brain(
    env: &Env,
    pool: PgPool,
    reach: Reach,
    found: Option<&'static str>,
) -> anyhow::Result<Arc<Brain>> {
    reach.check_mail(env)?;
    let mut config = BrainConfig::from_env(env)?;
    config.llm.found = found;
    let other_memory = LegacyMemory::from_env(env)?.map(|files| Box::new(files) as Box<dyn OtherMemory>);
    let brain = Brain::new(pool, Clock::system(), config, other_memory)?;
    Ok(Arc::new(brain))
}

/// What the pages need.
pub(crate) fn site(env: &Env) -> Result<web::Settings, ConfigError> {
    let server = ServerConfig::from_env(env)?;
    Ok(web::Settings {
        public_url: server.public_url,
        seal: seal(env)?,
        clock: Clock::system(),
        supabase: SupabaseConfig::from_env(env)?,
        model_server: LlmConfig::from_env(env)?.base_url,
        trusted_proxies: server.trusted_proxies,
        metrics_token: server.metrics_token,
    })
}

/// What seals and opens the secrets that people store.
pub(crate) fn seal(env: &Env) -> Result<Seal, ConfigError> {
    EncryptionConfig::from_env(env).map(|keys| Seal::from_keys(&keys))
}
