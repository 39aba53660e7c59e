//! `pykhbrain import DIR`: brings the old bot's memory files into the database, and says what came of every file.

use std::{
    io::{IsTerminal, Write as _},
    path::PathBuf,
    sync::Mutex,
};

use anyhow::Context as _;
use brain::{
    clock::Clock,
    config::{Env, LlmConfig, Role},
    db::account_users,
    ids::{AccountId, ChatId},
};
use legacy_memory::{Order, Progress, Step, import};
use sqlx::PgPool;

use crate::config;

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The folder with the files: `memory`, what it stands in, or what several of them stand in
    dir: PathBuf,
    /// The chat of messages that name none
    #[arg(long, allow_negative_numbers = true)]
    chat_id: Option<i64>,
    /// The account of the person with this mail address, instead of the one that the chats have
    #[arg(long, value_name = "EMAIL")]
    account: Option<String>,
    /// Read, compare and report; change nothing
    #[arg(long)]
    dry_run: bool,
    /// Write the report to this file too, as JSON
    #[arg(long)]
    report: Option<PathBuf>,
}

/// What this command may use of the machine: one connection matches and writes, another writes beside it.
const CONNECTIONS: usize = 2;

pub(crate) async fn run(env: &Env, options: &Options) -> anyhow::Result<()> {
    let pool = config::pool(env, Role::Command)?;
    let llm = LlmConfig::from_env(env)?;
    let account = match &options.account {
        Some(email) => Some(account_of(&pool, email).await?),
        None => None,
    };
    let order = Order {
        dir: &options.dir,
        chat: options.chat_id.map(ChatId),
        only: None,
        account,
        dry_run: options.dry_run,
        default_model: (&llm.model, &llm.base_url),
        connections: CONNECTIONS,
    };
    let bar = Bar::default();
    let report = import(&pool, &Clock::system(), order, &|progress| bar.show(progress)).await;
    bar.clear();
    let report = report.with_context(|| format!("{} was not imported to its end", options.dir.display()))?;
    println!("{report}");
    if let Some(path) = &options.report {
        let json = serde_json::to_vec_pretty(&report)?;
        std::fs::write(path, json).with_context(|| format!("the report {}", path.display()))?;
    }
    if !report.is_clean() {
        anyhow::bail!("not everything was taken: the report says what and why");
    }
    Ok(())
}

async fn account_of(pool: &PgPool, email: &str) -> anyhow::Result<AccountId> {
    match account_users::accounts_of(pool, email.trim()).await?.as_slice() {
        [account] => Ok(*account),
        [] => {
            anyhow::bail!("nobody with the address {email} is in an account: /register in a chat makes one")
        }
        several => anyhow::bail!("{email} is in {} accounts, so it does not say which one", several.len()),
    }
}

/// One line on a terminal that says how far it is; nothing elsewhere.
#[derive(Default)]
struct Bar(Mutex<Option<(Step, u64)>>);

impl Bar {
    fn show(&self, progress: Progress<'_>) {
        if !std::io::stderr().is_terminal() {
            return;
        }
        let percent = percent(progress);
        let Ok(mut shown) = self.0.lock() else { return };
        if *shown == Some((progress.step, percent)) {
            return;
        }
        *shown = Some((progress.step, percent));
        eprint!("\r\x1b[K{}", line(progress));
        let _ = std::io::stderr().flush();
    }

    fn clear(&self) {
        if self.0.lock().is_ok_and(|shown| shown.is_some()) {
            eprint!("\r\x1b[K");
        }
    }
}

/// Of files without a byte all is done.
fn percent(progress: Progress<'_>) -> u64 {
    (progress.done * 100).checked_div(progress.total).unwrap_or(100).min(100)
}

fn line(progress: Progress<'_>) -> String {
    let doing = match progress.step {
        Step::Reading => "reading",
        Step::Writing => "writing",
        Step::Checking => "checking",
    };
    let percent = percent(progress);
    let full = usize::try_from(percent / 5).unwrap_or(0);
    let bar = format!("{}{}", "#".repeat(full), ".".repeat(20 - full));
    format!("{doing:<9}[{bar}] {percent:>3} %  {}", progress.folder)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bar_says_what_is_done_and_how_far_it_is() {
        let line = |step, done, total| line(Progress { folder: "memory", step, done, total });
        assert_eq!(line(Step::Reading, 0, 9), "reading  [....................]   0 %  memory");
        assert_eq!(line(Step::Writing, 5_000, 9_999), "writing  [##########..........]  50 %  memory");
        assert_eq!(line(Step::Checking, 1, 1), "checking [####################] 100 %  memory");
        // A file that grows while it is read, and a folder of empty files.
        assert_eq!(line(Step::Reading, 12, 9), "reading  [####################] 100 %  memory");
        assert_eq!(line(Step::Reading, 0, 0), "reading  [####################] 100 %  memory");
    }
}
