//! Listening, and stopping without cutting anybody off.

use std::time::Duration;

use brain::config::TelegramConfig;
use salvo::{conn::tcp::TcpAcceptor, prelude::*};
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{Inbox, Settings, playground::Playground, router::routes};

/// How long requests under way may take to finish when the process stops.
const GRACE: Duration = Duration::from_secs(5);

/// What the web process works with.
pub struct App {
    /// The database.
    pub pool: PgPool,
    /// The bot whose webhook this is.
    pub telegram: TelegramConfig,
    /// Where updates go.
    pub inbox: Inbox,
    /// What the pages need.
    pub site: Settings,
    /// The local chat, in `dev` only.
    pub playground: Option<Playground>,
}

/// Serves on `listener` until `stopping`.
///
/// # Errors
/// When the listener cannot be used, or what the pages need cannot be made.
pub async fn serve(listener: TcpListener, app: App, stopping: CancellationToken) -> std::io::Result<()> {
    let server = Server::new(TcpAcceptor::try_from(listener)?);
    let handle = server.handle();
    let routes = routes(app, stopping.clone()).map_err(std::io::Error::other)?;
    let stopper = tokio::spawn(async move {
        stopping.cancelled().await;
        handle.stop_graceful(GRACE);
    });
    let result = server.try_serve(routes).await;
    stopper.abort();
    result
}
