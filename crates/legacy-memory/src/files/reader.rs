//! One file from its first row to its last: what each row says, or why it is refused, and the file's checksum at the end.

use std::io::{self, Read};

use sha2::{Digest, Sha256};

use super::{
    elements::{Element, Elements},
    encoding::Utf8,
    message::{OldMessage, Reading},
    record::{OldFact, OldRule, OldSettings, OldTemporary},
    refusal::Refusal,
};

/// A row: its number, from 0, and what it says.
pub type Row<T> = (u64, Result<T, Refusal>);

/// SHA-256 of a file's bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checksum([u8; 32]);

impl std::fmt::Display for Checksum {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// Reads a file row by row. Holds one row at a time, whatever the file's size.
pub struct LegacyReader<R> {
    elements: Elements<Utf8<Summed<R>>>,
    next: u64,
}

impl<R: Read> LegacyReader<R> {
    /// Nothing is read yet.
    pub fn new(source: R) -> Self {
        Self { elements: Elements::new(Utf8::new(Summed { source, sum: Sha256::new(), bytes: 0 })), next: 0 }
    }

    /// The next message.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn message(&mut self, reading: Reading) -> io::Result<Option<Row<OldMessage>>> {
        self.row(reading, OldMessage::parse)
    }

    /// The next entry of a history context.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn fact(&mut self, reading: Reading) -> io::Result<Option<Row<OldFact>>> {
        self.row(reading, OldFact::parse)
    }

    /// The next rule.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn rule(&mut self, reading: Reading) -> io::Result<Option<Row<OldRule>>> {
        self.row(reading, OldRule::parse)
    }

    /// The next settings; a file holds one.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn settings(&mut self, reading: Reading) -> io::Result<Option<Row<OldSettings>>> {
        self.row(reading, OldSettings::parse)
    }

    /// The next temporary account.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn temporary(&mut self, reading: Reading) -> io::Result<Option<Row<OldTemporary>>> {
        self.row(reading, OldTemporary::parse)
    }

    /// The next row of a file whose rows are not taken.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn account(&mut self, reading: Reading) -> io::Result<Option<Row<()>>> {
        self.row(reading, |_, _| Err(Refusal::AccountRow))
    }

    /// How many bytes have been read.
    pub fn bytes(&self) -> u64 {
        self.elements.source().source().bytes
    }

    /// Reads what is left and sums up all of the file's bytes.
    ///
    /// # Errors
    /// When the file cannot be read.
    pub fn checksum(mut self) -> io::Result<Checksum> {
        let source = self.elements.source_mut().source_mut();
        io::copy(source, &mut io::sink())?;
        Ok(Checksum(std::mem::take(&mut source.sum).finalize().into()))
    }

    fn row<T>(
        &mut self,
        reading: Reading,
        parse: impl FnOnce(&[u8], Reading) -> Result<T, Refusal>,
    ) -> io::Result<Option<Row<T>>> {
        let Some(element) = self.elements.next()? else { return Ok(None) };
        let row = match element {
            Element::Whole(bytes) => parse(bytes, reading),
            Element::TooLong => Err(Refusal::TooLong),
            Element::CutOff => Err(Refusal::CutOff),
            Element::Stray => Err(Refusal::Stray),
        };
        let number = self.next;
        self.next += 1;
        Ok(Some((number, row)))
    }
}

/// A source that is summed up as it is read.
struct Summed<R> {
    source: R,
    sum: Sha256,
    bytes: u64,
}

impl<R: Read> Read for Summed<R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.source.read(into)?;
        self.sum.update(&into[..read]);
        self.bytes += read as u64;
        Ok(read)
    }
}
