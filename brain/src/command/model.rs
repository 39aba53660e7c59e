//! `/model`: which model answers, and in a private chat whether its words may go to the account's own.

use super::{Answer, Asked, Pressed, PressedKey};
use crate::{
    db::model_consents,
    model::Consent,
    reply::{Key, Keyboard},
    telegram::ChatKind,
    texts::{self, model as words},
};

pub(super) async fn run(asked: &Asked<'_>) -> sqlx::Result<Answer> {
    let decision = match asked.args.trim().to_lowercase().as_str() {
        "agree" => Some(true),
        "decline" => Some(false),
        _ => None,
    };
    let answers = asked.brain.model_name(&asked.chat.model);
    let is_private = asked.message.chat.kind == ChatKind::Private;
    let offer = match (&asked.chat.own_model, decision) {
        (None, Some(_)) => return Ok(words::NOTHING_TO_AGREE_TO.to_owned().into()),
        (Some(_), Some(_)) if !is_private => return Ok(words::GROUPS_ARE_THE_ACCOUNTS.to_owned().into()),
        (Some(offer), _) if is_private => offer,
        _ => return Ok(texts::model(&answers).into()),
    };
    let (brain, account, host) = (asked.brain, asked.chat.account, offer.own.host());
    let (chat, by, now) = (asked.at.chat, asked.message.from.id, brain.clock.now());
    if let Some(agreed) = decision {
        model_consents::decide(&brain.pool, account, chat, &host, agreed, by, now).await?;
        return Ok(words::own_decided(&host, agreed).into());
    }
    let text = words::own_and_here(offer, &answers);
    let mut connection = brain.pool.acquire().await?;
    // What is shown now is as good as the question.
    model_consents::ask(&mut connection, account, chat, &host, now).await?;
    let question = model_consents::question(&mut connection, account, chat).await?;
    let keyboard = question.map(|question| {
        let key = if offer.consent == Consent::Agreed { decline_key } else { agree_key };
        Keyboard::row([key(question)])
    });
    Ok(Answer { text, keyboard, ..Answer::default() })
}

/// The keys under the question with this number.
#[must_use]
pub fn consent_keys(question: i64) -> Keyboard {
    Keyboard(vec![vec![agree_key(question)], vec![decline_key(question)]])
}

fn agree_key(question: i64) -> Key {
    Key::new(words::AGREE, format!("model_agree:{question}"))
}

fn decline_key(question: i64) -> Key {
    Key::new(words::DECLINE, format!("model_decline:{question}"))
}

pub(super) async fn press_agree(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    press(pressed, true).await
}

pub(super) async fn press_decline(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    press(pressed, false).await
}

/// Decides on the server that the question named, if that is still the account's.
async fn press(pressed: &PressedKey<'_>, agreed: bool) -> sqlx::Result<Pressed> {
    let (brain, account, chat) = (pressed.brain, pressed.chat.account, pressed.at.chat);
    let question = pressed.args.parse().unwrap_or(0);
    let asked_of = model_consents::asked_of(&brain.pool, account, chat, question).await?;
    let now_at = pressed.chat.own_model.as_ref().map(|offer| offer.own.host());
    let Some(host) = asked_of.filter(|host| now_at.as_ref() == Some(host)) else {
        return Ok(Pressed { settled: true, ..Pressed::toast(words::ASKED_ANEW) });
    };
    let (by, now) = (pressed.button.from.id, brain.clock.now());
    model_consents::decide(&brain.pool, account, chat, &host, agreed, by, now).await?;
    Ok(Pressed { answer: Some(words::own_decided(&host, agreed).into()), settled: true, toast: None })
}
