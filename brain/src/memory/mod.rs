//! Memory's rules, without I/O: tiers, sessions, what recall looks for.

mod recall;
mod session;
mod tier;

pub use recall::search_words;
pub use session::SessionLength;
pub use tier::{Author, Remembered, TierStats};
