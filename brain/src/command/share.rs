//! `/share <number>`: makes a private chat's fact known to all chats of the account.

use super::{Asked, facts::numbered};
use crate::{db::facts, memory::Scope, telegram::ChatKind, texts::memory as texts};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    if asked.message.chat.kind != ChatKind::Private {
        return Ok(texts::SHARE_IS_PRIVATE.into());
    }
    let Some(number) = numbered(asked.args) else { return Ok(texts::SHARE_WHAT.into()) };
    let (pool, account) = (&asked.brain.pool, asked.chat.account);
    let Some(fact) = facts::by_number(pool, account, asked.at.chat, number).await? else {
        return Ok(texts::NO_SUCH_FACT.into());
    };
    if fact.scope == Scope::Account {
        return Ok(texts::shared_already(&fact));
    }
    if fact.valid_to.is_some() {
        return Ok(texts::FACT_IS_PAST.into());
    }
    Ok(if facts::share(pool, account, fact.id).await? {
        texts::shared(&fact)
    } else {
        texts::shared_already(&fact)
    })
}
