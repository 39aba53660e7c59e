//! `tell_model`: tells the account's groups which server their words go to. Whoever sends some there looks whether they know, and tells
//! them if this job has not.

use brain::{
    Brain, command,
    db::{account_models, chat_turns, model_consents, outgoing},
    ids::{AccountId, ChatId, Conversation, ThreadId},
    jobs::TellModel,
    model::Consent,
    queue::{self, Queue},
    reply::plain_parts,
    texts::model as texts,
};

use crate::{context::Context, error::JobError, registry::Run};

impl Run for TellModel {
    async fn run(self, context: &Context) -> Result<(), JobError> {
        let brain = &context.brain;
        for group in account_models::groups(&brain.pool, self.account_id).await? {
            let (_, offer) = account_models::of_chat(&brain.pool, self.account_id, group).await?;
            if let Some(offer) = offer.filter(|offer| offer.consent == Consent::Unasked) {
                introduce(brain, self.account_id, group, &offer.own.host()).await?;
            }
        }
        queue::wake(&brain.pool, Queue::Replies).await?;
        Ok(())
    }
}

/// Tells a group that its words go to the server, and asks a private chat whether they may; each once for a server.
pub(super) async fn introduce(
    brain: &Brain,
    account: AccountId,
    chat: ChatId,
    host: &str,
) -> sqlx::Result<()> {
    let mut tx = brain.pool.begin().await?;
    // The turn before the chat and its account, as everybody who holds a turn locks them.
    chat_turns::call(&mut tx, chat).await?;
    let Some(question) = model_consents::ask(&mut tx, account, chat, host, brain.clock.now()).await? else {
        return Ok(());
    };
    let (text, keyboard) = if chat.is_group() {
        (texts::own_reads_the_group(host), None)
    } else {
        (texts::own_asks(host), Some(command::consent_keys(question)))
    };
    let parts = plain_parts(&text);
    for (place, part) in parts.iter().enumerate() {
        let keyboard = keyboard.as_ref().filter(|_| place + 1 == parts.len());
        let to = Conversation { chat, thread: ThreadId(0) };
        outgoing::post(&mut tx, to, part, keyboard, None).await?;
    }
    tx.commit().await
}
