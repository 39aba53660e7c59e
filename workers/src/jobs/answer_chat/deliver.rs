//! Sends what waits in the chat's outbox, lowest first, as long as the turn is ours.

use std::time::{Duration, Instant};

use brain::{
    db::{
        accounts, chat_turns,
        outgoing::{self, Claimed, Place, Sent},
    },
    ids::Conversation,
    jobs::jittered,
    ports::telegram::TelegramError,
    queue,
};

use super::{Step, document, secret, turn::Turn};

/// The longest that one send may take; shorter than what is left of a freshly renewed lease.
const SEND_TIMEOUT: Duration = Duration::from_secs(6);
/// A longer wait for the sending rate is not sat out but put off.
const PATIENCE: Duration = Duration::from_secs(4);
/// When to look again while another chat's file is made.
const BETWEEN_DOCUMENTS: Duration = Duration::from_secs(2);
/// After Telegram has refused the token itself.
const BAD_TOKEN_WAIT: Duration = Duration::from_secs(30);

/// Sends until nothing waits, or the chat has to wait.
pub(super) async fn deliver(turn: &Turn) -> sqlx::Result<Step> {
    while let Some(mut message) = outgoing::claim_next(turn.pool(), turn.chat, turn.fence).await? {
        // Before the pace, so that who waits for a file takes nothing from it.
        let place = if message.document.is_some() { document::place() } else { None };
        let wait = match (&message.document, &place) {
            (Some(_), None) => Some(jittered(BETWEEN_DOCUMENTS)),
            _ => pace(turn).await?,
        };
        if let Some(wait) = wait {
            outgoing::note_sent(turn.pool(), turn.chat, message.id, &Sent::Later).await?;
            return Ok(Step::Wait(wait));
        }
        if let Some(secret) = message.secret.take() {
            tokio::select! {
                biased;
                () = turn.lost.cancelled() => return Ok(Step::Lost),
                () = turn.context.stop_now.cancelled() => {
                    outgoing::note_sent(turn.pool(), turn.chat, message.id, &Sent::Later).await?;
                    return Ok(Step::GiveBack);
                }
                put_in = secret::put_in(turn.brain(), &mut message, &secret) => put_in?,
            }
        }
        let sent = match &message.document {
            None => send(turn, &message).await,
            Some(export) => tokio::select! {
                biased;
                () = turn.lost.cancelled() => return Ok(Step::Lost),
                () = turn.context.stop_now.cancelled() => {
                    outgoing::note_sent(turn.pool(), turn.chat, message.id, &Sent::Later).await?;
                    return Ok(Step::GiveBack);
                }
                sent = document::send(turn, &message, export) => sent?,
            },
        };
        let more = match sent {
            Ok(id) => outgoing::note_sent(turn.pool(), turn.chat, message.id, &Sent::Delivered(id)).await?,
            Err(error) => match after(turn, &message, error).await? {
                Some(step) => return Ok(step),
                None => true,
            },
        };
        if !more {
            break;
        }
    }
    Ok(Step::Done)
}

/// Waits for the sending rate, or says how long the chat has to be left alone.
async fn pace(turn: &Turn) -> sqlx::Result<Option<Duration>> {
    let rate = turn.brain().worker.telegram_rate;
    if rate == 0 {
        return Ok(None);
    }
    loop {
        match outgoing::reserve(turn.pool(), turn.chat, rate).await? {
            Place::Reserved(wait) => {
                tokio::time::sleep(wait).await;
                return Ok(None);
            }
            Place::Full(wait) if wait > PATIENCE => return Ok(Some(wait)),
            Place::Full(wait) => tokio::time::sleep(wait).await,
        }
    }
}

/// As HTML, and where Telegram cannot read that, the same text plain.
async fn send(turn: &Turn, message: &Claimed) -> Result<Option<i64>, TelegramError> {
    let to = Conversation { chat: turn.chat, thread: message.thread };
    let (telegram, keyboard) = (&turn.brain().telegram, message.keyboard.as_ref());
    let deadline = || turn.safe_until().min(Instant::now() + SEND_TIMEOUT);
    match telegram.send(to, &message.part.html, true, message.reply_to, keyboard, deadline()).await {
        Err(TelegramError::BadMarkup) => {
            tracing::warn!(chat.id = turn.chat.0, outgoing.id = message.id, "markup refused; sending plain");
            telegram.send(to, &message.part.plain, false, message.reply_to, keyboard, deadline()).await
        }
        result => result,
    }
}

/// What a failed send means for the message and the chat. `None`: the message is settled, go on with the next.
async fn after(turn: &Turn, message: &Claimed, error: TelegramError) -> sqlx::Result<Option<Step>> {
    let (pool, chat) = (turn.pool(), turn.chat);
    tracing::warn!(chat.id = chat.0, outgoing.id = message.id, error = %error, "a message was not sent");
    let wait = match error {
        TelegramError::TooManyRequests(wait) => wait,
        TelegramError::Unavailable(_) => {
            (message.age / 2).clamp(Duration::from_secs(1), Duration::from_mins(1))
        }
        TelegramError::BadToken => BAD_TOKEN_WAIT,
        TelegramError::Forbidden(why) => {
            outgoing::refuse_all(pool, chat, &why).await?;
            accounts::set_active(pool, chat, false).await?;
            return Ok(Some(Step::Done));
        }
        TelegramError::MovedTo(new) => {
            accounts::move_chat(pool, chat, new).await?;
            chat_turns::sweep(pool).await?;
            queue::wake(pool, queue::Queue::Replies).await?;
            return Ok(Some(Step::Done));
        }
        TelegramError::Rejected(why) => {
            outgoing::note_sent(pool, chat, message.id, &Sent::Refused(why)).await?;
            return Ok(None);
        }
        TelegramError::BadMarkup => {
            outgoing::note_sent(
                pool,
                chat,
                message.id,
                &Sent::Refused("the plain text was refused too".into()),
            )
            .await?;
            return Ok(None);
        }
    };
    outgoing::note_sent(pool, chat, message.id, &Sent::Later).await?;
    Ok(Some(Step::Wait(wait)))
}
