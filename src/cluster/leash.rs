//! A child process that does not outlive this one, however this one dies.
//!
//! Between us and the child stands a shell that holds the read end of a pipe whose only write end is ours.
//! The kernel closes ours when we die, `kill -9` included; the shell reads the end of file and tells the
//! child to stop.

use std::ffi::OsStr;
use std::fs::File;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::process::{Child, ChildStdin};
use tokio::time::timeout;

use super::error::{ClusterError, at};
use super::home::Home;

/// Signals are not for the shell: it leaves when the child has left. It ignores them only from where the
/// child has been started, because ignoring is inherited. The pipe moves to descriptor 3 because background
/// commands get an empty standard input.
///
/// SIGINT is Postgres's fast shutdown and makes `initdb` clean up. Background commands ignore it until they
/// install a handler; the SIGTERM before it ends a child that has not come that far.
const SHELL: &str = r#"
exec 3<&0 </dev/null
"$@" 3<&- &
child=$!
trap '' HUP INT QUIT TERM
{ read -r _ <&3; kill -TERM "$child"; kill -INT "$child"; } >/dev/null 2>&1 &
reader=$!
wait "$child"
status=$?
{ kill -KILL "$reader"; wait "$reader"; } >/dev/null 2>&1
exit "$status"
"#;

/// How long a server may take for its last checkpoint.
const PATIENCE: Duration = Duration::from_secs(30);

/// A child process that is told to stop when this is dropped, and when this process dies.
#[derive(Debug)]
pub(super) struct Leash {
    shell: Child,
    pipe: ChildStdin,
}

impl Leash {
    /// Runs `program` as the home's user, in a process group of its own (a Ctrl-C in the terminal is for us,
    /// not for it), with its output in `log`.
    pub(super) fn spawn<S: AsRef<OsStr>>(
        home: &Home,
        program: &Path,
        arguments: impl IntoIterator<Item = S>,
        log: &File,
    ) -> Result<Self, ClusterError> {
        let spawn = || -> io::Result<Child> {
            home.user
                .command("/bin/sh", &home.server())
                .args(["-c", SHELL, "sh"])
                .arg(program)
                .args(arguments)
                .process_group(0)
                .stdin(Stdio::piped())
                .stdout(log.try_clone()?)
                .stderr(log.try_clone()?)
                .spawn()
        };
        let mut shell = spawn().map_err(at(program))?;
        let pipe = shell.stdin.take().expect("standard input is a pipe");
        Ok(Self { shell, pipe })
    }

    /// Whether the child has ended by itself.
    pub(super) fn has_ended(&mut self) -> bool {
        // An error means that there is no such child any more.
        !matches!(self.shell.try_wait(), Ok(None))
    }

    /// Waits until the child ends by itself.
    pub(super) async fn end(mut self) -> io::Result<ExitStatus> {
        self.shell.wait().await
    }

    /// Tells the child to stop and waits until it has gone.
    pub(super) async fn release(self) {
        let Self { mut shell, pipe } = self;
        drop(pipe);
        if timeout(PATIENCE, shell.wait()).await.is_err() {
            tracing::warn!(seconds = PATIENCE.as_secs(), "PostgreSQL is still shutting down");
        }
    }
}

#[cfg(test)]
mod tests {
    use nix::errno::Errno;
    use nix::sys::signal::killpg;
    use nix::unistd::Pid;

    use super::super::tests::directory;
    use super::*;

    #[tokio::test]
    async fn a_child_that_does_not_know_its_signals_yet_is_stopped() {
        let dir = directory();
        let home = Home::open(dir.path()).await.unwrap();
        let log = home.new_log().unwrap();
        let leash = Leash::spawn(&home, Path::new("sleep"), ["600"], &log).unwrap();
        let group = Pid::from_raw(leash.shell.id().unwrap().cast_signed());

        tokio::time::timeout(Duration::from_secs(10), leash.release()).await.expect("it is stopped");

        assert_eq!(killpg(group, None), Err(Errno::ESRCH));
    }

    #[tokio::test]
    async fn what_became_of_the_child_is_told() {
        let dir = directory();
        let home = Home::open(dir.path()).await.unwrap();
        let log = home.new_log().unwrap();

        let leash = Leash::spawn(&home, Path::new("sh"), ["-c", "echo said; exit 3"], &log).unwrap();

        assert_eq!(leash.end().await.unwrap().code(), Some(3));
        assert_eq!(std::fs::read_to_string(home.log()).unwrap(), "said\n");
    }
}
