//! A message of a person: remembered always, answered where the bot is meant.

use brain::{
    account::{TEMPORARY_LIFE, Tenancy},
    command::{self, is_awaited_address, parse::Invocation},
    db::{
        accounts::{self, ChatAccount},
        migration_mapping,
        outcome::{Outcome, SaidByPerson},
        outgoing,
        updates::{self, TakenUpdate},
    },
    ids::{Conversation, ThreadId},
    model::Consent,
    ports::llm::{FORWARDED, Quoted},
    queue::{self, Queue},
    reply::plain_parts,
    sign_in::without_tokens,
    telegram::{Chat, ChatKind, Media, Message, is_addressed, without_mention},
    texts,
};

use super::{
    Step,
    deliver::deliver,
    incoming::{finish, nothing},
    reply,
    turn::Turn,
};
use crate::jobs::{expire_accounts::expire, tell_model::introduce};

/// Remembers the message and answers it where the bot is meant.
pub(super) async fn answer(turn: &Turn, update: &TakenUpdate, message: &Message) -> sqlx::Result<Step> {
    let brain = turn.brain();
    let at = Conversation { chat: turn.chat, thread: ThreadId(message.thread_id.unwrap_or(0)) };
    let command = message.command(&brain.bot.get());
    if !brain.limits.allows(turn.chat) {
        let drops_body = may_hold_secret(message);
        let parts = command.map(|_| plain_parts(&texts::not_allowed(turn.chat))).unwrap_or_default();
        return finish(turn, update, at, Outcome { parts: &parts, drops_body, ..nothing(turn, "ignored") })
            .await;
    }

    let is_private = message.chat.kind == ChatKind::Private;
    let greet = is_private && command.as_ref().is_none_or(|command| command.name != "start");
    let name = message.chat.title.as_deref().unwrap_or(&message.from.name);
    let known = match account(turn, at, &message.chat, name, greet).await? {
        Ok(known) => known,
        Err(Step::GiveBack) => {
            updates::uncount_attempt(turn.pool(), update.id).await?;
            return Ok(Step::GiveBack);
        }
        Err(step) => return Ok(step),
    };
    let chat = &known.chat;
    if chat.own_model.is_none() {
        brain.models.forget(chat.account);
    }
    if !chat.is_active {
        accounts::set_active(turn.pool(), turn.chat, true).await?;
    }
    if known.greeted {
        // The welcome should not wait for the model.
        let step = deliver(turn).await?;
        let Step::Done = step else {
            updates::uncount_attempt(turn.pool(), update.id).await?;
            return Ok(step);
        };
    }

    let command = match (command, &message.text) {
        (None, Some(text))
            if is_private && is_awaited_address(brain, turn.chat, text, brain.clock.now()).await? =>
        {
            Some(Invocation { name: "register".into(), args: text.clone() })
        }
        (command, _) => command,
    };
    let reply_to = (!is_private).then_some(message.message_id);
    let quotes_secret = quotes_secret(turn, message).await?;
    let drops_body = quotes_secret || command.is_some() || may_hold_secret(message);
    let outcome =
        Outcome { account: Some(chat.account), reply_to, drops_body, ..nothing(turn, "remembered") };
    if let Some(command) = command {
        let answer = command::answer(brain, at, message, chat, &command).await?;
        let parts = plain_parts(&answer.text);
        let outcome = Outcome {
            parts: &parts,
            keyboard: answer.keyboard.as_ref(),
            secret: answer.secret.as_ref(),
            document: answer.document.as_ref(),
            word: "command",
            ..outcome
        };
        return finish(turn, update, at, outcome).await;
    }
    let Some(said) = said(turn, update, message) else {
        return finish(turn, update, at, Outcome { word: "ignored", ..outcome }).await;
    };
    let kept = Outcome { said: Some(&said), ..outcome };
    if !is_addressed(message, &brain.bot.get(), chat.respond_to) {
        return finish(turn, update, at, kept).await;
    }
    if let (None, Some(media)) = (&message.text, &message.media) {
        let parts = plain_parts(&texts::unknown_media(media));
        return finish(turn, update, at, Outcome { parts: &parts, word: "answered", ..kept }).await;
    }
    let unasked = chat.own_model.as_ref().filter(|offer| offer.consent == Consent::Unasked);
    if let Some(offer) = unasked.filter(|_| turn.chat.is_group()) {
        // Its people are to know before their words go there.
        introduce(brain, chat.account, turn.chat, &offer.own.host()).await?;
        let step = deliver(turn).await?;
        let Step::Done = step else {
            updates::uncount_attempt(turn.pool(), update.id).await?;
            return Ok(step);
        };
    }
    let step =
        reply::answer(turn, update, &reply::Question { at, chat, message, quotes_secret, kept }).await?;
    if let (Step::Done, Some(offer)) = (&step, unasked.filter(|_| !turn.chat.is_group())) {
        introduce(brain, chat.account, turn.chat, &offer.own.host()).await?;
    }
    Ok(step)
}

