//! `/register`: a mail address makes the chat's account permanent. In a group it goes on in private, so that no address is posted.

use chrono::{DateTime, Utc};

use super::{Answer, Asked, press::Pressed, press::PressedKey};
use crate::{
    Brain,
    account::Tenancy,
    db::{
        account_users, accounts, chat_turns, outgoing,
        registrations::{self, Asked as Sent, Wish},
    },
    ids::{ChatId, Conversation, ThreadId},
    ports::mail::Mail,
    reply::{Key, Keyboard, plain_parts},
    sign_in::{self, PLACE, Secret},
    telegram::ChatKind,
    texts::registration as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    if matches!(asked.brain.mail, Mail::None) && asked.brain.supabase.is_none() {
        return Ok(texts::NO_MAIL.to_owned().into());
    }
    if asked.message.chat.kind == ChatKind::Private {
        return in_private(asked).await;
    }
    if asked.chat.tenancy == Tenancy::Permanent {
        return Ok(texts::GROUP_IS_PERMANENT.to_owned().into());
    }
    let text = texts::in_group(sign_in::address(asked.args).is_some());
    let keyboard = Some(Keyboard::row([Key::new(texts::GO_ON_IN_PRIVATE, "register")]));
    Ok(Answer { text, keyboard, ..Answer::default() })
}

/// For the chat of which the person was asked for an address last, or else this one.
async fn in_private(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let (brain, here, now) = (asked.brain, asked.at.chat, asked.brain.clock.now());
    let awaited = registrations::awaited(&brain.pool, here, now).await?;
    let is_elsewhere = awaited.as_ref().is_some_and(|(chat, _)| *chat != here);
    if asked.args.trim().is_empty() || !is_elsewhere {
        // A chat that came in by /link is permanent, and still nobody knows whose it is.
        let is_known = account_users::is_person_of(&brain.pool, here, asked.chat.account).await?;
        if asked.chat.tenancy == Tenancy::Permanent && is_known {
            return Ok(texts::IS_PERMANENT.to_owned().into());
        }
    }
    if asked.args.trim().is_empty() {
        registrations::expect_address(&brain.pool, here, here, now).await?;
        return Ok(texts::WHICH_ADDRESS.to_owned().into());
    }
    let Some(email) = sign_in::address(asked.args) else {
        return Ok(texts::BROKEN_ADDRESS.to_owned().into());
    };
    let chat = awaited.unwrap_or((here, String::new()));
    let wish = Wish { chat: chat.0, person: here, email: &email };
    Ok(match registrations::ask(&brain.pool, &brain.prover, &wish, now).await? {
        Sent::Sent(registration) => Answer {
            text: texts::mail_is_on_its_way(&email, PLACE, is_elsewhere.then_some(chat.1.as_str())),
            secret: Some(Secret::Digits(registration)),
            ..Answer::default()
        },
        Sent::AddressIsBusy(until) => texts::address_is_busy(until - now).into(),
        Sent::ChatIsBusy(until) => texts::chat_is_busy(until - now).into(),
    })
}

/// The key under the word in a group: the bot asks who pressed it, in private.
pub(super) async fn pressed(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    let (brain, person) = (pressed.brain, ChatId(pressed.button.from.id));
    if pressed.chat.tenancy == Tenancy::Permanent {
        return Ok(Pressed { settled: true, ..Pressed::toast(texts::GROUP_IS_PERMANENT) });
    }
    if !accounts::is_reachable(&brain.pool, person.0).await? {
        return Ok(Pressed::toast(texts::CANNOT_REACH));
    }
    let now = brain.clock.now();
    registrations::expect_address(&brain.pool, pressed.at.chat, person, now).await?;
    let name =
        registrations::awaited(&brain.pool, person, now).await?.map_or_else(String::new, |(_, name)| name);
    let mut tx = brain.pool.begin().await?;
    let to = Conversation { chat: person, thread: ThreadId(0) };
    for part in plain_parts(&texts::which_address_for(&name)) {
        outgoing::post(&mut tx, to, &part, None, None).await?;
    }
    chat_turns::call(&mut tx, person).await?;
    tx.commit().await?;
    Ok(Pressed::toast(texts::ASKED_IN_PRIVATE))
}

/// Whether a text in a private chat is the address that the bot has asked for.
///
/// # Errors
/// When the database does not answer.
pub async fn is_awaited_address(
    brain: &Brain,
    person: ChatId,
    text: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<bool> {
    Ok(sign_in::address(text).is_some() && registrations::awaited(&brain.pool, person, now).await?.is_some())
}
