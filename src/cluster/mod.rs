//! A private Postgres cluster that comes up by itself and goes down with the process that started it.
//!
//! Everything it has lies in one directory, its home: the data, a password, a log, a lock and the Unix
//! socket. It listens on 127.0.0.1 only, on a free port, and lets nobody in without that password.

mod binaries;
mod download;
mod error;
mod home;
mod init;
mod install_line;
mod leash;
mod lock;
mod orphan;
mod server;
mod user;

use std::fmt;
use std::path::Path;

pub use self::error::ClusterError;

use self::binaries::Binaries;
use self::home::Home;
use self::leash::Leash;
use self::lock::Lock;

/// How careful the server is with what is written to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Profile {
    /// Survives a crash of the machine. For data that a person wants to keep.
    Durable,
    /// Loses or garbles its data when the machine crashes, and is faster for it. For tests.
    Throwaway,
}

/// A running cluster. Dropping it stops the server, and so does the death of this process, however it dies.
pub struct Cluster {
    port: u16,
    password: String,
    // Before the lock: fields are dropped in order, and the server is told to stop before another may start
    // it.
    leash: Leash,
    _lock: Lock,
}

impl Cluster {
    /// Starts the cluster that lives in `dir`, making both where they do not exist, and returns when it takes
    /// connections: in less than a second, or in some seconds where it is made first.
    ///
    /// As root the server runs as the user `postgres`, or `nobody` where there is none. If that user cannot
    /// reach `dir`, the cluster lives below `/var/lib`, and `dir/postgres` is a link that leads there.
    ///
    /// # Errors [`ClusterError`], whose text says what a person can do about it. A failed start leaves no
    /// process behind.
    pub async fn start(dir: &Path, profile: Profile) -> Result<Self, ClusterError> {
        let home = Home::open(dir).await?;
        let lock = Lock::take(&home).await?;
        orphan::stop(&home).await?;
        let log = home.new_log()?;
        let written_by = init::written_by(&home)?;
        let binaries = Binaries::find(&home, written_by).await?;
        let password = if written_by.is_none() {
            init::make(&home, &binaries, profile, &log).await?
        } else {
            init::password(&home)?
        };
        let (leash, port) =
            server::start(&home, &binaries, profile, &password, &log, server::free_port).await?;
        Ok(Self { port, password, leash, _lock: lock })
    }

    /// Where to connect, as the superuser, to `database` (a plain name; `postgres` always exists). It holds
    /// the password: not for logs.
    #[must_use]
    pub fn url(&self, database: &str) -> String {
        format!("postgres://{}:{}@127.0.0.1:{}/{database}", server::SUPERUSER, self.password, self.port)
    }

    /// Stops the server, cutting off whoever is connected, and returns when it has gone.
    pub async fn stop(self) {
        self.leash.release().await;
    }
}

impl fmt::Debug for Cluster {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cluster").field("port", &self.port).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
