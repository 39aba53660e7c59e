//! `send_link`: sends a link that signs in, or a word of invitation, by mail. Trouble is told in the chat that has asked.

use brain::{
    Brain,
    db::{
        chat_turns, outgoing,
        sign_in_links::{self, Purpose, Unsent},
    },
    ids::{ChatId, Conversation, ThreadId},
    jobs::SendLink,
    ports::mail::{Mail, MailError},
    queue::{self, Wake},
    reply::plain_parts,
    texts::registration as texts,
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for SendLink {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let Some(link) = sign_in_links::unsent(&brain.pool, self.link_id, brain.clock.now()).await? else {
            return Ok(());
        };
        if link.is_late {
            tell(brain, link.chat, texts::MAIL_FAILED).await?;
            return Err(JobError::Fail("the mail could not be sent while its link was good".into()));
        }
        let Some((mail, address)) = write(brain, &link) else {
            // Nobody is signed in by an address that is in no account; who asked is not told.
            sign_in_links::note_sent(&brain.pool, link.id, brain.clock.now()).await?;
            return Ok(());
        };
        match brain.mail.send(&link.email, &mail.subject, &mail.text).await {
            Ok(()) => {
                sign_in_links::note_sent(&brain.pool, link.id, brain.clock.now()).await?;
                if matches!(brain.mail, Mail::Print) {
                    tell(brain, link.chat, &texts::link_instead_of_mail(&address)).await?;
                }
                Ok(())
            }
            Err(MailError::Refused(reason)) => {
                tell(brain, link.chat, texts::MAIL_REFUSED).await?;
                Err(JobError::Fail(format!("mail refused: {reason}")))
            }
            Err(error @ MailError::Unavailable(_)) => {
                if sign_in_links::note_trouble(&brain.pool, link.id, brain.clock.now()).await? {
                    tell(brain, link.chat, texts::MAIL_IS_LATE).await?;
                }
                Err(JobError::Retry(error.to_string()))
            }
        }
    }
}

/// The mail, and the address that is in it; `None` where none is to go out.
fn write(brain: &Brain, link: &Unsent) -> Option<(texts::Mail, String)> {
    let token = brain.prover.token(link.id);
    Some(match &link.purpose {
        Purpose::Register { chat, registration } => {
            let address = sign_in_links::address(&brain.public_url, &token, Some(*registration));
            (texts::mail_to_register(chat, &address), address)
        }
        Purpose::SignIn { known: true } => {
            let address = sign_in_links::address(&brain.public_url, &token, None);
            (texts::mail_to_sign_in(&address), address)
        }
        Purpose::SignIn { known: false } => return None,
        Purpose::Invite { account } => {
            let address = format!("{}/login", brain.public_url);
            (texts::mail_to_invite(account, &address), address)
        }
    })
}

/// Says it in the chat that has asked, where one has.
async fn tell(brain: &Brain, chat: Option<ChatId>, text: &str) -> sqlx::Result<()> {
    let Some(chat) = chat else { return Ok(()) };
    let mut tx = brain.pool.begin().await?;
    for part in plain_parts(text) {
        outgoing::post(&mut tx, Conversation { chat, thread: ThreadId(0) }, &part, None, None).await?;
    }
    chat_turns::call(&mut tx, chat).await?;
    tx.commit().await?;
    queue::wake(&brain.pool, Wake::Replies).await
}
