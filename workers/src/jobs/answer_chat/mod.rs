//! `answer_chat`: claims the chat's turn and answers its waiting updates, in order, until nothing waits.

mod button;
mod deliver;
mod document;
mod incoming;
mod message;
mod reply;
mod secret;
mod turn;
mod typing;

use std::time::Duration;

use brain::{
    db::{
        chat_turns::{self, Claim},
        updates,
    },
    jobs::AnswerChat,
};

use super::promote_tiers::promote;
use crate::{context::Context, error::JobError, registry::Run};
use deliver::deliver;
use turn::Turn;

/// How a step of the turn went on.
enum Step {
    /// It is done; the turn goes on.
    Done,
    /// The chat has to wait (the model or Telegram asked for it); the turn ends with work left.
    Wait(Duration),
    /// The process ends; somebody else should take this up at once.
    GiveBack,
    /// The turn is no longer ours; nothing of this step was written.
    Lost,
}

impl Run for AnswerChat {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let pool = &context.brain.pool;
        let asked_at = std::time::Instant::now();
        match chat_turns::claim(pool, self.chat_id, &context.worker).await? {
            Claim::Unknown => Ok(()),
            Claim::Busy { wait } => Err(JobError::snooze(wait.max(Duration::from_millis(100)))),
            Claim::Held { fence, seq, unsent } => {
                let turn = Turn::hold(context, self.chat_id, fence, asked_at);
                match hold(&turn, seq, unsent).await {
                    Ok(Step::Done) => {
                        // The answer is out; the job of every minute does what fails here.
                        if let Err(error) = promote(context, Some(self.chat_id)).await {
                            tracing::debug!(chat.id = self.chat_id.0, error = %error, "not promoted yet");
                        }
                        Ok(())
                    }
                    Ok(Step::Lost) => Ok(()),
                    Ok(Step::GiveBack) => put_off(&turn, Duration::ZERO).await,
                    Ok(Step::Wait(wait)) => put_off(&turn, wait).await,
                    Err(error) => {
                        // The lease runs out by itself if this fails too.
                        let _ =
                            chat_turns::put_off(pool, turn.chat, turn.fence, Duration::from_secs(1)).await;
                        Err(error.into())
                    }
                }
            }
        }
    }
}

/// What is done while the turn is held.
async fn hold(turn: &Turn, mut seen: i64, unsent: bool) -> sqlx::Result<Step> {
    if unsent {
        let step = deliver(turn).await?;
        let Step::Done = step else { return Ok(step) };
    }
    loop {
        let mut answered = false;
        while let Some(update) = updates::take_next(turn.pool(), turn.chat, turn.fence).await? {
            answered = true;
            let step = if turn.context.stopping.is_cancelled() {
                updates::uncount_attempt(turn.pool(), update.id).await?;
                Step::GiveBack
            } else {
                let answered = incoming::answer(turn, &update).await;
                if answered.as_ref().is_err_and(is_outage) {
                    // No fault of the update's. If the database is still away, the count stands.
                    let _ = updates::uncount_attempt(turn.pool(), update.id).await;
                }
                answered?
            };
            let Step::Done = step else { return Ok(step) };
            let step = deliver(turn).await?;
            let Step::Done = step else { return Ok(step) };
            // Everything up to here is done, because updates are taken in order: no need to look for more before asking.
            if update.seq >= seen {
                seen = update.seq;
                break;
            }
        }
        if !answered {
            // What came was no update: somebody has put something into the outbox.
            let step = deliver(turn).await?;
            let Step::Done = step else { return Ok(step) };
        }
        match chat_turns::release(turn.pool(), turn.chat, turn.fence, seen).await? {
            None => return Ok(Step::Done),
            Some(newer) => seen = newer,
        }
    }
}

/// Whether the database went away, and not a statement of ours went wrong, which would go wrong again.
fn is_outage(error: &sqlx::Error) -> bool {
    match error {
        // Classes 08, 53 and 57: connection, resources, shutdown. Class 40: deadlocks.
        // https://www.postgresql.org/docs/current/errcodes-appendix.html
        sqlx::Error::Database(error) => error
            .code()
            .is_some_and(|code| ["08", "40", "53", "57"].iter().any(|class| code.starts_with(class))),
        _ => true,
    }
}

async fn put_off(turn: &Turn, wait: Duration) -> Result<(), JobError> {
    chat_turns::put_off(turn.pool(), turn.chat, turn.fence, wait).await?;
    Err(JobError::snooze(wait))
}
