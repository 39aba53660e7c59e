//! The keys under an invitation into an account, in the invited person's private chat.

use super::press::{Pressed, PressedKey};
use crate::{db::invitations, texts::joining as texts};

pub(super) async fn press_yes(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    answer(pressed, true).await
}

pub(super) async fn press_no(pressed: &PressedKey<'_>) -> sqlx::Result<Pressed> {
    answer(pressed, false).await
}

/// Only the chat's own person answers; whether they are the invited one is the database's to say.
async fn answer(pressed: &PressedKey<'_>, accept: bool) -> sqlx::Result<Pressed> {
    let (brain, chat) = (pressed.brain, pressed.at.chat);
    let answered = match pressed.args.parse() {
        Ok(invitation) if pressed.button.from.id == chat.0 => {
            invitations::answer(&brain.pool, invitation, chat, accept, brain.clock.now()).await?
        }
        _ => false,
    };
    let text = match (answered, accept) {
        (true, true) => texts::ACCEPTED,
        (true, false) => texts::DECLINED,
        (false, _) => texts::INVITATION_IS_OVER,
    };
    Ok(Pressed { answer: Some(text.to_owned().into()), settled: true, toast: None })
}
