//! `/link`: a code in one chat, `/link CODE` in another, which is shown what it would join and asked; with Join it is in the first one's account.

use super::{
    Answer, Asked, administers,
    press::{Pressed, PressedKey},
};
use crate::{
    account::Tenancy,
    db::{
        account_summary, account_users, accounts, chat_turns,
        link::{self, Joined, Looked},
        outgoing,
    },
    ids::{ChatId, Conversation, ThreadId},
    queue::{self, Queue},
    reply::{Key, Keyboard, plain_parts},
    sign_in::{PLACE, Secret},
    telegram::ChatKind,
    texts::{self, account, joining},
};
use uuid::Uuid;

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    if asked.args.trim().is_empty() { give_out(asked).await } else { ask(asked).await }
}

/// A code is for who asks, and only the account's own administrators may let chats in: what it opens is everything that they share.
async fn give_out(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let (brain, chat, person) = (asked.brain, asked.at.chat, &asked.message.from);
    if let Tenancy::Temporary { .. } = asked.chat.tenancy {
        return Ok(account::LINK_NEEDS_REGISTER.to_owned().into());
    }
    let is_private = asked.message.chat.kind == ChatKind::Private;
    if !is_private && person.id == chat.0 {
        return Ok(account::LINK_IS_FOR_A_PERSON.to_owned().into());
    }
    if !account_users::administers(&brain.pool, ChatId(person.id), asked.chat.account).await? {
        return Ok(account::LINK_IS_FOR_ADMINISTRATORS.to_owned().into());
    }
    if !is_private && !accounts::is_reachable(&brain.pool, person.id).await? {
        return Ok(account::link_needs_a_private_chat(&person.name, &brain.bot.get().username).into());
    }
    let seed = Uuid::new_v4();
    let mut tx = brain.pool.begin().await?;
    if !link::give_out(&mut tx, &brain.prover, chat, &brain.prover.link_code(seed), brain.clock.now()).await?
    {
        return Ok(account::LINK_NEEDS_REGISTER.to_owned().into());
    }
    let (text, secret) = (account::link_code(PLACE), Secret::LinkCode(seed));
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
    Ok(account::LINK_WENT_TO_PRIVATE.to_owned().into())
}

/// A code may have come from anybody, with any promise: what it joins is shown before anything is joined.
async fn ask(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let (brain, chat, person) = (asked.brain, asked.at.chat, asked.message.from.id);
    let is_group = asked.message.chat.kind != ChatKind::Private;
    if is_group {
        match administers(brain, chat, person).await {
            Some(true) => {}
            Some(false) => return Ok(texts::administrators_only("link").into()),
            None => return Ok(texts::cannot_check_administrators("link").into()),
        }
    }
    let now = brain.clock.now();
    let text = match link::look(&brain.pool, &brain.prover, chat, asked.args, person, now).await? {
        Looked::Opens { account, key } => match account_summary::of_account(&brain.pool, account).await? {
            Some(account) => {
                let keyboard = Keyboard::row([
                    Key::new(joining::JOIN, format!("join:{key}")),
                    Key::new(joining::CANCEL, "join_no"),
                ]);
                let text = joining::before_linking(&account, is_group);
                return Ok(Answer { text, keyboard: Some(keyboard), ..Answer::default() });
            }
            None => account::WRONG_LINK_CODE.to_owned(),
        },
        Looked::Already => account::LINKED_ALREADY.into(),
        Looked::Elsewhere => account::LINKED_ELSEWHERE.into(),
        Looked::Wrong => account::WRONG_LINK_CODE.into(),
        Looked::TooMany(until) => account::too_many_link_codes(until - now),
    };
    Ok(text.into())
}

/// Join, under what was shown. What the chat is told comes with the joining itself.
pub(super) async fn pressed(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    let (brain, chat, person) = (pressed.brain, pressed.at.chat, pressed.button.from.id);
    let joined = link::use_code(&brain.pool, chat, pressed.args, person, brain.clock.now()).await?;
    let (toast, answer) = match joined {
        Joined::Now => {
            queue::wake(&brain.pool, Queue::Mail).await?;
            (Some(joining::JOINING), None)
        }
        Joined::Already => (None, Some(account::LINKED_ALREADY)),
        Joined::Elsewhere => (None, Some(account::LINKED_ELSEWHERE)),
        Joined::Gone => (None, Some(account::WRONG_LINK_CODE)),
    };
    let answer = answer.map(|text| text.to_owned().into());
    Ok(Pressed { toast: toast.map(Into::into), answer, settled: true })
}

#[expect(clippy::unused_async, reason = "presses are asynchronous, and this one changes nothing")]
pub(super) async fn pressed_cancel(_: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    Ok(Pressed { settled: true, ..Pressed::toast(joining::NOT_JOINED) })
}
