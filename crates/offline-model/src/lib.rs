//! The model that answers where no other is configured, so that the memory can be seen at work without a key and a network.
//!
//! It knows nothing of the world. It [answers](answer()) by quoting what bears on a question, with name and date, and
//! [takes](extract()) people's plain statements of themselves as facts, in their own words. English, German, Russian, Ukrainian.

mod answer;
mod facts;
mod language;
mod openings;
mod reservations;
mod retrieve;
mod statements;
mod words;

pub use answer::{Asked, answer};
pub use facts::{Change, Known, Line, extract, quotation};
pub use openings::Kind;
pub use retrieve::Note;
