//! A TCP proxy with a fixed address, so that what is behind it can go away and come back elsewhere.

use std::sync::{Arc, Mutex};

use tokio::{
    net::{TcpListener, TcpStream},
    sync::watch,
    task::AbortHandle,
};

/// The proxy. With nothing behind it, connections are closed at once.
pub struct Proxy {
    pub port: u16,
    behind: Arc<Mutex<Option<u16>>>,
    cut: watch::Sender<()>,
    task: AbortHandle,
}

impl Proxy {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("it has an address").port();
        let behind: Arc<Mutex<Option<u16>>> = Arc::default();
        let (cut, cuts) = watch::channel(());
        let target = Arc::clone(&behind);
        let task = tokio::spawn(async move {
            while let Ok((mut client, _)) = listener.accept().await {
                let (port, mut cuts) = (*target.lock().expect("not poisoned"), cuts.clone());
                cuts.mark_unchanged();
                tokio::spawn(async move {
                    let Some(port) = port else { return };
                    let Ok(mut server) = TcpStream::connect(("127.0.0.1", port)).await else {
                        return;
                    };
                    let _ = (client.set_nodelay(true), server.set_nodelay(true));
                    tokio::select! {
                        _ = cuts.changed() => {}
                        _ = tokio::io::copy_bidirectional(&mut client, &mut server) => {}
                    }
                });
            }
        });
        Self { port, behind, cut, task: task.abort_handle() }
    }

    /// Puts a port behind it, or nothing; connections that are open are cut.
    pub fn lead_to(&self, port: Option<u16>) {
        *self.behind.lock().expect("not poisoned") = port;
        self.cut.send_replace(());
    }
}

impl Drop for Proxy {
    fn drop(&mut self) {
        self.task.abort();
    }
}
