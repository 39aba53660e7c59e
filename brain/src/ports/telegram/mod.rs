//! Telegram's Bot API: what we call, and what can go wrong.

mod client;
mod error;

pub use client::{Telegram, WebhookInfo};
pub use error::TelegramError;
