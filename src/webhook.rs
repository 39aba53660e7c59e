//! `pykhbrain webhook set|delete|info`: where Telegram delivers updates.

use anyhow::Context as _;
use brain::{
    config::{Env, ServerConfig, TelegramConfig},
    ports::{reason::Reason, telegram::Telegram},
};
use clap::Subcommand;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Deliver to `PUBLIC_URL`
    Set,
    /// Deliver nowhere; updates wait at Telegram
    Delete,
    /// Show where Telegram delivers, and how it goes
    Info,
}

pub(crate) async fn run(env: &Env, action: &Action) -> anyhow::Result<()> {
    let config = TelegramConfig::from_env(env)?;
    let telegram = Telegram::new(&config)?;
    match action {
        Action::Set => {
            let public_url = ServerConfig::from_env(env)?.public_url;
            anyhow::ensure!(
                public_url.starts_with("https://"),
                "Telegram delivers to https only, and PUBLIC_URL is {public_url}"
            );
            let url = format!("{public_url}/telegram/webhook");
            telegram
                .set_webhook(&url, &config.webhook_secret)
                .await
                .context("Telegram did not take the webhook")?;
            println!("Telegram delivers to {url} now.");
        }
        Action::Delete => {
            telegram.delete_webhook().await.context("Telegram did not delete the webhook")?;
            println!("Telegram delivers nowhere now; updates wait there for up to 24 hours.");
        }
        Action::Info => {
            let info = telegram.webhook_info().await.context("Telegram did not say")?;
            println!("Address: {}", if info.url.is_empty() { "none" } else { &info.url });
            println!("Waiting at Telegram: {}", info.pending_update_count);
            println!("Last error: {}", info.last_error_message.as_ref().map_or("none", Reason::as_str));
        }
    }
    Ok(())
}
