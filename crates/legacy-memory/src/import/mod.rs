//! From the old bot's files to the database: read, stage, match, write, check, finish; or take everything back.
//!
//! Run again, at once from two processes, or after a kill, it comes to the same. Source files are only read.

mod check;
mod error;
mod folder;
mod lanes;
mod order;
mod plan;
mod read;
mod records;
mod report;
mod run;
mod settings;
mod sum;

use std::{io, time::Duration};

use brain::{clock::Clock, db::import::Importer, ids::ChatId};
use sqlx::PgPool;

pub use self::{
    error::ImportError,
    order::{Order, Progress, Step},
    report::{FileReport, FolderReport, RefusedRow, Report, Status, Totals},
};
use crate::files::{Found, find};

/// How long a busy importer is asked again.
const ASK_AGAIN: Duration = Duration::from_millis(200);

/// Imports what the directory holds, folder by folder, after any other import has ended.
///
/// # Errors
/// When the directory cannot be read or the database does not answer. A folder that fails for itself is in the report.
pub async fn import(
    pool: &PgPool,
    clock: &Clock,
    order: Order<'_>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, ImportError> {
    loop {
        match try_import(pool, clock, order, progress).await {
            Err(ImportError::Busy) => tokio::time::sleep(ASK_AGAIN).await,
            result => return result,
        }
    }
}

/// The same, unless another import is running.
///
/// # Errors
/// As above, and [`ImportError::Busy`].
pub async fn try_import(
    pool: &PgPool,
    clock: &Clock,
    order: Order<'_>,
    progress: &(dyn Fn(Progress<'_>) + Sync),
) -> Result<Report, ImportError> {
    // Before the folder is looked through, which takes its time: many may be told that another import runs.
    let mut importer = Importer::claim(pool).await?.ok_or(ImportError::Busy)?;
    let dir = order.dir.to_path_buf();
    let found = tokio::task::spawn_blocking(move || find(&dir)).await.map_err(io::Error::other)??;
    let mut report = Report { dry_run: order.dry_run, skipped: found.skipped.clone(), ..Report::default() };
    for folder in &found.folders {
        let given = given(&found, folder.old_account.is_some(), order.chat);
        let mut of_folder = FolderReport { folder: folder.name.clone(), ..FolderReport::default() };
        let mut run = run::Run { pool, clock, order, folder, given, progress, report: &mut of_folder };
        match run.import(&mut importer).await {
            Ok(()) => {}
            Err(error @ ImportError::Database(_)) => return Err(error),
            Err(error) => {
                of_folder.status = Status::Failed;
                of_folder.problem = Some(error.to_string());
                of_folder.files.iter_mut().for_each(FileReport::refuse_all);
            }
        }
        if order.only.is_none() || !of_folder.chats.is_empty() || of_folder.problem.is_some() {
            report.folders.push(of_folder);
        }
    }
    importer.clear().await?;
    Ok(report)
}

/// Which chat rows without one are of. One chat is not given to several folders: they may be of several people.
fn given(found: &Found, is_account: bool, chat: Option<ChatId>) -> Result<Option<ChatId>, ()> {
    let plain = found.folders.iter().filter(|folder| folder.old_account.is_none()).count();
    let alone = if is_account { found.folders.len() == 1 } else { plain == 1 };
    if alone || chat.is_none() { Ok(chat) } else { Err(()) }
}
