//! The product's mind: rules, database and ports. Knows no HTTP framework and no worker runtime.
//!
//! | room | what is in it |
//! |---|---|
//! | [`account`] | tenants, temporary accounts, daily limits (pure rules) |
//! | [`command`] | the bot's commands: parser, table, one file each |
//! | [`config`] | one struct per concern; the only place that reads the environment |
//! | [`db`] | one file per table; all SQL, checked at compile time |
//! | [`export`] | what a person takes along, and the file that it becomes |
//! | [`jobs`] | every job's payload, name and attempts |
//! | [`memory`] | tiers and recall (pure rules) |
//! | [`model`] | which model answers for an account, with whose key |
//! | [`object`] | JSON, read without losing more than the field that is wrong |
//! | [`other_memory`] | what is known of a chat outside of the database, behind one trait |
//! | [`places`] | how many of a worker's places one account, and all together, may hold |
//! | [`ports`] | Telegram, the model, mail and Supabase: the outside, as the brain sees it |
//! | [`queue`] | putting jobs on the queue |
//! | [`reply`] | prompt assembly, token budget, answer to outgoing messages (pure) |
//! | [`seal`] | secrets, sealed before they are kept |
//! | [`sign_in`] | links and codes that prove who somebody is (pure rules) |
//! | [`telegram`] | what an update says, read leniently (pure) |
//! | [`texts`] | every sentence a Telegram user can see |

pub mod account;
pub mod clock;
pub mod command;
pub mod config;
pub mod db;
pub mod export;
pub mod ids;
pub mod jobs;
pub mod memory;
pub mod model;
pub mod object;
pub mod other_memory;
pub mod places;
pub mod ports;
pub mod queue;
pub mod reply;
pub mod seal;
pub mod sign_in;
pub mod telegram;
pub mod texts;

mod brain;

pub use brain::{BotName, Brain, NotMade};