/// What the message adds to the history; `None` where there is nothing to keep.
fn said(turn: &Turn, update: &TakenUpdate, message: &Message) -> Option<SaidByPerson> {
    Some(SaidByPerson {
        text: remembered_text(message)?,
        at: message.sent_at.unwrap_or(update.received_at).min(turn.brain().clock.now()),
        message_id: message.message_id,
        speaker_id: message.from.id,
        speaker_name: message.from.name.clone(),
    })
}

/// A chat's account, and whether the welcome has just been put into the outbox.
pub(super) struct Known {
    pub(super) chat: ChatAccount,
    greeted: bool,
}

/// The chat's account; a chat without one gets a temporary one, and the welcome with it. One whose time is over goes first, with
/// all that is kept of it. A step: the turn was lost, or the process ends meanwhile.
pub(super) async fn account(
    turn: &Turn,
    at: Conversation,
    chat: &Chat,
    name: &str,
    greet: bool,
) -> sqlx::Result<Result<Known, Step>> {
    let now = turn.brain().clock.now();
    if let Some(chat) = accounts::of_chat(turn.pool(), at, now).await? {
        if !chat.tenancy.is_over(now) {
            return Ok(Ok(Known { chat, greeted: false }));
        }
        if !expire(&turn.context, chat.account, turn.chat).await? {
            return Ok(Err(Step::GiveBack));
        }
    }
    let is_known_elsewhere = turn.brain().is_known_elsewhere(turn.chat).await;
    let mut tx = turn.pool().begin().await?;
    let expires_at = now + TEMPORARY_LIFE;
    let created =
        accounts::create_temporary(&mut tx, turn.chat, turn.fence, chat.kind, name, now, expires_at).await?;
    let greeted = created && greet;
    if greeted {
        for part in plain_parts(&texts::welcome(Tenancy::Temporary { expires_at })) {
            outgoing::post(&mut tx, at, &part, None, None).await?;
        }
    }
    if created && is_known_elsewhere {
        migration_mapping::expect(&mut tx, turn.chat).await?;
    }
    tx.commit().await?;
    if created && is_known_elsewhere {
        queue::wake(turn.pool(), Queue::Imports).await?;
    }
    let chat = accounts::of_chat(turn.pool(), at, now).await?;
    Ok(chat.map(|chat| Known { chat, greeted }).ok_or(Step::Lost))
}

/// The text as it is remembered: media named, a forward marked as another's words. `None` where there is nothing to keep.
pub(super) fn remembered_text(message: &Message) -> Option<String> {
    let media = message.media.as_ref().map(|media| format!("[{}]", media_name(media)));
    let text = message.text.as_deref().map(without_tokens);
    let text = match (media, text) {
        (None, None) => return None,
        (None, Some(text)) => text,
        (Some(media), None) => media,
        (Some(media), Some(text)) => format!("{media} {text}"),
    };
    Some(match &message.forwarded_from {
        Some(author) => format!("{FORWARDED}{author}] {text}"),
        None => text,
    })
}

/// What the model is asked: the remembered text without the bot's own name in it.
pub(super) fn asked_text(turn: &Turn, message: &Message) -> String {
    let text = remembered_text(message).unwrap_or_default();
    let asked = without_mention(&text, &turn.brain().bot.get());
    // A mention and nothing else is still said to somebody.
    if asked.trim().is_empty() { text } else { asked }
}

/// Whether a message may hold a code or a link that opens something: commands do.
pub(super) fn may_hold_secret(message: &Message) -> bool {
    message
        .text
        .as_deref()
        .is_some_and(|text| text.trim_start().starts_with('/') || without_tokens(text) != text)
}

/// Whether the message replies to one of ours that shows a link or a code, which Telegram then brings along.
pub(super) async fn quotes_secret(turn: &Turn, message: &Message) -> sqlx::Result<bool> {
    match &message.reply_to {
        Some(reply) if reply.from_is_bot => {
            outgoing::shows_secret(turn.pool(), turn.chat, reply.message_id).await
        }
        _ => Ok(false),
    }
}

/// The message that this one replies to.
pub(super) fn quoted(message: &Message) -> Option<Quoted> {
    let reply = message.reply_to.as_ref()?;
    let text: String = without_tokens(reply.text.as_deref()?).chars().take(1000).collect();
    Some(Quoted { author: (!reply.from_is_bot).then(|| reply.from_name.clone()), text })
}

fn media_name(media: &Media) -> String {
    match media {
        Media::Photo => "photo".into(),
        Media::Video | Media::VideoNote => "video".into(),
        Media::Voice => "voice message".into(),
        Media::Audio => "audio".into(),
        Media::Document => "file".into(),
        Media::Sticker(Some(emoji)) => format!("sticker {emoji}"),
        Media::Sticker(None) => "sticker".into(),
        Media::Animation => "animation".into(),
        Media::Location => "place".into(),
        Media::Contact => "contact".into(),
        Media::Poll => "poll".into(),
        Media::Dice => "die".into(),
        Media::Other(name) => name.clone(),
    }
}
