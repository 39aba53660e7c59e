//! One update: what it is decides what is done with it.

use brain::{
    db::{
        accounts, chat_history,
        outcome::{self, Outcome},
        updates::{self, TakenUpdate},
    },
    ids::{Conversation, ThreadId},
    reply::plain_parts,
    telegram::{self, ChatKind, Incoming, Membership, Message, Service},
    texts,
};

use super::{Step, button, message, turn::Turn};

/// How often an update is taken. A worker that it kills cannot say so; the count was made before.
const MAX_TAKEN: u32 = 6;

/// Answers, remembers or ignores the update, and says how the turn goes on.
pub(super) async fn answer(turn: &Turn, update: &TakenUpdate) -> sqlx::Result<Step> {
    let root = Conversation { chat: turn.chat, thread: ThreadId(0) };
    if update.attempts > MAX_TAKEN {
        tracing::error!(
            chat.id = turn.chat.0,
            update.id = update.id.0,
            "an update is given up after its attempts"
        );
        updates::note_failure(
            turn.pool(),
            update.id,
            &"given up: its attempts ended without a result".into(),
        )
        .await?;
        let parts = plain_parts(texts::GAVE_UP);
        return finish(turn, update, root, Outcome { parts: &parts, ..nothing(turn, "given_up") }).await;
    }
    let incoming = telegram::parse(&update.body).unwrap_or_else(|malformed| {
        tracing::warn!(chat.id = turn.chat.0, update.id = update.id.0, error = %malformed, "an update cannot be read");
        Incoming::Ignored
    });
    match incoming {
        Incoming::Message(message) => match &message.service {
            None => message::answer(turn, update, &message).await,
            Some(service) => {
                news(turn, &message, service).await?;
                finish(turn, update, root, nothing(turn, "ignored")).await
            }
        },
        Incoming::Edited(message) => {
            if let Some(text) = message::remembered_text(&message) {
                let now = turn.brain().clock.now();
                chat_history::edit(turn.pool(), turn.chat, message.message_id, &text, now).await?;
            }
            let drops_body =
                message::may_hold_secret(&message) || message::quotes_secret(turn, &message).await?;
            finish(turn, update, root, Outcome { drops_body, ..nothing(turn, "remembered") }).await
        }
        Incoming::Membership(membership) => changed(turn, update, &membership).await,
        Incoming::Button(press) => button::answer(turn, update, &press).await,
        Incoming::Ignored => finish(turn, update, root, nothing(turn, "ignored")).await,
    }
}

/// Records the outcome; the turn goes on unless it was lost.
pub(super) async fn finish(
    turn: &Turn,
    update: &TakenUpdate,
    at: Conversation,
    outcome: Outcome<'_>,
) -> sqlx::Result<Step> {
    if outcome::record(turn.pool(), at, turn.fence, update.id, &outcome).await? {
        return Ok(Step::Done);
    }
    tracing::info!(
        chat.id = turn.chat.0,
        update.id = update.id.0,
        "the turn was lost; what was done for it is dropped"
    );
    Ok(Step::Lost)
}

/// An outcome that changes nothing but the update itself.
pub(super) fn nothing(turn: &Turn, word: &'static str) -> Outcome<'static> {
    Outcome {
        account: None,
        word,
        said: None,
        answer: None,
        parts: &[],
        reply_to: None,
        keyboard: None,
        secret: None,
        // A press quotes the message under which it was.
        drops_body: word == "button",
        document: None,
        settles: None,
        usage: None,
        now: turn.brain().clock.now(),
    }
}

/// A group became a supergroup; either side of the move may be heard first, and both do the same.
async fn news(turn: &Turn, message: &Message, service: &Service) -> sqlx::Result<()> {
    let here = brain::ids::ChatId(message.chat.id);
    match *service {
        Service::MigratedTo(new) => accounts::move_chat(turn.pool(), here, brain::ids::ChatId(new)).await,
        Service::MigratedFrom(old) => accounts::move_chat(turn.pool(), brain::ids::ChatId(old), here).await,
        _ => Ok(()),
    }
}

/// The bot was added, removed, blocked or unblocked.
async fn changed(turn: &Turn, update: &TakenUpdate, membership: &Membership) -> sqlx::Result<Step> {
    let is_in = membership.status.is_in();
    accounts::set_active(turn.pool(), turn.chat, is_in).await?;
    let at = Conversation { chat: turn.chat, thread: ThreadId(0) };
    let added = is_in && !membership.was.is_in() && membership.chat.kind != ChatKind::Private;
    if !added || !turn.brain().limits.allows(turn.chat) {
        return finish(turn, update, at, nothing(turn, "remembered")).await;
    }
    let name = membership.chat.title.as_deref().unwrap_or("Group");
    if let Err(step) = message::account(turn, at, &membership.chat, name, false).await? {
        return Ok(step);
    }
    let parts = plain_parts(texts::ADDED_TO_GROUP);
    finish(turn, update, at, Outcome { parts: &parts, ..nothing(turn, "answered") }).await
}
