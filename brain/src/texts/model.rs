//! What the bot says about an account's own model.

use chrono::{DateTime, Utc};

use crate::model::{Consent, Offer, OwnModel, Unusable};

/// The keys under [`own_asks`].
pub const AGREE: &str = "Yes, let it read this chat";
/// The other one.
pub const DECLINE: &str = "No, keep to the bot's own";
/// A press under a question that was asked anew since.
pub const ASKED_ANEW: &str = "The account's model has changed since. /model says what holds now.";
/// `/model agree` where there is nothing to agree to.
pub const NOTHING_TO_AGREE_TO: &str =
    "This chat's account has no model of its own; the bot's own model answers here.";
/// `/model agree` in a group.
pub const GROUPS_ARE_THE_ACCOUNTS: &str = "What is said in a group belongs to its account, so its administrators choose the model, on the dashboard.";

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
pub fn own_is_unusable(why: Unusable) -> String {
    let why = match why {
        Unusable::Address => "I may not call its server",
        Unusable::Key => "I cannot read its key any more",
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

/// The question to a private chat, under which stand [`AGREE`] and [`DECLINE`].
#[must_use]
pub fn own_asks(host: &str) -> String {
    format!(
        "An administrator of this chat's account has set a model of the account's own, at {host}. If you agree, what you write here, and what I remember of it, goes to that server from now on: its owner can read it. \
         Until you agree, and if you do not, the bot's own model goes on answering you. You can change your mind at any time with /model."
    )
}

/// To a group, once for each server.
#[must_use]
pub fn own_reads_the_group(host: &str) -> String {
    format!(
        "This group's account has a model of its own now, at {host}: what is written here, and what I remember of it, goes to that server, and its owner can read it. \
         It was set by an administrator of the account."
    )
}

/// After a decision.
#[must_use]
pub fn own_decided(host: &str, agreed: bool) -> String {
    if agreed {
        format!("Good: {host} answers in this chat from now on. /model takes it back.")
    } else {
        "Good: nothing of this chat goes there from now on; the bot's own model answers. /model changes it."
            .into()
    }
}

/// Its server is left alone for a while: in full once for each pause, then in short.
#[must_use]
pub fn own_is_paused(own: &OwnModel, until: DateTime<Utc>, is_news: bool) -> String {
    let (host, until) = (own.host(), until.format("%H:%M UTC"));
    if is_news {
        format!(
            "This account's own model at {host} did not answer in time, several times in a row, so I leave it alone until {until}. I have kept your message; please ask again then. \
             An administrator of the account can choose another on the dashboard."
        )
    } else {
        format!("{host} is still left alone, until {until}. I have kept your message.")
    }
}

/// `/model` in a private chat whose account has a model of its own.
#[must_use]
pub fn own_and_here(offer: &Offer, answers: &str) -> String {
    let host = offer.own.host();
    let stands = match offer.consent {
        Consent::Agreed => format!("You have agreed that this chat goes to {host}."),
        Consent::Declined => {
            format!("You have not agreed that this chat goes to {host}, so nothing of it does.")
        }
        Consent::Unasked | Consent::Asked => {
            format!(
                "This chat's account has a model of its own at {host}; nothing of this chat goes there until you agree."
            )
        }
    };
    format!(
        "{}\n\n{stands} Change that with the button, or with /model agree and /model decline.",
        crate::texts::model(answers)
    )
}

/// `/model`, `/status` and what `dev` says: a model of a server that was found on this machine.
#[must_use]
pub fn found(model: &str, server: &str) -> String {
    format!("{model}, from {server} on this machine")
}
