//! One start at a time for each home.

use std::fs::{File, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::Duration;

use super::error::{ClusterError, at};
use super::home::Home;

/// Held while the cluster is ours. The kernel lets go of it when this process dies.
#[derive(Debug)]
pub(super) struct Lock {
    _file: File,
}

impl Lock {
    /// Takes the home's lock.
    ///
    /// # Errors
    /// [`ClusterError::AlreadyRunning`] if another process has it, or this one for another cluster.
    pub(super) async fn take(home: &Home) -> Result<Self, ClusterError> {
        let path = home.path.join("lock");
        // A holder writes its number just after it got the lock, so it may not be there at the first look.
        for _ in 0..50 {
            if let Some(taken) = try_take(home, &path).map_err(at(&path))? {
                return taken;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Err(at(&path)(io::Error::other(
            "it is locked, and does not say by which process",
        )))
    }
}

fn try_take(home: &Home, path: &Path) -> io::Result<Option<Result<Lock, ClusterError>>> {
    let mut file = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)?;
    match file.try_lock() {
        Ok(()) => {
            file.set_len(0)?;
            write!(file, "{}", std::process::id())?;
            Ok(Some(Ok(Lock { _file: file })))
        }
        Err(TryLockError::WouldBlock) => {
            let mut holder = String::new();
            file.read_to_string(&mut holder)?;
            let running = |pid| {
                Err(ClusterError::AlreadyRunning {
                    pid,
                    home: home.path.clone(),
                })
            };
            Ok(holder.parse().ok().map(running))
        }
        Err(TryLockError::Error(error)) => Err(error),
    }
}
