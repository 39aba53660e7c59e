//! What the webhook feels of thousands of connections that have nothing to say.

use std::{net::SocketAddr, time::Duration};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use pykhbrain::cluster::Cluster;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::{
    report::{Report, Times},
    stage::{Setting, Stage},
};

/// More than the web process keeps.
const STRANGERS: usize = 1100;
const UPDATES: i64 = 500;
const GAP: Duration = Duration::from_millis(20);

/// How a stranger begins, and then says nothing more.
const BEGINNINGS: [&str; 4] = [
    "POST /login HTTP/1.1\r\nhost: bench\r\norigin: http://bench\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ne",
    "GET /login HTTP/1.1\r\nhost: ben",
    "POST /telegram/webhook HTTP/1.1\r\nhost: bench\r\nx-telegram-bot-api-secret-token: guessed\r\ncontent-length: 100\r\n\r\n{",
    "",
];

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE)?;
    setrlimit(Resource::RLIMIT_NOFILE, most.min(16_384), most)?;
    let setting = Setting { without_worker: true, ..Setting::default() };
    let stage = Stage::set(cluster, setting, UPDATES).await?;
    hold_on(stage.asker.address())?;
    tokio::time::sleep(Duration::from_secs(3)).await;
    for (what, is_new) in [("connections of its own", true), ("connections that are kept", false)] {
        let mut times = Vec::new();
        for chat in 1..=UPDATES {
            if is_new {
                stage.asker.hang_up();
            }
            times.push(stage.asker.ask(chat).await.acknowledged);
            tokio::time::sleep(GAP).await;
        }
        let times = Times::new(times);
        let what = format!("{STRANGERS} slow peers: webhook on {what}, p99");
        report.at_most(&what, times.percentile(99), 250.0, "ms");
        report.note("  all of them", times.summary());
    }
    Ok(())
}

/// On a thread of their own, until this process ends.
fn hold_on(address: SocketAddr) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            for number in 0..STRANGERS {
                tokio::spawn(stranger(address, BEGINNINGS[number % BEGINNINGS.len()]));
            }
            std::future::pending::<()>().await;
        });
    });
    Ok(())
}

/// Comes again each time that it is shown out.
async fn stranger(address: SocketAddr, beginning: &'static str) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(address).await {
            let _ = stream.write_all(beginning.as_bytes()).await;
            let mut answer = [0; 1024];
            while stream.read(&mut answer).await.is_ok_and(|read| read > 0) {}
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}
