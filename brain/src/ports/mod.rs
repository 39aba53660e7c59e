//! The outside as the brain sees it: Telegram and the model.

mod http;
pub mod llm;
pub mod mail;
mod public;
pub mod telegram;
