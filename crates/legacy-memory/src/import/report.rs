//! What an import read, brought, found here already and refused: for people, for `--report`, and for the dashboard.

use std::fmt::{self, Write as _};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::files::{Refusal, Skipped};

/// So many refused rows of a file are named one by one; the others are counted.
const NAMED: usize = 1000;
/// And so many of them are printed.
const PRINTED: usize = 20;

/// Everything.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Nothing was changed.
    pub dry_run: bool,
    /// By account of the files.
    pub folders: Vec<FolderReport>,
    /// Files that were left alone.
    pub skipped: Vec<Skipped>,
}

/// How a folder's import ended.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Status {
    /// Read only.
    #[default]
    DryRun,
    /// All is here.
    Done,
    /// These very files had been brought before.
    AlreadyDone,
    /// Nothing of it could be taken, or nothing was there.
    Nothing,
    /// It was taken back: see the problem.
    Failed,
}

/// One folder: one account of the old bot.
#[derive(Clone, Debug, Default, Serialize)]
pub struct FolderReport {
    /// Its path from the directory.
    pub folder: String,
    /// The account here.
    pub account: Option<i64>,
    /// Its chats that came.
    pub chats: Vec<i64>,
    /// How it ended.
    pub status: Status,
    /// Its files.
    pub files: Vec<FileReport>,
    /// Messages that are new here.
    pub messages: u64,
    /// Facts that are new here.
    pub facts: u64,
    /// The oldest message's time.
    pub since: Option<DateTime<Utc>>,
    /// What somebody should know.
    pub notes: Vec<String>,
    /// Why it failed.
    pub problem: Option<String>,
}

/// One file. `rows = imported + already_there + of_other_chats + refused`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct FileReport {
    /// Its path from the directory.
    pub file: String,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Rows in all.
    pub rows: u64,
    /// New here.
    pub imported: u64,
    /// Here already, or in an earlier file.
    pub already_there: u64,
    /// Of chats that were not asked for.
    pub of_other_chats: u64,
    /// Not taken.
    pub refused: u64,
    /// Which, and why.
    pub refusals: Vec<RefusedRow>,
}

/// A row that was not taken, or many for one reason.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct RefusedRow {
    /// Its number in the file, from 0; none where it stands for many.
    pub row: Option<u64>,
    /// How many.
    pub rows: u64,
    /// Why.
    pub reason: String,
}

/// Sums over files.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Totals {
    /// Rows in all.
    pub rows: u64,
    /// New here.
    pub imported: u64,
    /// Here already, or in an earlier file.
    pub already_there: u64,
    /// Of chats that were not asked for.
    pub of_other_chats: u64,
    /// Not taken.
    pub refused: u64,
}

impl FileReport {
    /// Notes a row that is not taken.
    pub(super) fn refuse(&mut self, row: u64, why: Refusal) {
        self.refused += 1;
        if self.refusals.len() < NAMED {
            self.refusals.push(RefusedRow { row: Some(row), rows: 1, reason: why.to_string() });
            return;
        }
        let reason = format!("and more: {why}");
        match self.refusals.iter_mut().find(|many| many.row.is_none() && many.reason == reason) {
            Some(many) => many.rows += 1,
            None => self.refusals.push(RefusedRow { row: None, rows: 1, reason }),
        }
    }

    /// Notes that nothing of the file is taken.
    pub(super) fn refuse_all(&mut self) {
        (self.imported, self.already_there, self.of_other_chats) = (0, 0, 0);
        if self.rows > self.refused {
            self.refuse_many(self.rows - self.refused, Refusal::WholeFolder);
        }
    }

    /// Notes many rows that are not taken for one reason.
    pub(super) fn refuse_many(&mut self, rows: u64, why: Refusal) {
        self.refused += rows;
        self.refusals.push(RefusedRow { row: None, rows, reason: why.to_string() });
    }
}

impl Report {
    /// Sums over all files.
    #[must_use]
    pub fn totals(&self) -> Totals {
        let files = self.folders.iter().flat_map(|folder| &folder.files);
        files.fold(Totals::default(), |sums, file| Totals {
            rows: sums.rows + file.rows,
            imported: sums.imported + file.imported,
            already_there: sums.already_there + file.already_there,
            of_other_chats: sums.of_other_chats + file.of_other_chats,
            refused: sums.refused + file.refused,
        })
    }

    /// Whether everything was taken.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.totals().refused == 0 && self.folders.iter().all(|folder| folder.problem.is_none())
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let verb = if self.dry_run { "would import" } else { "imported" };
        for folder in &self.folders {
            write!(f, "{}", folder.folder)?;
            if let Some(account) = folder.account {
                write!(f, " -> account {account}")?;
            }
            if !folder.chats.is_empty() {
                let chats: Vec<String> = folder.chats.iter().map(i64::to_string).collect();
                write!(f, ", chats {}", chats.join(", "))?;
            }
            writeln!(f)?;
            for file in &folder.files {
                writeln!(f, "  {}: {}", file.file, sums(verb, &file.totals()))?;
                for refusal in file.refusals.iter().take(PRINTED) {
                    match refusal.row {
                        Some(row) => writeln!(f, "    row {row}: {}", refusal.reason)?,
                        None => writeln!(f, "    {} rows: {}", refusal.rows, refusal.reason)?,
                    }
                }
                let more: u64 = file.refusals.iter().skip(PRINTED).map(|refusal| refusal.rows).sum();
                if more > 0 {
                    writeln!(f, "    and {more} more, all named in --report")?;
                }
            }
            for note in &folder.notes {
                writeln!(f, "  note: {note}")?;
            }
            if let Some(problem) = &folder.problem {
                writeln!(f, "  FAILED, nothing of it was kept: {problem}")?;
            }
        }
        for skipped in &self.skipped {
            writeln!(f, "skipped {}: {}", skipped.file, skipped.reason)?;
        }
        if self.folders.is_empty() {
            writeln!(f, "no memory files were found")?;
        }
        write!(f, "in all: {}", sums(verb, &self.totals()))
    }
}

impl FileReport {
    fn totals(&self) -> Totals {
        Totals {
            rows: self.rows,
            imported: self.imported,
            already_there: self.already_there,
            of_other_chats: self.of_other_chats,
            refused: self.refused,
        }
    }
}

fn sums(verb: &str, sums: &Totals) -> String {
    let Totals { rows, imported, already_there, of_other_chats, refused } = sums;
    let mut words =
        format!("read {rows}, {verb} {imported}, already there {already_there}, refused {refused}");
    if *of_other_chats > 0 {
        let _ = write!(words, ", of other chats {of_other_chats}");
    }
    words
}
