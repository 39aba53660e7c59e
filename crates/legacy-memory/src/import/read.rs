//! The first pass over a folder's files: messages go into staging a few thousand at a time, small files into memory.

use std::{collections::BTreeSet, io};

use brain::{
    db::import::{self, Staged, role},
    ids::ChatId,
};
use sha2::{Digest, Sha256};
use tokio::sync::{Mutex, mpsc};

use super::{
    error::ImportError,
    lanes::{self, Lanes},
    report::FileReport,
};
use crate::files::{
    Folder, Kind, LegacyFile, LegacyReader, OldFact, OldMessage, OldRule, OldSettings, OldTemporary, Reading,
    Refusal, Row,
};

/// Rows that are staged at once, and the most of their texts, in bytes.
const ROWS: usize = 2_000;
const BYTES: usize = 2 << 20;
/// The most facts or rules of one file.
const SMALL: u64 = 10_000;

/// What the files of a folder hold besides messages: each with its file's number.
#[derive(Default)]
pub(super) struct Records {
    pub(super) facts: Vec<(usize, OldFact)>,
    pub(super) rules: Vec<(usize, OldRule)>,
    pub(super) settings: Vec<(usize, OldSettings)>,
    pub(super) temporary: Vec<(usize, OldTemporary)>,
}

/// A folder that was read.
pub(super) struct Read {
    pub(super) files: Vec<FileReport>,
    pub(super) records: Records,
    /// Files of messages whose rows name no chat.
    pub(super) bare: BTreeSet<usize>,
}

enum Event {
    Rows(usize, Vec<Staged>),
    /// The first rows of the file named no chat, and a later one named this.
    Belong(usize, ChatId),
    Bytes(u64),
}

/// Reads all files of the folder and stages their messages on several connections. Whoever calls empties staging before.
///
/// # Errors
/// When a file cannot be read, or the database does not answer.
pub(super) async fn read(
    lanes: &mut Lanes<'_>,
    folder: &Folder,
    reading: Reading,
    progress: &(dyn Fn(u64) + Sync),
) -> Result<Read, ImportError> {
    let (events, coming) = mpsc::channel(1);
    let files = folder.files.clone();
    let thread = tokio::task::spawn_blocking(move || read_files(&files, reading, &events));
    let (coming, belong) = (Mutex::new(coming), Mutex::new(Vec::new()));
    let (coming, belonging) = (&coming, &belong);
    let staging = lanes.each().map(|connection| async move {
        loop {
            let event = coming.lock().await.recv().await;
            match event {
                Some(Event::Rows(file, rows)) => import::stage(connection, file, &rows).await?,
                Some(Event::Belong(file, chat)) => belonging.lock().await.push((file, chat)),
                Some(Event::Bytes(bytes)) => progress(bytes),
                None => return Ok(()),
            }
        }
    });
    lanes::all(staging).await?;
    for (file, chat) in belong.into_inner() {
        lanes.importer.belong(Some(file), chat).await?;
    }
    Ok(thread.await.map_err(io::Error::other)??)
}

fn read_files(files: &[LegacyFile], reading: Reading, events: &mpsc::Sender<Event>) -> io::Result<Read> {
    let mut read = Read { files: Vec::new(), records: Records::default(), bare: BTreeSet::new() };
    for (index, file) in files.iter().enumerate() {
        let mut report = FileReport { file: file.name.clone(), ..FileReport::default() };
        let named = |error: io::Error| io::Error::new(error.kind(), format!("{}: {error}", file.name));
        let mut reader = file.open().map_err(named)?;
        let records = &mut read.records;
        match file.kind {
            Kind::Messages => {
                if !messages(index, &mut reader, reading, &mut report, events).map_err(named)? {
                    read.bare.insert(index);
                }
            }
            Kind::Facts => {
                small(index, &mut report, &mut records.facts, || reader.fact(reading)).map_err(named)?;
            }
            Kind::Rules => {
                small(index, &mut report, &mut records.rules, || reader.rule(reading)).map_err(named)?;
            }
            Kind::Settings => {
                small(index, &mut report, &mut records.settings, || reader.settings(reading))
                    .map_err(named)?;
            }
            Kind::Temporary => {
                small(index, &mut report, &mut records.temporary, || reader.temporary(reading))
                    .map_err(named)?;
            }
            Kind::Accounts => {
                small(index, &mut report, &mut Vec::new(), || reader.account(reading)).map_err(named)?;
            }
        }
        report.sha256 = reader.checksum().map_err(named)?.to_string();
        read.files.push(report);
    }
    Ok(read)
}

fn small<T>(
    file: usize,
    report: &mut FileReport,
    into: &mut Vec<(usize, T)>,
    mut next: impl FnMut() -> io::Result<Option<Row<T>>>,
) -> io::Result<()> {
    while let Some((number, row)) = next()? {
        report.rows += 1;
        match row {
            Ok(_) if number >= SMALL => report.refuse(number, Refusal::TooMany),
            Ok(row) => into.push((file, row)),
            Err(why) => report.refuse(number, why),
        }
    }
    Ok(())
}

/// Says whether any row names a chat.
fn messages(
    file: usize,
    reader: &mut LegacyReader<std::fs::File>,
    reading: Reading,
    report: &mut FileReport,
    events: &mpsc::Sender<Event>,
) -> io::Result<bool> {
    let gone = |_| io::Error::other("the import was broken off");
    let mut rows = Vec::with_capacity(ROWS);
    let (mut bytes, mut chat, mut are_bare) = (0, None, false);
    let mut first = None;
    while let Some((number, row)) = reader.message(reading)? {
        report.rows += 1;
        match row {
            Err(why) => report.refuse(number, why),
            Ok(message) => {
                chat = message.chat.or(chat);
                if first.is_none() && chat.is_some() && are_bare {
                    first = chat;
                }
                are_bare |= chat.is_none();
                bytes += message.content.len();
                let digest = digest(&message);
                let OldMessage { at, author, content, .. } = message;
                rows.push(Staged { place: number, chat, at, author, content, digest });
            }
        }
        if rows.len() == ROWS || bytes > BYTES {
            let full = std::mem::replace(&mut rows, Vec::with_capacity(ROWS));
            events.blocking_send(Event::Rows(file, full)).map_err(gone)?;
            events.blocking_send(Event::Bytes(reader.bytes())).map_err(gone)?;
            bytes = 0;
        }
    }
    events.blocking_send(Event::Rows(file, rows)).map_err(gone)?;
    if let Some(chat) = first {
        events.blocking_send(Event::Belong(file, chat)).map_err(gone)?;
    }
    Ok(chat.is_some())
}

/// As the database computes it of a stored message.
fn digest(message: &OldMessage) -> [u8; 16] {
    let sum =
        Sha256::new().chain_update(role(message.author)).chain_update(":").chain_update(&message.content);
    sum.finalize()[..16].try_into().expect("half of it")
}
