//! `/forget <number|words>` and `/forget all`: shows what would go, and deletes it for real once that is confirmed.

use super::{
    Answer, Asked,
    facts::{changeable, numbered, pressed_fact},
    press::{Pressed, PressedKey},
};
use crate::{
    Brain,
    db::{facts, forget},
    ids::{AccountId, ChatId},
    memory::{Fact, fingerprint},
    reply::{Key, Keyboard},
    texts::memory as texts,
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let (brain, account, chat) = (asked.brain, asked.chat.account, asked.at.chat);
    let args = asked.args.split_whitespace().collect::<Vec<_>>().join(" ");
    if args.is_empty() {
        return Ok(texts::FORGET_WHAT.to_owned().into());
    }
    if args.eq_ignore_ascii_case(texts::FORGET_ALL_WORDS) {
        let receipt =
            forget::everything(&brain.pool, account, chat, asked.message.from.id, brain.clock.now()).await?;
        return Ok(texts::all_forgotten(&receipt, brain.clock.now()).into());
    }
    if args.eq_ignore_ascii_case("all") || args.to_lowercase().starts_with("all yes") {
        return Ok(texts::FORGET_ALL.to_owned().into());
    }
    if let Some(number) = numbered(&args).filter(|_| args.split(' ').count() == 1) {
        return match changeable(brain, account, chat, number).await? {
            Ok(fact) => question(brain, account, chat, &fact).await,
            Err(why) => Ok(why.to_owned().into()),
        };
    }
    let found = find(brain, account, chat, &args).await?;
    match found.as_slice() {
        [fact] if fact.learned_in == chat => question(brain, account, chat, fact).await,
        [_] => Ok(texts::LEARNED_ELSEWHERE.to_owned().into()),
        several => Ok(texts::forget_which(several).into()),
    }
}

/// The facts that have all of these words, or words that begin like them.
async fn find(brain: &Brain, account: AccountId, chat: ChatId, words: &str) -> sqlx::Result<Vec<Fact>> {
    let wanted = fingerprint(words);
    let known = facts::with_sources(&brain.pool, account, chat).await?;
    let has = |fact: &Fact| {
        let words = fingerprint(&fact.text);
        wanted.split(' ').all(|wanted| words.split(' ').any(|word| word.starts_with(wanted)))
    };
    Ok(known.into_iter().map(|sourced| sourced.fact).filter(has).collect())
}

/// What would go, and the keys that say whether it should.
async fn question(brain: &Brain, account: AccountId, chat: ChatId, fact: &Fact) -> sqlx::Result<Answer> {
    let plan = forget::plan(&brain.pool, account, chat, fact.id).await?;
    let number = fact.number;
    let mut rows = vec![vec![Key::new("Forget it", format!("forget_now:{number}"))]];
    if plan.messages > 0 {
        rows.push(vec![Key::new("Forget it and its messages", format!("forget_with:{number}"))]);
    }
    rows.push(vec![Key::new("Keep it", "forget_no")]);
    Ok(Answer { keyboard: Some(Keyboard(rows)), ..texts::forget_this(&plan).into() })
}

/// Forget, under an announced fact: asks first.
pub(super) async fn press(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    Ok(match pressed_fact(pressed).await? {
        Ok(fact) => {
            let question = question(pressed.brain, pressed.chat.account, pressed.at.chat, &fact).await?;
            Pressed { answer: Some(question), ..Pressed::default() }
        }
        Err(why) => Pressed::toast(why),
    })
}

pub(super) async fn press_now(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    forget_pressed(pressed, false).await
}

pub(super) async fn press_with(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    forget_pressed(pressed, true).await
}

#[expect(clippy::unused_async, reason = "presses are asynchronous, and this one changes nothing")]
pub(super) async fn press_no(_: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    Ok(Pressed { settled: true, ..Pressed::toast(texts::NOTHING_FORGOTTEN) })
}

async fn forget_pressed(pressed: &PressedKey<'_>, with_messages: bool) -> sqlx::Result<Pressed> {
    let (brain, account, chat) = (pressed.brain, pressed.chat.account, pressed.at.chat);
    let fact = match pressed_fact(pressed).await? {
        Ok(fact) => fact,
        Err(why) => return Ok(Pressed { settled: true, ..Pressed::toast(why) }),
    };
    let (by, now) = (pressed.button.from.id, brain.clock.now());
    let receipt = forget::fact(&brain.pool, account, chat, fact.id, with_messages, by, now).await?;
    Ok(Pressed { answer: Some(texts::forgotten(&receipt).into()), settled: true, toast: None })
}
