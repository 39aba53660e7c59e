//! Real clusters: made, stopped, killed and started again. As root and as another user.

mod owner;

use std::fs::{self, Permissions};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::{Path, PathBuf};

use sqlx::{Connection, Executor, PgConnection};
use tempfile::TempDir;
use tokio::task::JoinSet;

use super::home::Home;
use super::*;

/// A directory that every user can reach.
pub(super) fn directory() -> TempDir {
    tempfile::Builder::new().permissions(Permissions::from_mode(0o755)).tempdir().unwrap()
}

async fn start(dir: &Path) -> Cluster {
    Cluster::start(dir, Profile::Throwaway).await.unwrap_or_else(|error| panic!("{error}"))
}

async fn connect(cluster: &Cluster) -> PgConnection {
    PgConnection::connect(&cluster.url("postgres")).await.unwrap()
}

async fn show(connection: &mut PgConnection, setting: &'static str) -> String {
    sqlx::query_scalar(setting).fetch_one(connection).await.unwrap()
}

#[tokio::test]
async fn a_second_start_finds_the_data_of_the_first() {
    let dir = directory();
    let cluster = start(dir.path()).await;
    connect(&cluster).await.execute("CREATE TABLE kept AS SELECT 'still here' AS text").await.unwrap();
    cluster.stop().await;

    let cluster = start(dir.path()).await;

    assert_eq!(show(&mut connect(&cluster).await, "SELECT text FROM kept").await, "still here");
    cluster.stop().await;
}

#[tokio::test]
async fn the_server_is_set_up_for_us() {
    let dir = directory();
    let cluster = Cluster::start(dir.path(), Profile::Durable).await.unwrap();
    let mut connection = connect(&cluster).await;
    assert_eq!(show(&mut connection, "SHOW fsync").await, "on");
    assert_eq!(show(&mut connection, "SHOW listen_addresses").await, "127.0.0.1");
    assert_eq!(show(&mut connection, "SHOW max_connections").await, "300");
    assert_eq!(show(&mut connection, "SHOW timezone").await, "UTC");
    assert_eq!(show(&mut connection, "SHOW server_encoding").await, "UTF8");
    let socket = Home::open(dir.path()).await.unwrap().server().join(format!(".s.PGSQL.{}", cluster.port));
    assert!(socket.exists());
    cluster.stop().await;

    let cluster = start(dir.path()).await;
    assert_eq!(show(&mut connect(&cluster).await, "SHOW fsync").await, "off");
    cluster.stop().await;
}

#[tokio::test]
async fn nobody_gets_in_without_the_password() {
    let dir = directory();
    let cluster = start(dir.path()).await;

    for url in [
        format!("postgres://postgres@127.0.0.1:{}/postgres", cluster.port),
        format!("postgres://postgres:guess@127.0.0.1:{}/postgres", cluster.port),
    ] {
        let refused = PgConnection::connect(&url).await.unwrap_err();
        assert!(refused.to_string().contains("password authentication failed"), "{refused}");
    }
    let home = Home::open(dir.path()).await.unwrap();
    let mode = |path: PathBuf| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(home.path.join("password")), 0o600);
    assert_eq!(mode(home.log()), 0o600);
    assert_eq!(mode(home.server()), 0o700);
    assert!(!format!("{cluster:?}").contains(&cluster.password));
    cluster.stop().await;
}

#[tokio::test]
async fn a_start_beside_another_is_told_who_is_running() {
    let dir = directory();
    let cluster = start(dir.path()).await;

    let refused = Cluster::start(dir.path(), Profile::Throwaway).await.unwrap_err();

    assert!(
        matches!(refused, ClusterError::AlreadyRunning { pid, .. } if pid == std::process::id()),
        "{refused}"
    );
    assert_eq!(show(&mut connect(&cluster).await, "SELECT 'unharmed'").await, "unharmed");
    cluster.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn of_many_first_starts_at_once_one_succeeds() {
    let dir = directory();
    let mut starts = JoinSet::new();
    for _ in 0..8 {
        let dir = dir.path().to_path_buf();
        starts.spawn(async move { Cluster::start(&dir, Profile::Throwaway).await });
    }

    let mut started = Vec::new();
    for outcome in starts.join_all().await {
        match outcome {
            Ok(cluster) => started.push(cluster),
            Err(error) => assert!(matches!(error, ClusterError::AlreadyRunning { .. }), "{error}"),
        }
    }

    assert_eq!(started.len(), 1);
    started.remove(0).stop().await;
}

#[tokio::test]
async fn roots_cluster_in_a_closed_directory_lives_elsewhere() {
    let closed = tempfile::Builder::new().permissions(Permissions::from_mode(0o700)).tempdir().unwrap();
    let dir = closed.path().join("project");
    let cluster = start(&dir).await;
    connect(&cluster).await.execute("CREATE TABLE kept AS SELECT 'still here' AS text").await.unwrap();
    cluster.stop().await;
    let home = dir.join("postgres").canonicalize().unwrap();
    let is_roots = fs::metadata(closed.path()).unwrap().uid() == 0;
    assert_eq!(home.starts_with(closed.path()), !is_roots);

    let moved = closed.path().join("moved");
    fs::rename(&dir, &moved).unwrap();
    let cluster = start(&moved).await;

    assert_eq!(show(&mut connect(&cluster).await, "SELECT text FROM kept").await, "still here");
    cluster.stop().await;
    fs::remove_dir_all(moved.join("postgres").canonicalize().unwrap()).unwrap();

    // What the link led to is gone: a new cluster.
    let cluster = start(&moved).await;
    cluster.stop().await;
    fs::remove_dir_all(moved.join("postgres").canonicalize().unwrap()).unwrap();
}

#[tokio::test]
async fn a_port_that_was_taken_meanwhile_costs_another_try() {
    let dir = directory();
    start(dir.path()).await.stop().await;
    let home = Home::open(dir.path()).await.unwrap();
    let binaries = Binaries::find(&home, None).await.unwrap();
    let password = init::password(&home).unwrap();
    let log = home.new_log().unwrap();
    let other = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let mut ports = vec![server::free_port().unwrap(), other.local_addr().unwrap().port()];
    let free = ports[0];

    let next = || Ok(ports.pop().unwrap());
    let (server, port) =
        server::start(&home, &binaries, Profile::Throwaway, &password, &log, next).await.unwrap();

    assert_eq!(port, free);
    server.release().await;
}

#[tokio::test]
async fn the_number_of_a_dead_server_may_belong_to_another_process_now() {
    let dir = directory();
    start(dir.path()).await.stop().await;
    let home = Home::open(dir.path()).await.unwrap();
    let mut other = home.user.command("sleep", Path::new("/")).arg("600").spawn().unwrap();
    let note = home.data().join("postmaster.pid");
    fs::write(&note, format!("{}\n{}\n", other.id().unwrap(), home.data().display())).unwrap();
    home.user.own(&note).unwrap();

    start(dir.path()).await.stop().await;

    assert!(other.try_wait().unwrap().is_none(), "it was taken for the server");
    other.kill().await.unwrap();
}

#[tokio::test]
async fn a_failed_start_says_what_the_server_said() {
    let dir = directory();
    start(dir.path()).await.stop().await;
    let home = Home::open(dir.path()).await.unwrap();
    fs::write(home.data().join("postgresql.conf"), "no_such_setting = 1\n").unwrap();

    let error = Cluster::start(dir.path(), Profile::Throwaway).await.unwrap_err();

    assert!(
        error.to_string().contains("unrecognized configuration parameter \"no_such_setting\""),
        "{error}"
    );
}
