//! The real program in processes of its own, for tests that kill, stop and continue them.

use std::{
    path::Path,
    process::{Output, Stdio},
    time::Duration,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::process::{Child, Command};

use super::app::PATIENCE;

/// A running `pykhbrain`. Killed when it is dropped.
pub struct Process(Child);

impl Process {
    /// Starts `pykhbrain ARGS` with the given variables and none of this process's own settings.
    pub fn start(args: &[&str], variables: &[(&'static str, String)]) -> Self {
        Self::start_in(Path::new(env!("CARGO_TARGET_TMPDIR")), args, variables)
    }

    /// The same in a folder of the test's own.
    pub fn start_in(folder: &Path, args: &[&str], variables: &[(&'static str, String)]) -> Self {
        Self::spawn(folder, args, variables, Stdio::inherit())
    }

    /// The same with its log in a file.
    pub fn start_with_log(args: &[&str], variables: &[(&'static str, String)], log: &Path) -> Self {
        let log = std::fs::File::create(log).expect("a file for the log");
        Self::spawn(Path::new(env!("CARGO_TARGET_TMPDIR")), args, variables, log.into())
    }

    fn spawn(folder: &Path, args: &[&str], variables: &[(&'static str, String)], log: Stdio) -> Self {
        let child = Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
            .args(args)
            .current_dir(folder)
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("PORT", "0")
            .env("RUST_LOG", "error")
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(log)
            .kill_on_drop(true)
            .spawn();
        Self(child.expect("the program starts"))
    }

    /// Runs `pykhbrain ARGS` to its end: its exit code, and all that it said.
    pub async fn output(args: &[&str], variables: &[(&'static str, String)]) -> (Option<i32>, String) {
        let run = Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
            .args(args)
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .output();
        let Output { status, stdout, stderr } =
            tokio::time::timeout(PATIENCE, run).await.expect("it ends in time").expect("the program starts");
        (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
    }

    /// A worker.
    pub fn worker(variables: &[(&'static str, String)]) -> Self {
        Self::start(&["worker"], variables)
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) {
        let pid = self.0.id().expect("it has not ended");
        kill(Pid::from_raw(pid.cast_signed()), signal).expect("the process is ours");
    }

    /// Kills it as nothing can be caught, and waits for its end.
    pub async fn kill(mut self) {
        self.0.kill().await.expect("it can be killed");
    }

    /// Waits for its end; the exit code.
    pub async fn ended(&mut self, patience: Duration) -> Option<i32> {
        tokio::time::timeout(patience, self.0.wait())
            .await
            .expect("it ends in time")
            .expect("it can be waited for")
            .code()
    }
}
