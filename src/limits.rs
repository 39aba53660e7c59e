//! `pykhbrain limits --account N [--messages M] [--tokens T]`: what an account may use of the operator's model in a day.

use std::str::FromStr;

use anyhow::Context as _;
use brain::{
    account::OwnLimits,
    config::{Env, Limits, Role},
    db::accounts,
    ids::AccountId,
};
use clap::Args;

use crate::config;

#[derive(Args)]
pub(crate) struct Options {
    /// The account's number.
    #[arg(long)]
    account: i64,
    /// Answers a day; `default`: as many as all accounts of its kind.
    #[arg(long)]
    messages: Option<Limit<u32>>,
    /// Tokens a day; `default`: as many as all accounts of its kind.
    #[arg(long)]
    tokens: Option<Limit<u64>>,
}

/// A number, or what holds for all.
#[derive(Clone, Copy)]
struct Limit<N>(Option<N>);

impl<N: FromStr> FromStr for Limit<N> {
    type Err = N::Err;

    fn from_str(text: &str) -> Result<Self, N::Err> {
        if text == "default" { Ok(Self(None)) } else { text.parse().map(|number| Self(Some(number))) }
    }
}

pub(crate) async fn run(env: &Env, options: &Options) -> anyhow::Result<()> {
    let (pool, limits) = (config::pool(env, Role::Command)?, Limits::from_env(env)?);
    let account = AccountId(options.account);
    let standing = accounts::standing(&pool, account).await?;
    let (tenancy, before) = standing.with_context(|| format!("there is no account {account}"))?;
    let own = OwnLimits {
        messages: options.messages.map_or(before.messages, |limit| limit.0),
        tokens: options.tokens.map_or(before.tokens, |limit| limit.0),
    };
    if own != before {
        accounts::set_limits(&pool, account, own).await?;
    }
    let day = own.or(limits.of(tenancy));
    println!("Account {account}: {} answers, {} tokens a day (UTC)", day.messages, day.tokens);
    Ok(())
}
