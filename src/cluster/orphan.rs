//! A server that is still there although nobody holds the home's lock: its owner has just died, or was killed
//! together with the shell of its [`Leash`](super::leash::Leash).

use std::fs;
use std::io;
use std::path::Path;
use std::time::Duration;

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use tokio::process::Command;
use tokio::time::{Instant, sleep};

use super::error::{ClusterError, at};
use super::home::Home;

const PATIENCE: Duration = Duration::from_secs(30);

/// Sees to it that no server runs on the home's data. To be called with the lock held.
pub(super) async fn stop(home: &Home) -> Result<(), ClusterError> {
    let data = home.data();
    let note = data.join("postmaster.pid");
    let Some(pid) = fs::read_to_string(&note).ok().and_then(|text| noted_pid(&text)) else {
        return Ok(());
    };
    let serves_us = format!("-D {}", data.display());
    let deadline = Instant::now() + PATIENCE;
    let mut told = false;
    while command_line(pid).await.is_some_and(|line| line.contains(&serves_us)) {
        if !told {
            told = kill(Pid::from_raw(pid), Signal::SIGINT).is_ok();
        }
        if Instant::now() > deadline {
            return Err(ClusterError::Late {
                home: home.path.clone(),
                what: "stopped",
                seconds: PATIENCE.as_secs(),
            });
        }
        sleep(Duration::from_millis(20)).await;
    }
    // A server that was killed leaves its note. The next one would refuse to start if that number is another
    // process's by now, or still the dead one's (in containers whose first process waits for nobody).
    match fs::remove_file(&note) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(at(&note)(error)),
        _ => Ok(()),
    }
}

/// The number of the process. It is negative for one that somebody runs by hand (`postgres --single`).
fn noted_pid(text: &str) -> Option<i32> {
    text.lines().next()?.trim().parse().ok().map(i32::abs)
}

/// The command line of a running process: from `/proc`, or from `ps` on systems that have none.
async fn command_line(pid: i32) -> Option<String> {
    let line = if Path::new("/proc/self").exists() {
        fs::read(format!("/proc/{pid}/cmdline")).ok()?
    } else {
        Command::new("ps").args(["-o", "command=", "-p", &pid.to_string()]).output().await.ok()?.stdout
    };
    let line = String::from_utf8_lossy(&line).replace('\0', " ");
    // A process that has ended and was not waited for has none.
    (!line.trim().is_empty()).then_some(line)
}
