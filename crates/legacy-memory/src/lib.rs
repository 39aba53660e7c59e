//! The old bot's memory: its JSON files, read leniently and as a stream; a chat that is answered from them meanwhile; and the
//! import that makes rows of them.
//!
//! It stands above `brain`, which knows it as an [`OtherMemory`](brain::other_memory::OtherMemory) and has the statements that
//! write what was read.

mod files;
mod home;
mod import;
mod memory;
mod recollection;

pub use import::{
    FileReport, FolderReport, ImportError, Order, Progress, RefusedRow, Report, Status, Step, Totals, import,
};
pub use memory::LegacyMemory;
