//! From the old bot's files to the database: read, stage, match, write, check, finish; or take everything back.
//!
//! Run again, at once from two processes, or after a kill, it comes to the same. Source files are only read.

mod check;
mod folder;
mod lanes;
mod plan;
mod read;
mod records;
mod report;
mod settings;
mod sum;

use std::{collections::BTreeSet, io, path::Path, time::Duration};

use sqlx::PgPool;

pub use self::report::{FileReport, FolderReport, RefusedRow, Report, Status, Totals};
use crate::{
    clock::Clock,
    db::import::Importer,
    ids::{AccountId, ChatId},
    legacy::{Found, find},
};

/// What is to be imported, and how.
#[derive(Clone, Copy, Debug)]
pub struct Order<'a> {
    /// Where the files are.
    pub dir: &'a Path,
    /// The chat of rows that name none.
    pub chat: Option<ChatId>,
    /// Bring this chat's messages only.
    pub only: Option<ChatId>,
    /// Whose they become; otherwise the account that their chats have, or a new one.
    pub account: Option<AccountId>,
    /// Read and compare, change nothing.
    pub dry_run: bool,
    /// The model that answers where an account has none of its own, and its server's address.
    pub default_model: (&'a str, &'a str),
    /// Connections that write and check at the same time.
    pub connections: usize,
}

/// Where an import is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Progress<'a> {
    /// The folder.
    pub folder: &'a str,
    /// What is being done.
    pub step: Step,
    /// So far, in bytes or messages.
    pub done: u64,
    /// Of so many.
    pub total: u64,
}

/// What is being done, in this order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Reading; in bytes.
    Reading,
    /// Writing; in messages.
    Writing,
    /// Comparing files and rows.
    Checking,
}

/// Why an import did not come to its end.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// A file or folder cannot be read.
    #[error("{0}")]
    Io(#[from] io::Error),
    /// The database did not answer; what was begun is continued by the next run.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// What is stored is not what the files say.
    #[error("the check found a difference: {0}")]
    Mismatch(String),
    /// The chats of one folder have several accounts here.
    #[error("its chats {0} belong to different accounts here: say which one with --account")]
    Ambiguous(String),
    /// Somebody gave a chat to another account, or forgot it, while it was imported.
    #[error("one of its chats was forgotten or got another account meanwhile; run it again")]
    NotWanted,
    /// Somebody else is importing.
    #[error("another import is running")]
    Busy,
}

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
        let mut run = folder::Run { pool, clock, order, folder, given, progress, report: &mut of_folder };
        match run.run(&mut importer).await {
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

/// The first of these that facts of a whole account may be filed under: what was private stays private.
pub(crate) fn home(
    chats: &BTreeSet<ChatId>,
    given: Option<ChatId>,
    temporary: Option<ChatId>,
) -> Option<ChatId> {
    let private = || chats.iter().copied().find(|chat| !chat.is_group());
    given
        .filter(|chat| chats.contains(chat))
        .or_else(|| temporary.filter(|chat| chats.contains(chat) && !chat.is_group()))
        .or_else(private)
        .or_else(|| chats.first().copied())
}
