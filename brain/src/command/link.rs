//! `/link`: a code in one chat, `/link CODE` in another, and the second joins the first one's account.

use super::Asked;
use crate::{
    account::Tenancy,
    db::{
        account_users, accounts, chat_turns,
        link::{self, Joined, Linked},
        outgoing,
    },
    ids::{ChatId, Conversation, ThreadId},
    reply::plain_parts,
    telegram::ChatKind,
    texts::account as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<String> {
    if asked.args.trim().is_empty() { give_out(asked).await } else { join(asked).await }
}

/// A code is for who asks: what it opens is everything that the account's chats share.
async fn give_out(asked: &Asked<'_>) -> sqlx::Result<String> {
    let (brain, chat, person) = (asked.brain, asked.at.chat, &asked.message.from);
    if let Tenancy::Temporary { .. } = asked.chat.tenancy {
        return Ok(texts::LINK_NEEDS_REGISTER.into());
    }
    let is_private = asked.message.chat.kind == ChatKind::Private;
    if is_private && !account_users::administers(&brain.pool, chat, asked.chat.account).await? {
        return Ok(texts::LINK_IS_FOR_ADMINISTRATORS.into());
    }
    if !is_private && person.id == chat.0 {
        return Ok(texts::LINK_IS_FOR_A_PERSON.into());
    }
    if !is_private && !accounts::is_reachable(&brain.pool, person.id).await? {
        return Ok(texts::link_needs_a_private_chat(&person.name, &brain.bot.get().username));
    }
    let code = link::new_code();
    let mut tx = brain.pool.begin().await?;
    if !link::give_out(&mut tx, chat, &code, brain.clock.now()).await? {
        return Ok(texts::LINK_NEEDS_REGISTER.into());
    }
    let text = texts::link_code(&code);
    if is_private {
        tx.commit().await?;
        return Ok(text);
    }
    let to = Conversation { chat: ChatId(person.id), thread: ThreadId(0) };
    for part in plain_parts(&text) {
        outgoing::post(&mut tx, to, &part, None, None).await?;
    }
    chat_turns::call(&mut tx, to.chat).await?;
    tx.commit().await?;
    Ok(texts::LINK_WENT_TO_PRIVATE.into())
}

async fn join(asked: &Asked<'_>) -> sqlx::Result<String> {
    let now = asked.brain.clock.now();
    Ok(
        match link::use_code(&asked.brain.pool, asked.at.chat, asked.args, asked.message.from.id, now).await?
        {
            Linked::Joined(Joined::Now) => texts::LINKED.into(),
            Linked::Joined(Joined::Already) => texts::LINKED_ALREADY.into(),
            Linked::Joined(Joined::Elsewhere) => texts::LINKED_ELSEWHERE.into(),
            Linked::Joined(Joined::Gone) | Linked::Wrong => texts::WRONG_LINK_CODE.into(),
            Linked::TooMany(until) => texts::too_many_link_codes(until - now),
        },
    )
}
