//! How fast old files become rows, and how much memory that takes: `BENCH_IMPORT_MB` megabytes of them, 50 where nothing is said.

use std::{
    fs::File,
    io::{BufWriter, Write as _},
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use brain::db::migrate;
use pykhbrain::cluster::Cluster;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool};

use crate::{program::Program, report::Report};

const DATABASE: &str = "bench_import";
/// What people and the bot say, in turn: as long as messages are.
const SAID: [&str; 6] = [
    "Could you look up when the train to Lisbon leaves on Saturday?",
    "Of course. It leaves at nine, so there is time for a coffee in the garden before; Marta's birthday is the day after.",
    "ok, thanks",
    "You are welcome. Shall I remind you of the guitar on Friday evening?",
    "Мій улюблений колір — синій, і я живу у Львові біля парку",
    "Запам'ятав: синій, Львів, біля парку.",
];

#[expect(clippy::disallowed_methods, reason = "a setting of the benchmark, not of the product")]
#[expect(clippy::cast_precision_loss, reason = "counts of messages")]
pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let megabytes: u64 =
        std::env::var("BENCH_IMPORT_MB").ok().and_then(|value| value.parse().ok()).unwrap_or(50);
    let dir = Path::new(env!("CARGO_TARGET_TMPDIR")).join("bench-import/memory");
    std::fs::create_dir_all(&dir)?;
    let messages = write(&dir.join("whole_history.json"), megabytes << 20)?;

    let url = cluster.url(DATABASE);
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await?;
    connection.execute(AssertSqlSafe(format!("drop database if exists {DATABASE} with (force)"))).await?;
    connection.execute(AssertSqlSafe(format!("create database {DATABASE}"))).await?;
    let pool = PgPool::connect(&url).await?;
    migrate::migrate(&pool).await?;

    let folder = dir.to_string_lossy().into_owned();
    let (begun, mut most) = (Instant::now(), 0.0_f64);
    let arguments = ["import", &folder, "--chat-id", "77"];
    let mut program = Program::start_with(&arguments, &[("DATABASE_URL", url)], Stdio::null())?;
    let is_done = loop {
        if let Some(is_done) = program.ended()? {
            break is_done;
        }
        most = most.max(program.most_resident().unwrap_or_default());
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    let time = begun.elapsed().as_secs_f64();
    let stored: i64 = sqlx::query_scalar("select count(*) from chat_history").fetch_one(&pool).await?;
    anyhow::ensure!(is_done && stored.cast_unsigned() == messages, "{stored} of {messages} messages came");
    report.note("old messages", format!("{messages} in {megabytes} MB, {time:.1} s from start to end"));
    report.at_least("imported, with reading, matching and checking", messages as f64 / time, 20_000.0, "/s");
    report.at_most("resident memory of the import at most", most, 50.0, "MiB");
    std::fs::remove_dir_all(&dir)?;
    pool.close().await;
    connection.execute(AssertSqlSafe(format!("drop database {DATABASE} with (force)"))).await?;
    Ok(())
}

/// Writes a history of about so many bytes; how many messages it has.
fn write(path: &Path, bytes: u64) -> anyhow::Result<u64> {
    let mut file = BufWriter::new(File::create(path)?);
    let (mut written, mut messages) = (0, 0);
    write!(file, "[")?;
    while written < bytes {
        let role = if messages % 2 == 0 { "user" } else { "assistant" };
        let said = SAID[usize::try_from(messages)? % SAID.len()];
        let at = 1_600_000_000 + messages / 2 * 20;
        let comma = if messages == 0 { "" } else { "," };
        let row = format!(
            "{comma}\n    {{\n        \"role\": \"{role}\",\n        \"content\": \"{said} ({messages})\",\n        \"timestamp\": {at}.262209\n    }}"
        );
        file.write_all(row.as_bytes())?;
        written += row.len() as u64;
        messages += 1;
    }
    write!(file, "\n]")?;
    file.flush()?;
    Ok(messages)
}
