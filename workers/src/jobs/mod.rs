//! One file per job. Each reads like a recipe: load, decide, act, record.

mod analyze_account;
mod answer_chat;
mod check_model;
mod expire_accounts;
mod import_files;
mod promote_tiers;
mod purge_jobs;
mod read_messages;
mod send_link;
mod send_notice;
mod set_webhook;
mod summarize_chat;
mod sweep;
mod tell_model;
mod tell_operators;
mod tell_registered;
