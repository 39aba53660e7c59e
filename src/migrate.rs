//! `pykhbrain migrate`: brings the database to this program's schema.

use anyhow::Context as _;
use brain::{
    config::{Env, Role},
    db::migrate,
};

use crate::config;

pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let pool = config::pool(env, Role::Command)?;
    migrate::migrate(&pool)
        .await
        .context("the migration failed; what was applied before it stays applied")?;
    println!("The database is up to date.");
    Ok(())
}
