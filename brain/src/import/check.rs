//! The check after the messages are written: sums over the files, read anew, against sums over the stored rows, read anew.

use std::{
    collections::{BTreeMap, BTreeSet},
    io,
};

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{ImportError, report::FileReport, sum::Sum};
use crate::{
    db::import,
    ids::ChatId,
    legacy::{Folder, Kind, LegacyFile, Reading},
};

/// Stored rows that are looked at at once: with texts of ten megabytes few would be too many.
const PAGE: i64 = 1_000;

type Sums = BTreeMap<(usize, ChatId), Sum>;

/// What is to be compared.
pub(super) struct Check<'a> {
    pub(super) folder: &'a Folder,
    pub(super) files: &'a [FileReport],
    /// The chats that were brought, each with when its session began.
    pub(super) chats: &'a BTreeMap<ChatId, DateTime<Utc>>,
    /// Files whose rows name no chat, and the chat that they are of.
    pub(super) bare: &'a BTreeSet<usize>,
    pub(super) otherwise: Option<ChatId>,
    pub(super) reading: Reading,
}

impl Check<'_> {
    /// Compares. Says what the oldest message's time is.
    ///
    /// # Errors
    /// When anything differs, with what.
    pub(super) async fn run(
        &self,
        connection: &mut PgConnection,
    ) -> Result<Option<DateTime<Utc>>, ImportError> {
        let of_files = self.of_files().await?;
        let of_rows = self.of_rows(connection).await?;
        let places: BTreeSet<_> = of_files.keys().chain(of_rows.keys()).collect();
        for place in places {
            let sum = |sums: &Sums| sums.get(place).copied().unwrap_or_default();
            if let Some(difference) = sum(&of_files).difference(&sum(&of_rows)) {
                let file = &self.files[place.0].file;
                return Err(ImportError::Mismatch(format!("{file}, chat {}: {difference}", place.1)));
            }
        }
        Ok(of_files.values().filter_map(|sum| sum.first).min())
    }

    async fn of_files(&self) -> Result<Sums, ImportError> {
        let mut sums = Sums::new();
        for (index, file) in self.folder.files.iter().enumerate() {
            let (file, reading) = (file.clone(), self.reading);
            let began = self.chats.clone();
            let is_bare = self.bare.contains(&index);
            let names = if is_bare { Names::None(self.otherwise) } else { Names::Some };
            let read = tokio::task::spawn_blocking(move || of_file(&file, reading, &began, names));
            let (of_file, checksum) = read.await.map_err(io::Error::other)??;
            if checksum != self.files[index].sha256 {
                let file = &self.files[index].file;
                return Err(ImportError::Mismatch(format!("{file} has changed while it was read")));
            }
            sums.extend(of_file.into_iter().map(|(chat, sum)| ((index, chat), sum)));
        }
        Ok(sums)
    }

    async fn of_rows(&self, connection: &mut PgConnection) -> Result<Sums, ImportError> {
        let mut sums = Sums::new();
        let mut after = (0, i64::MIN);
        loop {
            let (rows, last) = import::stored(connection, after, PAGE).await?;
            for row in rows {
                let is_short_term = self.chats.get(&row.chat).is_some_and(|began| row.at > *began);
                sums.entry((row.file, row.chat)).or_default().add(
                    row.at,
                    &row.role,
                    &row.content,
                    is_short_term,
                );
            }
            match last {
                Some(last) => after = last,
                None => return Ok(sums),
            }
        }
    }
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
    chats: &BTreeMap<ChatId, DateTime<Utc>>,
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
            let Some((chat, began)) = chat.and_then(|chat| Some((chat, chats.get(&chat)?))) else { continue };
            let role = import::role(message.author);
            sums.entry(chat).or_default().add(message.at, role, &message.content, message.at > *began);
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
