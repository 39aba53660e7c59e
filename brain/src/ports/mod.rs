//! The outside as the brain sees it: Telegram and the model.

pub mod llm;
pub mod telegram;
