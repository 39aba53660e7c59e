//! A file from the outbox: made now, so that the outbox holds no copy of anybody's words, and sent.

use std::time::{Duration, Instant};

use brain::{
    db::{self, outgoing::Claimed},
    export::{Export, Made},
    ids::Conversation,
    ports::telegram::TelegramError,
    texts,
};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::turn::Turn;

/// One file at a time in a process: while it is made it holds one of a few connections, and up to 50 MB. Who gets no place puts the
/// chat off, so that people who want files never hold more than one place of the worker.
static PLACE: Semaphore = Semaphore::const_new(1);

/// How long the word that there is no file may take.
const SEND_TIMEOUT: Duration = Duration::from_secs(6);

/// The place for a file, where none is made.
pub(super) fn place() -> Option<SemaphorePermit<'static>> {
    PLACE.try_acquire().ok()
}

/// Makes the file and sends it, in the [`place`] that the caller holds; a word in its place where there is none to send.
pub(super) async fn send(
    turn: &Turn,
    message: &Claimed,
    export: &Export,
) -> sqlx::Result<Result<Option<i64>, TelegramError>> {
    let (brain, to) = (turn.brain(), Conversation { chat: turn.chat, thread: message.thread });
    let may = || Instant::now() < turn.safe_until();
    let word = match db::export::make(turn.pool(), export, brain.clock.now()).await? {
        Made::File { name, bytes } => {
            let caption = message.part.plain.clone();
            return Ok(brain.telegram.send_document(to, name, bytes, caption, may).await);
        }
        Made::Nothing => texts::EXPORT_IS_EMPTY,
        Made::TooBig => texts::EXPORT_IS_TOO_BIG,
    };
    let deadline = turn.safe_until().min(Instant::now() + SEND_TIMEOUT);
    Ok(brain.telegram.send(to, word, false, None, None, deadline).await)
}
