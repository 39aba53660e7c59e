//! The real program in a process of its own, and what it takes of the machine.

use std::{
    process::{Child, Command, Stdio},
    time::Duration,
};

use anyhow::Context as _;

/// Linux counts a process's time in hundredths of a second for everybody who reads `/proc`.
const TICKS_PER_SECOND: f64 = 100.0;

/// A running `pykhbrain`. Killed when it is dropped.
pub struct Program(Child);

impl Program {
    /// Starts `pykhbrain ARGUMENT` with these variables and none of this process's own settings.
    pub fn start(argument: &str, variables: &[(&'static str, String)]) -> anyhow::Result<Self> {
        Self::start_with(&[argument], variables, Stdio::inherit())
    }

    /// The same with several arguments.
    #[expect(
        clippy::disallowed_methods,
        reason = "for looking closer at the benchmark, no setting of the product"
    )]
    pub fn start_with(
        arguments: &[&str],
        variables: &[(&'static str, String)],
        output: Stdio,
    ) -> anyhow::Result<Self> {
        let child = Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
            .args(arguments)
            .stdout(output)
            .current_dir(env!("CARGO_TARGET_TMPDIR"))
            .env_clear()
            .envs(variables.iter().map(|(name, value)| (*name, value)))
            .env("RUST_LOG", std::env::var("BENCH_LOG").unwrap_or_else(|_| "error".into()))
            .stdin(Stdio::null())
            .spawn();
        child.map(Self).context("the program does not start")
    }

    /// Resident memory now, in MiB.
    pub fn resident(&self) -> anyhow::Result<f64> {
        self.memory("VmRSS:")
    }

    /// The most resident memory so far, in MiB.
    pub fn most_resident(&self) -> anyhow::Result<f64> {
        self.memory("VmHWM:")
    }

    /// Lets [`most_resident`](Self::most_resident) count from now on.
    pub fn forget_most_resident(&self) -> anyhow::Result<()> {
        std::fs::write(format!("/proc/{}/clear_refs", self.0.id()), "5").context("the peak cannot be reset")
    }

    /// Whether it has ended, and how.
    pub fn ended(&mut self) -> anyhow::Result<Option<bool>> {
        Ok(self.0.try_wait()?.map(|status| status.success()))
    }

    fn memory(&self, name: &str) -> anyhow::Result<f64> {
        let path = format!("/proc/{}/status", self.0.id());
        let status = std::fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))?;
        let line = status.lines().find_map(|line| line.strip_prefix(name)).context("no such line")?;
        let kilobytes: f64 = line.trim().trim_end_matches(" kB").parse()?;
        Ok(kilobytes / 1024.0)
    }

    /// Processor time so far.
    pub fn processor_time(&self) -> anyhow::Result<Duration> {
        let stat = std::fs::read_to_string(format!("/proc/{}/stat", self.0.id()))?;
        // The name stands in parentheses and may hold anything; utime and stime are the 12th and 13th after it.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let ticks: u32 =
            fields.split_whitespace().skip(11).take(2).map(|ticks| ticks.parse().unwrap_or(0)).sum();
        Ok(Duration::from_secs_f64(f64::from(ticks) / TICKS_PER_SECOND))
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}
