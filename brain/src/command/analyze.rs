//! `/analyze`: reads what is new at once, and reports when it is done.

use super::Asked;
use crate::{
    db::{analysis, reading},
    jobs::AnalyzeAccount,
    queue::{self, Queue},
    texts::memory as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    let (pool, account) = (&asked.brain.pool, asked.chat.account);
    if reading::unread(pool, account).await?.is_empty() {
        return Ok(texts::NOTHING_NEW.into());
    }
    analysis::request(pool, account, asked.at).await?;
    let job = AnalyzeAccount { account_id: Some(account) };
    queue::enqueue(&mut *pool.acquire().await?, &job, None).await?;
    queue::wake(pool, Queue::Extraction).await?;
    let day = asked.chat.limits.or(asked.brain.limits.of(asked.chat.tenancy));
    let tomorrow = asked.chat.model.is_operators() && day.is_read_up(asked.chat.used);
    Ok(texts::analysing(tomorrow))
}
