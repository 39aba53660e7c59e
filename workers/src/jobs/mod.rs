//! One file per job. Each reads like a recipe: load, decide, act, record.

mod answer_chat;
mod check_model;
mod purge_jobs;
mod set_webhook;
mod sweep;
