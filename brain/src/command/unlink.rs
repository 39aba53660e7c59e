//! `/unlink`: takes this chat out of its account. Who came by a code need not ask anybody to get out again.

use super::{
    Answer, Asked, may_change_account,
    press::{Pressed, PressedKey},
};
use crate::{
    Brain,
    account::Tenancy,
    db::{accounts::ChatAccount, link},
    ids::ChatId,
    queue::{self, Queue},
    reply::{Key, Keyboard},
    texts::account as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    if let Tenancy::Temporary { .. } = asked.chat.tenancy {
        return Ok(texts::UNLINK_IS_TEMPORARY.to_owned().into());
    }
    if !may(asked.brain, asked.at.chat, asked.message.from.id, asked.chat).await? {
        return Ok(texts::UNLINK_IS_FOR_ADMINISTRATORS.to_owned().into());
    }
    let keyboard = Some(Keyboard::row([Key::new(texts::UNLINK_NOW, "unlink")]));
    Ok(Answer { text: texts::UNLINK_ASKS.into(), keyboard, ..Answer::default() })
}

/// A private chat is its person's to take out, a group the account's administrators'.
async fn may(brain: &Brain, here: ChatId, person: i64, chat: &ChatAccount) -> sqlx::Result<bool> {
    Ok(!here.is_group() || may_change_account(brain, here, person, chat).await? == Some(true))
}

/// The chat's turn goes with the chat: this press is answered once more in its new account, where there is nothing left to leave.
pub(super) async fn pressed(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    let (brain, chat, person) = (pressed.brain, pressed.at.chat, pressed.button.from.id);
    if let Tenancy::Temporary { .. } = pressed.chat.tenancy {
        return Ok(Pressed { settled: true, ..Pressed::toast(texts::UNLINKED) });
    }
    if !may(brain, chat, person, pressed.chat).await? {
        return Ok(Pressed::toast(texts::UNLINK_IS_FOR_ADMINISTRATORS));
    }
    if !link::unlink(&brain.pool, chat, pressed.chat.account, person, brain.clock.now()).await? {
        return Ok(Pressed::toast(texts::UNLINK_LATER));
    }
    queue::wake(&brain.pool, Queue::Mail).await?;
    Ok(Pressed { settled: true, ..Pressed::toast(texts::UNLINKED) })
}
