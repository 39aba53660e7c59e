//! `pykhbrain worker`: the worker process.

use std::{sync::Arc, time::Duration};

use brain::{
    Brain,
    config::{Env, Reach, Role, ServerConfig},
    model::Choice,
};
use tokio_util::sync::CancellationToken;

use crate::{config, process};

pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    process::log(ServerConfig::from_env(env)?.log_format, "info");
    // Where the web process listens shows nowhere here.
    let brain = config::brain(env, config::pool(env, Role::Worker)?, Reach::Elsewhere, None)?;
    let stopping = process::stopped_by_signal()?;
    tracing::info!(model = brain.model_name(&Choice::House(None)), "worker starts");
    work(brain, stopping).await;
    Ok(())
}

/// Works until `stopping`; a database that is away at the start is waited for.
pub(crate) async fn work(brain: Arc<Brain>, stopping: CancellationToken) {
    while let Err(error) = workers::run(Arc::clone(&brain), stopping.clone()).await {
        tracing::warn!(error = %error, "the database does not answer; trying again");
        tokio::select! {
            () = stopping.cancelled() => return,
            () = tokio::time::sleep(Duration::from_secs(2)) => {}
        }
    }
}
