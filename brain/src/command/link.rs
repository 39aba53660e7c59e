//! `/link`: a code in one chat, `/link CODE` in another, and the second joins the first one's account.

use super::{Answer, Asked};
use crate::{
    account::Tenancy,
    db::{
        account_users, accounts, chat_turns,
        link::{self, Joined, Linked},
        outgoing,
    },
    ids::{ChatId, Conversation, ThreadId},
    reply::plain_parts,
    sign_in::{PLACE, Secret},
    telegram::ChatKind,
    texts::account as texts,
};
use uuid::Uuid;

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    if asked.args.trim().is_empty() { give_out(asked).await } else { join(asked).await.map(Answer::from) }
}

/// A code is for who asks: what it opens is everything that the account's chats share.
async fn give_out(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let (brain, chat, person) = (asked.brain, asked.at.chat, &asked.message.from);
    if let Tenancy::Temporary { .. } = asked.chat.tenancy {
        return Ok(texts::LINK_NEEDS_REGISTER.to_owned().into());
    }
    let is_private = asked.message.chat.kind == ChatKind::Private;
    if is_private && !account_users::administers(&brain.pool, chat, asked.chat.account).await? {
        return Ok(texts::LINK_IS_FOR_ADMINISTRATORS.to_owned().into());
    }
    if !is_private && person.id == chat.0 {
        return Ok(texts::LINK_IS_FOR_A_PERSON.to_owned().into());
    }
    if !is_private && !accounts::is_reachable(&brain.pool, person.id).await? {
        return Ok(texts::link_needs_a_private_chat(&person.name, &brain.bot.get().username).into());
    }
    let seed = Uuid::new_v4();
    let mut tx = brain.pool.begin().await?;
    if !link::give_out(&mut tx, &brain.prover, chat, &brain.prover.link_code(seed), brain.clock.now()).await?
    {
        return Ok(texts::LINK_NEEDS_REGISTER.to_owned().into());
    }
    let (text, secret) = (texts::link_code(PLACE), Secret::LinkCode(seed));
    if is_private {
        tx.commit().await?;
        return Ok(Answer { text, secret: Some(secret), ..Answer::default() });
    }
    let to = Conversation { chat: ChatId(person.id), thread: ThreadId(0) };
    for part in plain_parts(&text) {
        outgoing::post_secret(&mut tx, to, &part, &secret).await?;
    }
    chat_turns::call(&mut tx, to.chat).await?;
    tx.commit().await?;
    Ok(texts::LINK_WENT_TO_PRIVATE.to_owned().into())
}

async fn join(asked: &Asked<'_>) -> sqlx::Result<String> {
    let now = asked.brain.clock.now();
    Ok(
        match link::use_code(
            &asked.brain.pool,
            &asked.brain.prover,
            asked.at.chat,
            asked.args,
            asked.message.from.id,
            now,
        )
        .await?
        {
            Linked::Joined(Joined::Now) => texts::LINKED.into(),
            Linked::Joined(Joined::Already) => texts::LINKED_ALREADY.into(),
            Linked::Joined(Joined::Elsewhere) => texts::LINKED_ELSEWHERE.into(),
            Linked::Joined(Joined::Gone) | Linked::Wrong => texts::WRONG_LINK_CODE.into(),
            Linked::TooMany(until) => texts::too_many_link_codes(until - now),
        },
    )
}
