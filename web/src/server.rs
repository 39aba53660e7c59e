//! Listening, and stopping without cutting anybody off.

use std::time::Duration;

use brain::config::TelegramConfig;
use salvo::{conn::tcp::TcpAcceptor, prelude::*};
use socket2::SockRef;
use sqlx::PgPool;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;

use crate::{Inbox, Settings, connections::Connections, playground::Playground, router::service};

/// How long requests under way may take to finish when the process stops.
const GRACE: Duration = Duration::from_secs(5);

/// Connections that the system keeps for us until we take them; it may be set to fewer (`net.core.somaxconn`).
const QUEUE: i32 = 4096;

/// Bytes that a connection may fill before it has said what it wants. Browsers and Telegram need a few hundred.
const MOST_HEADERS: usize = 32 * 1024;

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
    /// How many files and sockets this process may have open.
    pub descriptors: usize,
    /// The local chat, in `dev` only.
    pub playground: Option<Playground>,
}

/// Serves on `listener` until `stopping`.
///
/// # Errors
/// When the listener cannot be used, or what the pages need cannot be made.
pub async fn serve(listener: TcpListener, app: App, stopping: CancellationToken) -> std::io::Result<()> {
    // Who comes while the queue is full is not heard, and tries again a second later.
    SockRef::from(&listener).listen(QUEUE)?;
    let connections = Connections::new(app.descriptors, app.site.trusted_proxies.clone());
    let mut server = Server::new(TcpAcceptor::try_from(listener)?).fuse_policy(connections.clone());
    // Their times are kept by `connections`: hyper's own limit would count a connection that rests as one that says nothing.
    server.http1_mut().header_read_timeout(None).max_buf_size(MOST_HEADERS);
    let handle = server.handle();
    let service = service(app, &connections, stopping.clone()).map_err(std::io::Error::other)?;
    let watch = tokio::spawn(connections.watch());
    let stopper = tokio::spawn(async move {
        stopping.cancelled().await;
        handle.stop_graceful(GRACE);
    });
    let result = server.try_serve(service).await;
    watch.abort();
    stopper.abort();
    result
}
