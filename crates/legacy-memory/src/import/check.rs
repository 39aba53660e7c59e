//! The check after the messages are written: sums over the files, read anew, against sums over the stored rows, read anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU64, Ordering},
    },
};

use brain::{
    db::{import, imported, tiers::MID_TERM},
    ids::ChatId,
};
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{
    error::ImportError,
    lanes::{self, Lanes, Parts},
    report::FileReport,
    sum::Sum,
};
use crate::files::{Folder, Kind, LegacyFile, Reading};

/// By file and chat.
pub(super) type Sums = BTreeMap<(usize, ChatId), Sum>;

/// What is to be compared.
pub(super) struct Check<'a> {
    pub(super) folder: &'a Folder,
    pub(super) files: &'a [FileReport],
    /// The chats that were brought.
    pub(super) chats: BTreeMap<ChatId, Times>,
    /// Files whose rows name no chat, and the chat that they are of.
    pub(super) bare: &'a BTreeSet<usize>,
    pub(super) otherwise: Option<ChatId>,
    pub(super) reading: Reading,
}

/// What the times of a chat's messages are held against.
#[derive(Clone, Copy)]
pub(super) struct Times {
    /// What is newer is short-term.
    pub(super) session_began: DateTime<Utc>,
    /// What is not newer is not brought.
    pub(super) forgotten: Option<DateTime<Utc>>,
}

impl Check<'_> {
    /// Sums over the files.
    ///
    /// # Errors
    /// When a file cannot be read, or is not what it was.
    pub(super) async fn of_files(&self) -> Result<Sums, ImportError> {
        let mut sums = Sums::new();
        for (index, file) in self.folder.files.iter().enumerate() {
            let (file, reading) = (file.clone(), self.reading);
            let chats = self.chats.clone();
            let is_bare = self.bare.contains(&index);
            let names = if is_bare { Names::None(self.otherwise) } else { Names::Some };
            let read = tokio::task::spawn_blocking(move || of_file(&file, reading, &chats, names));
            let (of_file, checksum) = read.await.map_err(io::Error::other)??;
            if checksum != self.files[index].sha256 {
                let file = &self.files[index].file;
                return Err(ImportError::Mismatch(format!("{file} has changed while it was read")));
            }
            sums.extend(of_file.into_iter().map(|(chat, sum)| ((index, chat), sum)));
        }
        Ok(sums)
    }

    /// Sums over the stored rows. `progress`: how much of how much is read.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn of_rows(
        &self,
        lanes: &mut Lanes<'_>,
        progress: impl Fn(u64, u64) + Sync,
    ) -> sqlx::Result<Sums> {
        let parts = lanes.importer.parts().await?;
        let (total, done) = (parts.len() as u64, AtomicU64::new(0));
        progress(0, total);
        let parts = Parts::new(parts);
        let sums = Mutex::new(Sums::new());
        let (parts, all, done, progress) = (&parts, &sums, &done, &progress);
        let lanes = lanes.each().map(|connection| async move {
            let mut sums = Sums::new();
            while let Some(part) = parts.next() {
                import::each_stored(connection, part, |row| {
                    let is_short_term =
                        self.chats.get(&row.chat).is_some_and(|times| row.at > times.session_began);
                    let sum = sums.entry((row.file, row.chat)).or_default();
                    sum.add(row.at, &row.role, &row.content, is_short_term);
                })
                .await?;
                progress(done.fetch_add(1, Ordering::Relaxed) + 1, total);
            }
            let mut all = all.lock().unwrap_or_else(PoisonError::into_inner);
            for (place, sum) in sums {
                let both = all.entry(place).or_default();
                *both = both.and(sum);
            }
            Ok(())
        });
        lanes::all(lanes).await?;
        Ok(sums.into_inner().unwrap_or_else(PoisonError::into_inner))
    }

    /// Compares. Says what the oldest message's time is.
    ///
    /// # Errors
    /// When anything differs, with what.
    pub(super) fn compare(
        &self,
        of_files: &Sums,
        of_rows: &Sums,
    ) -> Result<Option<DateTime<Utc>>, ImportError> {
        let places: BTreeSet<_> = of_files.keys().chain(of_rows.keys()).collect();
        for place in places {
            let sum = |sums: &Sums| sums.get(place).copied().unwrap_or_default();
            if let Some(difference) = sum(of_files).difference(&sum(of_rows)) {
                let file = &self.files[place.0].file;
                return Err(ImportError::Mismatch(format!("{file}, chat {}: {difference}", place.1)));
            }
        }
        Ok(of_files.values().filter_map(|sum| sum.first).min())
    }
}

/// Compares the tiers of these chats with today's rules. `then`: the time that the import took for now.
///
/// # Errors
/// When a message is in a tier where it should not be, or the database does not answer.
pub(super) async fn tiers(
    tx: &mut PgConnection,
    chats: &[ChatId],
    import: i64,
    then: DateTime<Utc>,
    now: DateTime<Utc>,
) -> Result<(), ImportError> {
    let sessions = import::sessions(tx, chats).await?;
    for chat in chats {
        let session = sessions.get(chat).copied().unwrap_or_default();
        let tiers = imported::tiers(tx, *chat, import, session.began(then), session.began(now)).await?;
        if tiers.misplaced > 0 || tiers.mid_term < tiers.older.min(MID_TERM) {
            return Err(ImportError::Mismatch(format!(
                "chat {chat}: messages are in the wrong tier: {tiers:?}"
            )));
        }
    }
    Ok(())
}

/// Whether rows of a file name chats.
#[derive(Clone, Copy)]
enum Names {
    /// Some do.
    Some,
    /// None does; they are of this one.
    None(Option<ChatId>),
}

/// Sums of one file by chat, and the checksum of its bytes.
fn of_file(
    file: &LegacyFile,
    reading: Reading,
    chats: &BTreeMap<ChatId, Times>,
    names: Names,
) -> io::Result<(BTreeMap<ChatId, Sum>, String)> {
    let mut reader = file.open()?;
    let mut sums = BTreeMap::<ChatId, Sum>::new();
    if file.kind == Kind::Messages {
        // Rows before the first that names a chat are that chat's too.
        let mut chat = match names {
            Names::None(otherwise) => otherwise,
            Names::Some => first_chat(file, reading)?,
        };
        while let Some((_, row)) = reader.message(reading)? {
            let Ok(message) = row else { continue };
            chat = message.chat.or(chat);
            let Some((chat, times)) = chat.and_then(|chat| Some((chat, chats.get(&chat)?))) else { continue };
            if times.forgotten.is_some_and(|until| message.at <= until) {
                continue;
            }
            let (role, is_short_term) = (import::role(message.author), message.at > times.session_began);
            sums.entry(chat).or_default().add(message.at, role, &message.content, is_short_term);
        }
    }
    Ok((sums, reader.checksum()?.to_string()))
}

/// The first chat that a row of the file names.
fn first_chat(file: &LegacyFile, reading: Reading) -> io::Result<Option<ChatId>> {
    let mut reader = file.open()?;
    while let Some((_, row)) = reader.message(reading)? {
        if let Some(chat) = row.ok().and_then(|message| message.chat) {
            return Ok(Some(chat));
        }
    }
    Ok(None)
}
