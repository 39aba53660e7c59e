//! What the bot says about an account's own model.

use crate::model::{NoModel, OwnModel};

/// After the last attempt to get an answer from it.
#[must_use]
pub fn own_failed(own: &OwnModel) -> String {
    format!(
        "I could not get an answer from this account's own model ({}) just now, so this message stays unanswered. I have kept it; please ask again in a few minutes.",
        name(own)
    )
}

/// Its server does not know it.
#[must_use]
pub fn own_is_gone(own: &OwnModel) -> String {
    format!(
        "{} does not know the model {}, which this account has chosen, so I cannot answer. An administrator of the account can choose another on the dashboard; I have kept your message.",
        own.host(),
        own.id
    )
}

/// Its server refuses the key: in full the first time, then in short until something changes.
#[must_use]
pub fn own_key_refused(own: &OwnModel) -> String {
    if own.refused_at.is_some() {
        return format!("{} still refuses this account's own key, so I cannot answer.", own.host());
    }
    format!(
        "This account answers with its own key, and {} refuses it: it may be wrong, withdrawn or out of credit. I do not answer with another's key instead. \
         An administrator of the account can enter a new key, or remove the account's own model, on the dashboard; I have kept your message.",
        own.host()
    )
}

/// It cannot even be asked.
#[must_use]
pub fn own_is_unusable(why: NoModel) -> String {
    let why = match why {
        NoModel::Address => "I may not call its server",
        NoModel::Key => "I cannot read its key any more",
    };
    format!(
        "This account has a model of its own, and {why}, so I cannot answer. An administrator of the account can enter it anew, or remove it, on the dashboard; I have kept your message."
    )
}

/// `/model` and `/status`.
#[must_use]
pub fn name(own: &OwnModel) -> String {
    format!("{} at {}, with this account's own key", own.id, own.host())
}

/// `/model`, `/status` and what `dev` says: a model of a server that was found on this machine.
#[must_use]
pub fn found(model: &str, server: &str) -> String {
    format!("{model}, from {server} on this machine")
}
