//! Signing in and reading through a server that others wrote: `@supabase/lite` speaks Supabase's protocols on a plain PostgreSQL that this
//! program has migrated.
//!
//! It wants Node.js and the packages of `package-lock.json` in `target/supabase`; `.ci/run supabase` brings both and runs these tests.

#[path = "../support/fakes/mod.rs"]
mod fakes;
#[path = "../support/mod.rs"]
mod support;

mod conformance;
mod lite;
mod pages;
mod sign_in;
