//! The old bot's memory files: which there are, and what they say. Read only, leniently and as a stream; a row that cannot be
//! read is refused with its place and the reason, and the next one is read.

mod elements;
mod encoding;
mod layout;
mod message;
mod reader;
pub mod record;
mod refusal;
mod row;
mod time;

pub use layout::{Folder, Found, Kind, LegacyFile, Skipped, find};
pub use message::{OldMessage, Reading};
pub use reader::{LegacyReader, Row};
pub use record::{OldFact, OldRule, OldSettings, OldTemporary};
pub use refusal::Refusal;
