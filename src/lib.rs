//! The command `pykhbrain`: one file per subcommand, and what they share.

mod chat;
mod cli;
pub mod cluster;
mod config;
mod dev;
mod doctor;
mod enqueue;
mod eval;
mod home;
mod import;
mod key;
mod limits;
mod local_model;
mod login_link;
mod migrate;
mod polling;
mod process;
mod queue;
mod rotate_keys;
mod web;
mod webhook;
mod worker;

pub use cli::run;
