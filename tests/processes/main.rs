//! Tests with the real program in processes of its own: killed, stopped, starved of its database, started from nothing.
//!
//! They promise times, so they run one after the other: whatever else a machine does is not to be taken for the product's fault.

#[path = "../support/fakes/mod.rs"]
mod fakes;
#[path = "../support/mod.rs"]
mod support;

mod echoes;
mod expiry;
mod exposure;
mod import;
mod keys;
mod kills;
mod link;
mod one_command;
mod operators;
mod outage;
mod readings;
mod slow_peers;
mod stops;

/// Held by the test that runs.
static ALONE: tokio::sync::Mutex<()> = tokio::sync::Mutex::const_new(());
