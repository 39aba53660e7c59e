//! `pykhbrain login-link --email E`: a link that signs somebody in, for an operator who helps. Nothing is mailed.

use anyhow::Context as _;
use brain::{
    clock::Clock,
    config::{Env, Role, ServerConfig, SupabaseConfig},
    db::{account_users, sign_in_links},
    ports::supabase::Auth,
    sign_in::{self, Prover},
};
use clap::Args;
use secrecy::ExposeSecret;

use crate::config;

#[derive(Args)]
pub(crate) struct Options {
    /// Whose link; an address that is in an account.
    #[arg(long)]
    email: String,
}

pub(crate) async fn run(env: &Env, options: &Options) -> anyhow::Result<()> {
    let email = sign_in::address(&options.email).context("--email must be a mail address")?;
    let (pool, public_url) = (config::pool(env, Role::Command)?, ServerConfig::from_env(env)?.public_url);
    let accounts = account_users::accounts_of(&pool, &email).await?;
    anyhow::ensure!(!accounts.is_empty(), "this address is in no account: /register in a chat makes one");
    let (token, kind) = if let Some(project) = SupabaseConfig::from_env(env)? {
        let link = Auth::new(&project)?.one_time_link(&email).await?;
        (link.token_hash.expose_secret().to_owned(), link.kind.to_string())
    } else {
        let (prover, now) = (Prover::new(&config::seal(env)?), Clock::system().now());
        (prover.token(sign_in_links::make(&pool, &prover, None, &email, now).await?), "magiclink".to_owned())
    };
    println!("{}", sign_in_links::address(&public_url, &token, &kind, None));
    Ok(())
}
