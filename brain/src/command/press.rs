//! Presses of the keys under our messages: one line each in [`BUTTONS`], beside the commands.

use futures::future::BoxFuture;

use super::{Answer, Who, export, facts, forget, invitation, link, may_change_chat, model, register, unlink};
use crate::{
    Brain,
    db::{accounts::ChatAccount, outgoing::WithKeys},
    ids::Conversation,
    telegram::Button,
    texts,
};

/// What one kind of key does.
pub struct Press {
    /// What the key's data begins with, up to a colon.
    pub name: &'static str,
    /// Who may press it in a group: asked of who pressed, not of who was sent the key.
    pub who: Who,
    /// Does it.
    run: Do,
}

type Do = for<'a> fn(&'a PressedKey<'a>) -> BoxFuture<'a, sqlx::Result<Pressed>>;

/// A press as it came in.
pub struct PressedKey<'a> {
    /// The database, the clock and the rest.
    pub brain: &'a Brain,
    /// Where the message with the key stands.
    pub at: Conversation,
    /// Who pressed what.
    pub button: &'a Button,
    /// The chat's account.
    pub chat: &'a ChatAccount,
    /// What follows the name and its colon.
    pub args: &'a str,
}

/// What a press came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pressed {
    /// What the person who pressed sees for a moment; at most 200 characters.
    pub toast: Option<String>,
    /// A new message.
    pub answer: Option<Answer>,
    /// Whether the keys go: nothing is left to press under that message.
    pub settled: bool,
}

impl Pressed {
    /// Nothing but a toast.
    #[must_use]
    pub fn toast(text: impl Into<String>) -> Self {
        Self { toast: Some(text.into()), ..Self::default() }
    }
}

/// Every kind of key.
pub const BUTTONS: &[Press] = &[
    key("export", |pressed| Box::pin(export::pressed(pressed))),
    key("keep", |pressed| Box::pin(facts::press_keep(pressed))),
    key("fix", |pressed| Box::pin(facts::press_fix(pressed))),
    key("forget", |pressed| Box::pin(forget::press(pressed))),
    key("forget_now", |pressed| Box::pin(forget::press_now(pressed))),
    key("forget_with", |pressed| Box::pin(forget::press_with(pressed))),
    key("forget_no", |pressed| Box::pin(forget::press_no(pressed))),
    key("model_agree", |pressed| Box::pin(model::press_agree(pressed))),
    key("model_decline", |pressed| Box::pin(model::press_decline(pressed))),
    key("register", |pressed| Box::pin(register::pressed(pressed))),
    key("join", |pressed| Box::pin(link::pressed(pressed))),
    key("join_no", |pressed| Box::pin(link::pressed_cancel(pressed))),
    // Whose it is depends on the account: it looks itself.
    Press { name: "unlink", who: Who::Everybody, run: |pressed| Box::pin(unlink::pressed(pressed)) },
    key("invitation_yes", |pressed| Box::pin(invitation::press_yes(pressed))),
    key("invitation_no", |pressed| Box::pin(invitation::press_no(pressed))),
];

/// What belongs to all of a group is for its administrators.
const fn key(name: &'static str, run: Do) -> Press {
    Press { name, who: Who::Administrators, run }
}

/// Does what the pressed key says. `message` is the one under which it stands, `None` where nothing is known of it any more;
/// keys that it does not have (any more) do nothing.
///
/// # Errors
/// When the database does not answer.
pub async fn pressed(
    brain: &Brain,
    at: Conversation,
    button: &Button,
    chat: &ChatAccount,
    message: Option<&WithKeys>,
) -> sqlx::Result<Pressed> {
    let (name, args) = button.data.split_once(':').unwrap_or((&button.data, ""));
    let press = BUTTONS.iter().find(|press| press.name == name);
    let (Some(press), Some(message)) = (press, message) else {
        return Ok(Pressed::toast(texts::BUTTON_IS_TOO_OLD));
    };
    if !message.keyboard.as_ref().is_some_and(|keyboard| keyboard.has(&button.data)) {
        return Ok(Pressed::toast(texts::BUTTON_WAS_PRESSED));
    }
    if press.who == Who::Administrators {
        match may_change_chat(brain, at.chat, button.from.id).await {
            Some(true) => {}
            Some(false) => return Ok(Pressed::toast(texts::BUTTON_IS_FOR_ADMINISTRATORS)),
            None => return Ok(Pressed::toast(texts::CANNOT_CHECK_ADMINISTRATORS)),
        }
    }
    (press.run)(&PressedKey { brain, at, button, chat, args }).await
}
