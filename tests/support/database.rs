//! One throwaway PostgreSQL for the test process, and a database for each test, cloned from a migrated template.

use std::{
    path::Path,
    sync::{
        OnceLock,
        atomic::{AtomicUsize, Ordering},
    },
};

use brain::{
    config::{DatabaseConfig, Env, Role},
    db::connect,
};
use pykhbrain::cluster::{Cluster, Profile};
use sqlx::{Connection, Executor, PgConnection, PgPool};

const TEMPLATE: &str = "template_pykhbrain";

static CLUSTER: OnceLock<Result<Cluster, String>> = OnceLock::new();
static NEXT: AtomicUsize = AtomicUsize::new(1);

/// A test's own database.
#[derive(Clone)]
pub struct Database {
    /// Where it is.
    pub url: String,
}

impl Database {
    /// Makes a database with the current schema.
    pub async fn create() -> Self {
        let cluster =
            tokio::task::spawn_blocking(|| CLUSTER.get_or_init(start)).await.expect("the cluster starts");
        let cluster = cluster.as_ref().unwrap_or_else(|error| panic!("{error}"));
        let name = format!("test_{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let mut connection =
            PgConnection::connect(&cluster.url("postgres")).await.expect("the cluster answers");
        let create = format!("create database {name} template {TEMPLATE} strategy file_copy");
        connection.execute(sqlx::AssertSqlSafe(create)).await.expect("the template can be cloned");
        Self { url: cluster.url(&name) }
    }

    /// Connections for looking at it, apart from the product's.
    pub fn pool(&self) -> PgPool {
        let config = Env::from_iter([("DATABASE_URL", self.url.as_str())]);
        connect::pool(&DatabaseConfig::from_env(&config, Role::Command).expect("the address is one"))
            .expect("the address is one")
    }
}

/// Starts the cluster on a runtime of its own, which outlives every test's.
fn start() -> Result<Cluster, String> {
    let (sender, receiver) = std::sync::mpsc::channel();
    std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        runtime.block_on(async {
            let _ = sender.send(prepare().await);
            std::future::pending::<()>().await;
        });
    });
    receiver.recv().expect("the thread answers")
}

/// Removes the clusters of test processes that have ended.
fn sweep(tmp: &Path) {
    for entry in std::fs::read_dir(tmp).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let owner = name.to_str().and_then(|name| name.strip_prefix("cluster-")?.parse().ok());
        let Some(owner) = owner.map(nix::unistd::Pid::from_raw) else { continue };
        if nix::sys::signal::kill(owner, None).is_err() {
            // Where the server's user cannot reach this folder, a link leads to the one that it has.
            let _ = std::fs::canonicalize(entry.path().join("postgres")).map(std::fs::remove_dir_all);
            let _ = std::fs::remove_dir_all(entry.path());
        }
    }
}

async fn prepare() -> Result<Cluster, String> {
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR"));
    sweep(tmp);
    let dir = tmp.join(format!("cluster-{}", std::process::id()));
    std::fs::create_dir_all(&dir).map_err(|error| error.to_string())?;
    let cluster = Cluster::start(&dir, Profile::Throwaway).await.map_err(|error| error.to_string())?;
    let mut connection =
        PgConnection::connect(&cluster.url("postgres")).await.map_err(|error| error.to_string())?;
    connection
        .execute(sqlx::AssertSqlSafe(format!("create database {TEMPLATE}")))
        .await
        .map_err(|error| error.to_string())?;
    let pool = PgPool::connect(&cluster.url(TEMPLATE)).await.map_err(|error| error.to_string())?;
    brain::db::migrate::migrate(&pool).await.map_err(|error| error.to_string())?;
    pool.close().await;
    Ok(cluster)
}
