//! Signing in and reading through a server that others wrote: `@supabase/lite` speaks Supabase's protocols on a plain PostgreSQL that this
//! program has migrated.
//!
//! It wants Node.js and the packages of `package-lock.json` in `target/supabase`; `.ci/run supabase` brings both and runs these tests.

#[path = "../support/database.rs"]
mod database;
#[path = "../support/fakes/smtp.rs"]
#[allow(dead_code, reason = "others use the rest of it")]
mod smtp;

mod conformance;
mod lite;
mod sign_in;
