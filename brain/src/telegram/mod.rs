//! What Telegram sends, read leniently: only the fields that we use, and none of them can spoil the rest.
//!
//! Source of all field names and their meaning: <https://core.telegram.org/bots/api>.

mod addressed;
mod content;
mod envelope;
mod mentions;
mod message;
mod speaker;
mod update;

#[cfg(test)]
mod robustness;
#[cfg(test)]
mod samples;

use crate::object;

pub use addressed::{BotIdentity, RespondTo, is_addressed, without_mention};
pub use content::{Media, Service};
pub use envelope::{Envelope, UpdateKind, envelope};
pub use mentions::Mentions;
pub use message::{Message, ReplyTo};
pub use speaker::{Chat, ChatKind, Speaker};
pub use update::{Button, Incoming, Malformed, Membership, Standing, parse};
