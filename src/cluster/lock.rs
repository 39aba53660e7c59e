//! One start at a time for each home.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;
use std::time::Duration;

use tokio::time::sleep;

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
        let opened = File::options().write(true).create(true).truncate(false).mode(0o600).open(&path);
        let mut file = opened.map_err(at(&path))?;
        match file.try_lock() {
            Ok(()) => {
                let written = file.set_len(0).and_then(|()| write!(file, "{}", std::process::id()));
                written.map_err(at(&path))?;
                Ok(Self { _file: file })
            }
            Err(TryLockError::WouldBlock) => {
                Err(ClusterError::AlreadyRunning { pid: holder(&path).await?, home: home.path.clone() })
            }
            Err(TryLockError::Error(error)) => Err(at(&path)(error)),
        }
    }
}

/// The process that holds the lock. It writes its number just after it got the lock, so the number may not be
/// there at first.
async fn holder(path: &Path) -> Result<u32, ClusterError> {
    for _ in 0..50 {
        if let Ok(pid) = fs::read_to_string(path).map_err(at(path))?.parse() {
            return Ok(pid);
        }
        sleep(Duration::from_millis(20)).await;
    }
    Err(at(path)(io::Error::other("locked, and it does not say by which process")))
}
