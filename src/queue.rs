//! `pykhbrain queue [list|retry|cancel]`: what waits, runs and has failed.

use brain::{
    config::{Env, Role},
    db::backlog,
    queue,
};
use clap::Subcommand;

use crate::config;

#[derive(Subcommand)]
pub(crate) enum Action {
    /// Jobs by name and state
    List,
    /// Let a failed job run again, now
    Retry {
        /// The job's id
        id: String,
    },
    /// Cancel a job that waits
    Cancel {
        /// The job's id
        id: String,
    },
}

pub(crate) async fn run(env: &Env, action: Action) -> anyhow::Result<()> {
    let pool = config::pool(env, Role::Command)?;
    match action {
        Action::List => {
            println!("{:<18} {:<8} {:>8}  oldest due", "job", "state", "count");
            for line in queue::overview(&pool).await? {
                let oldest =
                    line.oldest.map(|time| time.format("%Y-%m-%d %H:%M:%S").to_string()).unwrap_or_default();
                println!("{:<18} {:<8} {:>8}  {oldest}", line.name, line.status, line.count);
            }
            for job in queue::failed(&pool).await? {
                println!("failed: {} {} after {} attempts: {}", job.id, job.name, job.attempts, job.error);
            }
            let backlog = backlog::now(&pool).await?;
            println!(
                "{} updates wait (the oldest {:.0} s), {} messages unsent",
                backlog.updates, backlog.oldest_seconds, backlog.unsent
            );
        }
        Action::Retry { id } => {
            anyhow::ensure!(
                queue::retry(&pool, &id).await?,
                "no failed job has the id {id}; see `pykhbrain queue list`"
            );
            queue::wake_all(&pool).await?;
            println!("The job runs again.");
        }
        Action::Cancel { id } => {
            anyhow::ensure!(
                queue::cancel(&pool, &id).await?,
                "no waiting job has the id {id}; see `pykhbrain queue list`"
            );
            println!("The job is cancelled.");
        }
    }
    Ok(())
}
