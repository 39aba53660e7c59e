//! What the flow tests stand on: a database of their own, the product around it, and people who write to it.

#![allow(dead_code, reason = "several binaries share this, and none uses every part of it")]

pub mod app;
pub mod browser;
pub mod database;
pub mod joining;
pub mod people;
pub mod process;
pub mod proxy;
pub mod reading;
pub mod updates;
pub mod waiting;
