//! Signing in and reading through servers that others wrote: `@supabase/lite` speaks Supabase's protocols on a plain PostgreSQL that this
//! program has migrated.
//!
//! It wants Node.js and the packages of `package-lock.json` in `target/supabase`; `.ci/run supabase` brings both and runs these tests.

#[path = "../support/database.rs"]
#[allow(dead_code, reason = "shared with other binaries")]
mod database;
mod lite;
mod mailbox;

mod sign_in;
