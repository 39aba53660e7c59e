//! Which old messages bear on a question. Pure: the database finds candidates, these rules rank them.
//!
//! `docs/recall.md` says why each rule is there and what it is worth.

mod excerpt;
mod named;
mod score;
mod span;

pub use excerpt::excerpt;
pub use named::Named;
pub use score::{Candidate, Counted, NEIGHBOURS, Placed, WordSet, Words, centres, rank};
pub use span::Span;
