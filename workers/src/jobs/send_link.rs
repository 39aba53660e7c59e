//! `send_link`: sends a link that signs in, or a word of invitation, by mail. Trouble is told in the chat that has asked.

use std::time::Duration;

use brain::{
    Brain,
    db::{
        chat_turns, outgoing,
        sign_in_links::{self, Purpose, Unsent},
    },
    ids::{Conversation, ThreadId},
    jobs::SendLink,
    ports::{
        mail::{Mail, MailError},
        reason::Reason,
        supabase::AuthError,
    },
    queue::{self, Queue},
    reply::plain_parts,
    sign_in::{PLACE, Secret},
    texts::{joining, registration as texts},
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for SendLink {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let Some(link) = sign_in_links::unsent(&brain.pool, self.link_id, brain.clock.now()).await? else {
            return Ok(());
        };
        if link.is_late {
            tell(brain, &link, Word::Last(texts::MAIL_FAILED)).await?;
            return Err(JobError::fail_because("the mail could not be sent while its link was good"));
        }
        if link.purpose == (Purpose::SignIn { known: false }) {
            // Nobody is signed in by an address that is in no account; who asked is not told.
            sign_in_links::note_sent(&brain.pool, link.id, brain.clock.now()).await?;
            return Ok(());
        }
        match send(brain, &link).await {
            Ok(is_shown) => {
                sign_in_links::note_sent(&brain.pool, link.id, brain.clock.now()).await?;
                if is_shown {
                    show(brain, &link).await?;
                }
                Ok(())
            }
            Err(NotSent::Wait(wait)) => Err(JobError::snooze(wait)),
            Err(NotSent::Refused(reason)) => {
                tell(brain, &link, Word::Last(texts::MAIL_REFUSED)).await?;
                Err(JobError::fail_because(reason))
            }
            Err(NotSent::Unavailable(reason)) => {
                tell(brain, &link, Word::Trouble(texts::MAIL_IS_LATE)).await?;
                Err(JobError::retry_because(reason))
            }
        }
    }
}

enum NotSent {
    Refused(Reason),
    Unavailable(Reason),
    Wait(Duration),
}

impl From<MailError> for NotSent {
    fn from(error: MailError) -> Self {
        match error {
            MailError::Refused(_) => Self::Refused((&error).into()),
            MailError::Unavailable(_) => Self::Unavailable((&error).into()),
        }
    }
}

impl From<AuthError> for NotSent {
    fn from(error: AuthError) -> Self {
        match error {
            // It sends one mail per address and minute.
            AuthError::TooManyRequests(wait) => Self::Wait(wait),
            AuthError::BadAddress | AuthError::UnknownAddress => Self::Refused((&error).into()),
            // What the operator has to mend may be mended before the link is too old.
            _ => Self::Unavailable((&error).into()),
        }
    }
}

/// Sends it, by Supabase where there is one. `true`: there is no mail, and it is to be shown in the chat.
async fn send(brain: &Brain, link: &Unsent) -> Result<bool, NotSent> {
    let registration = match link.purpose {
        Purpose::Register { registration, .. } => Some(registration),
        Purpose::SignIn { .. } | Purpose::Invite(_) => None,
    };
    if let Some(supabase) = &brain.supabase {
        let base = sign_in_links::base_address(&brain.public_url, registration);
        supabase.send_link(&link.email, true, &base).await?;
        return Ok(false);
    }
    let token = brain.prover.token(link.id);
    let address = sign_in_links::address(&brain.public_url, &token, "magiclink", registration);
    let mail = match &link.purpose {
        Purpose::Register { chat, .. } => texts::mail_to_register(chat, &address),
        Purpose::SignIn { .. } => texts::mail_to_sign_in(&address),
        Purpose::Invite(invitation) => joining::mail_to_invite(
            &invitation.account,
            invitation.is_admin,
            invitation.expires_at,
            &format!("{}/login", brain.public_url),
        ),
    };
    brain.mail.send(&link.email, &mail.subject, &mail.text).await?;
    Ok(matches!(brain.mail, Mail::Print))
}

/// A word to the chat, and what is noted with it.
enum Word<'a> {
    /// That it was said, so that it is said once.
    Trouble(&'a str),
    /// That nothing is sent any more.
    Last(&'a str),
}

/// Says it in the chat that has asked, where one has, and notes it: both or neither.
async fn tell(brain: &Brain, link: &Unsent, word: Word<'_>) -> sqlx::Result<()> {
    let now = brain.clock.now();
    let mut tx = brain.pool.begin().await?;
    let (text, is_new) = match word {
        Word::Trouble(text) => (text, sign_in_links::note_trouble(&mut tx, link.id, now).await?),
        Word::Last(text) => (text, sign_in_links::note_ended(&mut tx, link.id, now).await?),
    };
    if let (Some(chat), true) = (link.chat, is_new) {
        for part in plain_parts(text) {
            outgoing::post(&mut tx, Conversation { chat, thread: ThreadId(0) }, &part, None, None).await?;
        }
        chat_turns::call(&mut tx, chat).await?;
    }
    tx.commit().await?;
    // A lost wake costs a poll.
    let _ = queue::wake(&brain.pool, Queue::Replies).await;
    Ok(())
}

/// Shows the link in the chat that has asked, where one has.
async fn show(brain: &Brain, link: &Unsent) -> sqlx::Result<()> {
    let Some(chat) = link.chat else { return Ok(()) };
    let mut tx = brain.pool.begin().await?;
    for part in plain_parts(&texts::link_instead_of_mail(PLACE)) {
        let to = Conversation { chat, thread: ThreadId(0) };
        outgoing::post_secret(&mut tx, to, &part, &Secret::Link(link.id)).await?;
    }
    chat_turns::call(&mut tx, chat).await?;
    tx.commit().await?;
    let _ = queue::wake(&brain.pool, Queue::Replies).await;
    Ok(())
}
