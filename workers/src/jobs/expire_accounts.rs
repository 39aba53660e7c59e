//! `expire_accounts`: reminds people whose temporary account ends soon, and deletes the accounts that have ended.

use std::time::Duration;

use crate::{context::Context, error::JobError, registry::Run};
use brain::{
    db::expiry,
    ids::{AccountId, ChatId},
    jobs::ExpireAccounts,
    queue,
    reply::plain_parts,
    texts,
};

impl Run for ExpireAccounts {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let (pool, now) = (&context.brain.pool, context.brain.clock.now());
        let words = |expires_at, now| plain_parts(&texts::account::ends_soon(expires_at, now));
        while let Some(account) = expiry::remind_next(pool, now, words).await? {
            tracing::info!(account.id = account.0, "reminded that the account ends");
            queue::wake(pool, queue::Queue::Replies).await?;
            if context.stopping.is_cancelled() {
                return Err(JobError::snooze(Duration::ZERO));
            }
        }
        let mut last = AccountId(0);
        while let Some((account, chat)) = expiry::next(pool, last, now).await? {
            if !expire(context, account, chat).await? {
                return Err(JobError::snooze(Duration::ZERO));
            }
            last = account;
        }
        Ok(())
    }
}

/// Deletes what is kept of an account that has ended. `false`: the process is to stop, and there is more.
pub(super) async fn expire(context: &Context, account: AccountId, chat: ChatId) -> sqlx::Result<bool> {
    let (pool, now) = (&context.brain.pool, context.brain.clock.now());
    while !expiry::delete_step(pool, account, chat, now).await? {
        if context.stopping.is_cancelled() {
            return Ok(false);
        }
    }
    tracing::info!(account.id = account.0, "the account has ended");
    Ok(true)
}
