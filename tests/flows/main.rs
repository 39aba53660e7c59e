//! Whole-system tests: a message goes in where Telegram would bring it, and what Telegram would show comes out.
//!
//! Everything between is the production code: the web server, the queue, the workers, PostgreSQL. Only Telegram and the model
//! are fakes, as HTTP servers that the real clients talk to.

#[path = "../support/fakes/mod.rs"]
mod fakes;
#[path = "../support/mod.rs"]
mod support;

mod accounts;
mod budgets;
mod buttons;
mod commands;
mod consent;
mod expiry;
mod export;
mod exposure;
mod facts;
mod first_contact;
mod groups;
mod import;
mod import_damage;
mod import_layouts;
mod import_owners;
mod intake;
mod isolation;
mod link;
mod memory_at_work;
mod migrate;
mod model_faults;
mod old_files;
mod order;
mod own_model;
mod own_model_consent;
mod people;
mod places;
mod readings;
mod recall;
mod register;
mod secrets;
mod sign_in;
mod slow_peers;
mod supabase;
mod supabase_session;
mod telegram_faults;
mod tiers;
mod turns;
mod upkeep;
mod way;
mod web_login;
