//! `/fix <number> <words>`, and the keys under an announced fact: what people do about a single fact.

use super::{
    Asked,
    press::{Pressed, PressedKey},
};
use crate::{
    Brain,
    db::facts,
    ids::{AccountId, ChatId},
    memory::Fact,
    texts::memory as texts,
};

/// The longest fact, in characters, as of those that the model writes.
const LONGEST: usize = 400;

/// The number that an argument begins with: `12`, `#12`, `12.`.
pub(super) fn numbered(args: &str) -> Option<i32> {
    args.split_whitespace().next()?.trim_matches(|c: char| !c.is_ascii_digit()).parse().ok()
}

/// A fact that may be changed here, or the words why not: it must exist, and have been learned in this chat.
pub(super) async fn changeable(
    brain: &Brain,
    account: AccountId,
    chat: ChatId,
    number: i32,
) -> sqlx::Result<Result<Fact, &'static str>> {
    let fact = facts::by_number(&brain.pool, account, chat, number).await?;
    Ok(match fact {
        None => Err(texts::NO_SUCH_FACT),
        Some(fact) if fact.learned_in != chat => Err(texts::LEARNED_ELSEWHERE),
        Some(fact) => Ok(fact),
    })
}

pub(super) async fn fix(asked: &Asked<'_>) -> sqlx::Result<String> {
    let Some((number, words)) = asked.args.split_once(char::is_whitespace) else {
        return Ok(texts::FIX_HOW.into());
    };
    let words = words.replace('\0', "").split_whitespace().collect::<Vec<_>>().join(" ");
    let Some(number) = numbered(number).filter(|_| !words.is_empty()) else {
        return Ok(texts::FIX_HOW.into());
    };
    if words.chars().count() > LONGEST {
        return Ok(texts::FIX_TOO_LONG.into());
    }
    let fact = match changeable(asked.brain, asked.chat.account, asked.at.chat, number).await? {
        Ok(fact) => fact,
        Err(why) => return Ok(why.into()),
    };
    if fact.valid_to.is_some() {
        return Ok(texts::FACT_IS_PAST.into());
    }
    if !facts::reword(&asked.brain.pool, fact.id, &words).await? {
        return Ok(texts::FIX_KNOWN.into());
    }
    Ok(texts::fixed(fact.number, &words))
}

pub(super) async fn press_keep(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    let fact = match pressed_fact(pressed).await? {
        Ok(fact) => fact,
        Err(why) => return Ok(Pressed::toast(why)),
    };
    facts::confirm(&pressed.brain.pool, fact.id).await?;
    Ok(Pressed { settled: true, ..Pressed::toast(texts::KEPT) })
}

pub(super) async fn press_fix(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    Ok(match pressed_fact(pressed).await? {
        Ok(fact) => Pressed { answer: Some(texts::fix_like_this(fact.number).into()), ..Pressed::default() },
        Err(why) => Pressed::toast(why),
    })
}

/// The fact whose number stands in the key.
pub(super) async fn pressed_fact(pressed: &PressedKey<'_>) -> sqlx::Result<Result<Fact, &'static str>> {
    match numbered(pressed.args) {
        Some(number) => changeable(pressed.brain, pressed.chat.account, pressed.at.chat, number).await,
        None => Ok(Err(texts::NO_SUCH_FACT)),
    }
}
