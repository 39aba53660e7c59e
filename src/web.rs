//! `pykhbrain web`: the web process, with a worker inside it where asked.

use anyhow::Context as _;
use brain::{
    config::{ConfigError, Env, Reach, Role, ServerConfig, TelegramConfig},
    jobs::SetWebhook,
    queue,
};
use secrecy::ExposeSecret;
use sqlx::PgPool;
use tokio::net::TcpListener;
use web::playground::Playground;

use crate::{config, process, worker};

pub(crate) async fn run(env: &Env, with_worker: bool) -> anyhow::Result<()> {
    let server = ServerConfig::from_env(env)?;
    process::log(server.log_format, "info");
    let telegram = TelegramConfig::from_env(env)?;
    let site = config::site(env)?;
    // Its own login, where it has one, cannot do a worker's work.
    let is_apart = !with_worker || env.get("WEB_DATABASE_URL").is_some();
    let pool = config::pool(env, if is_apart { Role::Web } else { Role::WebWithWorker })?;
    let stopping = process::stopped_by_signal()?;
    let listener = TcpListener::bind((server.host.as_str(), server.port))
        .await
        .with_context(|| format!("cannot listen on {}:{}; is PORT taken?", server.host, server.port))?;
    let address = listener.local_addr()?;
    let reach = Reach::of(address.ip());
    // The process beside this one that works from the same variables would print links to these pages.
    reach.check_mail(env)?;
    refuse_a_known_token(&telegram, reach)?;
    let descriptors = process::raise_descriptors();
    tracing::info!(%address, descriptors, "web starts");

    let mut work = None;
    if with_worker {
        let pool = if is_apart { config::pool(env, Role::Worker)? } else { pool.clone() };
        work = Some(tokio::spawn(worker::work(config::brain(env, pool, reach, None)?, stopping.clone())));
    }
    if server.public_url.starts_with("https://") {
        let announce = announce(pool.clone(), server.public_url);
        tokio::spawn(async move {
            if let Err(error) = announce.await {
                tracing::warn!(error = %error, "the webhook is not set; run `pykhbrain webhook set`");
            }
        });
    }
    let inbox = web::Inbox::new(pool.clone(), telegram.bot_id);
    let app = web::App { pool, telegram, inbox, site, descriptors, playground: None };
    web::serve(listener, app, stopping).await?;
    if let Some(work) = work {
        work.await?;
    }
    Ok(())
}

/// The webhook's secret comes from the token where none is set, and everybody knows the local chat's token.
fn refuse_a_known_token(telegram: &TelegramConfig, reach: Reach) -> Result<(), ConfigError> {
    if reach == Reach::ThisMachine || telegram.token.expose_secret() != Playground::TOKEN {
        return Ok(());
    }
    let problem =
        "is the local chat's, which is for this machine only: set your own bot's, or HOST=127.0.0.1";
    Err(ConfigError { variable: "TELEGRAM_TOKEN", problem: problem.into() })
}

/// Has a worker tell Telegram where updates go: this process calls nobody.
async fn announce(pool: PgPool, public_url: String) -> sqlx::Result<()> {
    queue::enqueue_set_webhook(&pool, &SetWebhook { public_url }).await?;
    queue::wake(&pool, queue::Queue::Upkeep).await
}
