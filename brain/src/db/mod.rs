//! The database: one file per table, all SQL checked at compile time.

pub mod account_users;
pub mod accounts;
pub mod analysis;
pub mod api;
pub mod backlog;
pub mod chat_history;
pub mod chat_turns;
pub mod connect;
pub mod expiry;
pub mod export;
pub mod facts;
pub mod forget;
pub mod learned;
pub mod link;
pub mod llm_usage;
pub mod migrate;
pub mod outcome;
pub mod outgoing;
pub mod reading;
pub mod recall;
pub mod rules;
pub mod scratch;
pub mod tiers;
pub mod updates;
pub mod way;
pub mod why;
