//! The yardstick: `pgbench`, which does nothing but the webhook's transaction.

use std::{io::Write as _, path::PathBuf, process::Command, time::Duration};

use anyhow::Context as _;

/// New updates of new chats, numbered so that nothing else in the database has their numbers.
const SCRIPT: &str = "\
\\set n :n + 1
\\set number 1000000000 * (:client_id + 1) + :n
select private.accept_update(7000000001, :number, :number, :body, lpad(cast(:number as text), 26, '0'))
";

/// Transactions a second on so many connections. `None` where there is no `pgbench`.
pub fn transactions_per_second(
    url: &str,
    connections: usize,
    time: Duration,
    body: &str,
) -> anyhow::Result<Option<f64>> {
    let Some(program) = find() else { return Ok(None) };
    let mut script = tempfile::NamedTempFile::new()?;
    script.write_all(SCRIPT.as_bytes())?;
    let output = Command::new(program)
        .args(["--no-vacuum", "--protocol=prepared", "--define=n=0"])
        .arg(format!("--define=body={body}"))
        .arg(format!("--client={connections}"))
        .arg(format!("--time={}", time.as_secs()))
        .arg(format!("--file={}", script.path().display()))
        .arg(url)
        .output()?;
    let text = String::from_utf8_lossy(&output.stdout);
    let rate = text.lines().find_map(|line| line.strip_prefix("tps = ")?.split(' ').next()?.parse().ok());
    rate.map(Some).with_context(|| format!("pgbench says: {text}{}", String::from_utf8_lossy(&output.stderr)))
}

/// In the PATH, or where Debian keeps it.
fn find() -> Option<PathBuf> {
    #[expect(clippy::disallowed_methods, reason = "the machine's own variable, no setting of ours")]
    let path = std::env::var_os("PATH")?;
    let debian = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .map(|entry| entry.path().join("bin"));
    std::env::split_paths(&path).chain(debian).map(|dir| dir.join("pgbench")).find(|file| file.exists())
}
