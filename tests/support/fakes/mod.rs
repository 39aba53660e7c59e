//! Telegram and a language model as HTTP servers on loopback, for the flow tests and the benchmark.
//!
//! The real clients talk to them, from this process or from another: the address is all that they need.
//! Each fake lives on the runtime that started it and goes down, with its connections, when it is dropped.
#![allow(dead_code, reason = "several binaries share the fakes, and none calls every part of them")]

pub mod http;
pub mod llm;
pub mod log;
pub mod smtp;
pub mod telegram;
