//! The outside as the brain sees it: Telegram, the model, and Supabase where people sign in through it.

pub(crate) mod http;
pub mod llm;
pub mod mail;
mod public;
pub mod reason;
pub mod supabase;
pub mod telegram;
