//! The import of one folder while it runs: what it works with and what it has counted. Its steps are in `plan`, `folder` and `records`.

use brain::{clock::Clock, ids::ChatId};
use sqlx::PgPool;

use super::{
    order::{Order, Progress, Step},
    report::FolderReport,
};
use crate::files::{Folder, Refusal};

/// The import of one folder.
pub(super) struct Run<'a> {
    pub(super) pool: &'a PgPool,
    pub(super) clock: &'a Clock,
    pub(super) order: Order<'a>,
    pub(super) folder: &'a Folder,
    /// The chat of rows that name none; `Err` where one was given and cannot be this folder's alone.
    pub(super) given: Result<Option<ChatId>, ()>,
    pub(super) progress: &'a (dyn Fn(Progress<'_>) + Sync),
    pub(super) report: &'a mut FolderReport,
}

impl Run<'_> {
    /// Says how far it is.
    pub(super) fn tell(&self, step: Step, done: u64, total: u64) {
        (self.progress)(Progress { folder: &self.folder.name, step, done, total });
    }

    /// Counts a row of a file: brought or known here, or of a chat that is not this import's.
    pub(super) fn count(&mut self, file: usize, is_new: bool, is_ours: bool) {
        let report = &mut self.report.files[file];
        if !is_ours && self.order.only.is_none() {
            report.refuse_many(1, Refusal::OtherAccount);
        } else if !is_ours {
            report.of_other_chats += 1;
        } else if is_new {
            report.imported += 1;
        } else {
            report.already_there += 1;
        }
    }
}
