//! `send_notice`: tells somebody something about an account, in their private chat or by mail.

use brain::{
    Brain,
    db::{
        chat_turns,
        notices::{self, Event, Notice},
        outgoing,
    },
    ids::{ChatId, Conversation, ThreadId},
    jobs::SendNotice,
    ports::mail::{Mail, MailError},
    queue::{self, Queue},
    reply::{Key, Keyboard, plain_parts},
    texts::joining as texts,
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for SendNotice {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let Some(notice) = notices::waiting(&brain.pool, self.notice_id, brain.clock.now()).await? else {
            return Ok(());
        };
        match notice.to_chat {
            Some(chat) => say(brain, &notice, chat).await?,
            None => mail(brain, &notice).await?,
        }
        Ok(())
    }
}

async fn say(brain: &Brain, notice: &Notice, chat: ChatId) -> sqlx::Result<()> {
    let mut tx = brain.pool.begin().await?;
    if !notices::take(&mut tx, notice.id).await? {
        return Ok(());
    }
    let keys = keys(&notice.event);
    let parts = plain_parts(&texts::notice(notice));
    let last = parts.len().saturating_sub(1);
    for (number, part) in parts.iter().enumerate() {
        let keys = keys.as_ref().filter(|_| number == last);
        outgoing::post(&mut tx, Conversation { chat, thread: ThreadId(0) }, part, keys, None).await?;
    }
    chat_turns::call(&mut tx, chat).await?;
    tx.commit().await?;
    queue::wake(&brain.pool, Queue::Replies).await
}

/// An invitation is answered where it is read.
fn keys(event: &Event) -> Option<Keyboard> {
    let Event::Invited(invitation) = event else { return None };
    let key = |text, what| Key::new(text, format!("{what}:{}", invitation.id));
    Some(Keyboard::row([key(texts::ACCEPT, "invitation_yes"), key(texts::DECLINE, "invitation_no")]))
}

/// Without mail of our own the account page is where it is read.
async fn mail(brain: &Brain, notice: &Notice) -> Result<(), JobError> {
    if let (Some(email), false) = (&notice.email, matches!(brain.mail, Mail::None)) {
        let mail = texts::mail_of_joined(notice, &format!("{}/account", brain.public_url));
        match brain.mail.send(email, &mail.subject, &mail.text).await {
            Ok(()) => {}
            // What cannot be delivered is not tried for ever.
            Err(error @ MailError::Refused(_)) => {
                tracing::info!(%error, "a notice could not be mailed");
            }
            Err(error @ MailError::Unavailable(_)) => return Err(JobError::retry(error)),
        }
    }
    notices::take(&mut *brain.pool.acquire().await?, notice.id).await?;
    Ok(())
}
