//! `tell_registered`: says in a chat that it was registered, and what has changed.

use brain::{
    db::{
        chat_turns, outgoing,
        registrations::{self, Confirmed, Outcome},
    },
    ids::{ChatId, Conversation, ThreadId},
    jobs::TellRegistered,
    queue::{self, Queue},
    reply::plain_parts,
    texts::registration as texts,
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for TellRegistered {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        let mut tx = brain.pool.begin().await?;
        let Some(confirmed) =
            registrations::to_tell(&mut tx, self.registration_id, brain.clock.now()).await?
        else {
            return Ok(());
        };
        for (chat, text) in words(&confirmed) {
            for part in plain_parts(&text) {
                outgoing::post(&mut tx, Conversation { chat, thread: ThreadId(0) }, &part, None, None)
                    .await?;
            }
            chat_turns::call(&mut tx, chat).await?;
        }
        tx.commit().await?;
        queue::wake(&brain.pool, Queue::Replies).await?;
        Ok(())
    }
}

/// What is said where. The address is for the person's private chat.
fn words(confirmed: &Confirmed) -> Vec<(ChatId, String)> {
    let is_private = confirmed.chat == confirmed.person;
    let by = is_private.then_some(confirmed.email.as_str());
    let here = match confirmed.outcome {
        Outcome::Permanent => texts::registered(by),
        // What a joining tells comes with the joining.
        Outcome::Joined => return Vec::new(),
        Outcome::Already if is_private => texts::known(&confirmed.email),
        Outcome::Already => return vec![(confirmed.person, texts::group_is_done(&confirmed.name))],
    };
    let mut words = vec![(confirmed.chat, here)];
    if !is_private {
        words.push((confirmed.person, texts::group_is_done(&confirmed.name)));
    }
    words
}
