//! Connections: every one of them looks for names in `public`, then in `extensions`.

use std::{str::FromStr, time::Duration};

use secrecy::ExposeSecret;
use sqlx::{
    Executor, PgPool,
    postgres::{PgConnectOptions, PgPoolOptions},
};

use crate::config::DatabaseConfig;

/// Opens a pool. Connections are made when they are needed, so that a database that is away for a moment stops nothing.
///
/// # Errors
/// When the address cannot be understood.
pub fn pool(config: &DatabaseConfig) -> sqlx::Result<PgPool> {
    let options = PgConnectOptions::from_str(config.url.expose_secret())?.application_name("pykhbrain");
    Ok(PgPoolOptions::new()
        .max_connections(config.pool_size)
        .acquire_timeout(config.patience)
        .idle_timeout(Duration::from_mins(10))
        // A cut connection shows as an error that is handled; asking first would cost a round trip for every statement.
        .test_before_acquire(false)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("set search_path = public, extensions").await?;
                Ok(())
            })
        })
        .connect_lazy_with(options))
}
