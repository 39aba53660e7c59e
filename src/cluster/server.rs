//! Starts the server on a free port and waits until it lets us in.

use std::fs::File;
use std::io;
use std::net::{Ipv4Addr, TcpListener};
use std::time::Duration;

use sqlx::postgres::{PgConnectOptions, PgSslMode};
use sqlx::{Connection, PgConnection};
use tokio::time::{Instant, sleep, timeout};

use super::Profile;
use super::binaries::Binaries;
use super::error::{ClusterError, at};
use super::home::Home;
use super::leash::Leash;

/// The role that owns the cluster.
pub(super) const SUPERUSER: &str = "postgres";

/// The socket goes beside the data. A path relative to the data directory has no length limit to meet.
const SETTINGS: [&str; 8] = [
    "listen_addresses=127.0.0.1",
    "unix_socket_directories=..",
    "max_connections=300",
    "shared_buffers=64MB",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_destination=stderr",
    "logging_collector=off",
];
const THROWAWAY: [&str; 3] = ["fsync=off", "synchronous_commit=off", "full_page_writes=off"];

/// Tries, each with another port.
const TRIES: usize = 4;
/// How long a server may take to start. It is that long only when it has much to recover after a crash.
const PATIENCE: Duration = Duration::from_mins(1);

/// Starts the server and returns it with its port. Another process may take a port between our look at it and
/// the server's, so a failed start is tried again on another one, which `port` gives.
pub(super) async fn start(
    home: &Home,
    binaries: &Binaries,
    profile: Profile,
    password: &str,
    log: &File,
    mut port: impl FnMut() -> io::Result<u16>,
) -> Result<(Leash, u16), ClusterError> {
    let mut tries_left = TRIES;
    loop {
        tries_left -= 1;
        let port = port().map_err(at("127.0.0.1"))?;
        let mut server = spawn(home, binaries, profile, port, log)?;
        match readiness(home, &mut server, port, password).await {
            Ok(()) => return Ok((server, port)),
            Err(error) => {
                server.release().await;
                if tries_left == 0 || matches!(error, ClusterError::Late { .. }) {
                    return Err(error);
                }
                // Besides the port, what goes away by itself: the last backends of a server that was killed.
                sleep(Duration::from_millis(200)).await;
            }
        }
    }
}

/// A port of 127.0.0.1 that nobody listens on now.
pub(super) fn free_port() -> io::Result<u16> {
    Ok(TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port())
}

fn spawn(
    home: &Home,
    binaries: &Binaries,
    profile: Profile,
    port: u16,
    log: &File,
) -> Result<Leash, ClusterError> {
    let own_settings: &[&str] = if profile == Profile::Throwaway { &THROWAWAY } else { &[] };
    let settings = SETTINGS.iter().chain(own_settings).flat_map(|setting| ["-c".into(), setting.into()]);
    let place = ["-D".into(), home.data().into_os_string(), "-p".into(), port.to_string().into()];
    Leash::spawn(home, &binaries.dir.join("postgres"), place.into_iter().chain(settings), log)
}

/// Waits until the server on `port` is ours and lets us in.
async fn readiness(home: &Home, server: &mut Leash, port: u16, password: &str) -> Result<(), ClusterError> {
    let deadline = Instant::now() + PATIENCE;
    loop {
        // After the answer, not before it: whoever answers when ours has ended is somebody else.
        let answer = timeout(Duration::from_secs(5), data_directory(port, password)).await;
        if server.has_ended() {
            return Err(ClusterError::Failed { program: "postgres", log: home.log() });
        }
        match answer {
            Ok(Ok(directory)) if directory == home.data().to_string_lossy() => return Ok(()),
            Ok(Ok(data_directory)) => return Err(ClusterError::NotOurs { port, data_directory }),
            Ok(Err(source)) if is_refusal(&source) => {
                return Err(ClusterError::Refused { home: home.path.clone(), source });
            }
            Ok(Err(_)) | Err(_) if Instant::now() > deadline => {
                let seconds = PATIENCE.as_secs();
                return Err(ClusterError::Late { home: home.path.clone(), what: "started", seconds });
            }
            Ok(Err(_)) | Err(_) => sleep(Duration::from_millis(20)).await,
        }
    }
}

/// What the server on `port` says about where its data is.
async fn data_directory(port: u16, password: &str) -> sqlx::Result<String> {
    let options = PgConnectOptions::new_without_pgpass()
        .host("127.0.0.1")
        .port(port)
        .username(SUPERUSER)
        .password(password)
        .database("postgres")
        .ssl_mode(PgSslMode::Disable);
    let mut connection = PgConnection::connect_with(&options).await?;
    let directory = sqlx::query_scalar("SHOW data_directory").fetch_one(&mut connection).await?;
    connection.close().await?;
    Ok(directory)
}

/// Whether it was a wrong password and the like (class 28), and not "starting up".
/// <https://www.postgresql.org/docs/current/errcodes-appendix.html>
fn is_refusal(error: &sqlx::Error) -> bool {
    error
        .as_database_error()
        .and_then(sqlx::error::DatabaseError::code)
        .is_some_and(|code| code.starts_with("28"))
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::Cluster;
    use super::super::tests::directory;
    use super::*;

    #[tokio::test]
    async fn somebody_elses_server_is_not_taken_for_ours() {
        let theirs = directory();
        let other = Cluster::start(theirs.path(), Profile::Throwaway).await.unwrap();
        let ours = directory();
        let home = Home::open(ours.path()).await.unwrap();
        let log = home.new_log().unwrap();
        let mut alive = Leash::spawn(&home, Path::new("sleep"), ["600"], &log).unwrap();

        let outcome = readiness(&home, &mut alive, other.port, &other.password).await;

        assert!(matches!(outcome, Err(ClusterError::NotOurs { .. })), "{outcome:?}");
        alive.release().await;
        other.stop().await;
    }
}
