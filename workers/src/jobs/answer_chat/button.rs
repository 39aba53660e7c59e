//! A press of a key under one of our messages: done within the chat's turn like everything, confirmed afterwards.

use brain::{
    command::{self, Pressed},
    db::{accounts, outcome::Outcome, outgoing, updates::TakenUpdate},
    ids::{Conversation, ThreadId},
    reply::plain_parts,
    telegram::Button,
    texts,
};

use super::{
    Step,
    incoming::{finish, nothing},
    turn::Turn,
};

/// Does what the key says and records it. Only then Telegram is told, on a task of its own: neither the waiting of the key nor
/// its disappearance are worth holding anything up.
pub(super) async fn answer(turn: &Turn, update: &TakenUpdate, button: &Button) -> sqlx::Result<Step> {
    let brain = turn.brain();
    let message = outgoing::with_keys(turn.pool(), turn.chat, button.message_id).await?;
    let thread = message.as_ref().map_or(ThreadId(0), |message| message.thread);
    let at = Conversation { chat: turn.chat, thread };
    let chat = if brain.limits.allows(turn.chat) {
        let now = brain.clock.now();
        accounts::of_chat(turn.pool(), at, now).await?.filter(|chat| !chat.tenancy.is_over(now))
    } else {
        None
    };
    let pressed = match &chat {
        Some(chat) => command::pressed(brain, at, button, chat, message.as_ref()).await?,
        None => Pressed::toast(texts::BUTTON_IS_TOO_OLD),
    };
    let answer = pressed.answer.unwrap_or_default();
    let parts = plain_parts(&answer.text);
    let outcome = Outcome {
        account: chat.map(|chat| chat.account),
        parts: &parts,
        keyboard: answer.keyboard.as_ref(),
        secret: answer.secret.as_ref(),
        document: answer.document.as_ref(),
        settles: pressed.settled.then_some(button.message_id),
        ..nothing(turn, "button")
    };
    let step = finish(turn, update, at, outcome).await?;
    if let Step::Done = step {
        confirm(turn, button, pressed.toast, pressed.settled);
    }
    Ok(step)
}

fn confirm(turn: &Turn, button: &Button, toast: Option<String>, settled: bool) {
    let (telegram, chat) = (turn.brain().telegram.clone(), turn.chat);
    let (press, message_id) = (button.id.clone(), button.message_id);
    tokio::spawn(async move {
        if let Err(error) = telegram.answer_callback_query(&press, toast.as_deref()).await {
            tracing::debug!(chat.id = chat.0, error = %error, "a press was not confirmed");
        }
        if settled && let Err(error) = telegram.edit_message_reply_markup(chat, message_id).await {
            tracing::debug!(chat.id = chat.0, error = %error, "keys were not removed");
        }
    });
}
