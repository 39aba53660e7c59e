//! Memory's rules, without I/O: tiers, sessions, facts, what recall looks for.

mod facts;
mod forgotten;
mod operations;
mod recall;
mod session;
mod tier;

pub use facts::{Fact, FactKind, Scope, fingerprint, most_lasting_first};
pub use forgotten::{Forgotten, hashed_words};
pub use operations::{Change, Reading, Unusable, What, Wording, read_answer};
pub use recall::{
    Candidate, Counted, NEIGHBOURS, Named, Placed, Span, WordSet, Words, centres, excerpt, rank,
};
pub use session::SessionLength;
pub use tier::{Author, Remembered, TierStats};
