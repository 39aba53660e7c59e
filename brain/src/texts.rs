//! Every sentence that a Telegram user can see. Plain and short, with the next step to take.

pub mod account;
pub mod import;
pub mod joining;
pub mod memory;
pub mod model;
pub mod operators;
pub mod registration;

use chrono::{DateTime, Utc};

use crate::{
    account::{ANONYMOUS, DayLimits, RespondTo, Tenancy, next_day, person_of},
    config::Limits,
    db::{accounts::ChatAccount, budgets::Over},
    ids::{AccountId, ChatId},
    memory::{SessionLength, TierStats},
    model::Choice,
    telegram::{ChatKind, Media},
};

/// After the last attempt to get an answer from the model.
pub const MODEL_FAILED: &str = "I could not reach my language model just now, so this message stays unanswered. I have kept it; please ask again in a few minutes.";
/// The model's server refuses the key: nothing that the user could do.
pub const MODEL_NOT_ALLOWED: &str = "My language model does not accept my key, so I cannot answer at the moment. The operator of this bot can see why; please try again later.";
/// A message that has killed its worker too often.
pub const GAVE_UP: &str = "Something in this message broke me several times, so I have to leave it unanswered. The next one will work.";
/// `/respond` in a private chat.
pub const RESPOND_IS_FOR_GROUPS: &str = "In a private chat I answer everything. /respond is for groups.";
/// A press of a key that nobody knows any more.
pub const BUTTON_IS_TOO_OLD: &str = "This button is too old. Please give the command again.";
/// A press of a key that has done what it was for.
pub const BUTTON_WAS_PRESSED: &str = "This is settled already.";
/// A press of a key in a group by somebody for whom it is not.
pub const BUTTON_IS_FOR_ADMINISTRATORS: &str = "This button is for the group's administrators.";
/// A press whose author Telegram does not tell us enough about.
pub const CANNOT_CHECK_ADMINISTRATORS: &str = "This button is for the group's administrators, and Telegram does not tell me at the moment who they are. Please try again in a minute.";
/// Under the file of `/export` in a private chat.
pub const EXPORT_OF_PERSON: &str = "Everything that I keep of this chat, and what you have said in this account's groups. What each part means is in docs/export.md of my source.";
/// Under the file of `/export` that was asked for in a group.
pub const EXPORT_OF_GROUP: &str = "Everything that I keep of the group in which you asked for it. What each part means is in docs/export.md of my source.";
/// `/export` in a group, where it worked.
pub const EXPORT_WENT_TO_PRIVATE: &str =
    "I am sending it to your private chat with me, because it is not for everybody here.";
/// The same for a press, whose toast is short.
pub const EXPORT_IS_ON_ITS_WAY: &str = "It is on its way to your private chat with me.";
/// A press by somebody who still cannot be reached.
pub const EXPORT_CANNOT_REACH: &str =
    "I cannot write to you in private yet: open my profile, press Start there, then press this again.";
/// `/export` by somebody who speaks as the group.
pub const EXPORT_IS_FOR_A_PERSON: &str = "An export goes to a private chat, and you write as the group, so I do not know to whose. Write as yourself and give /export again.";
/// The key that gets the export after all.
pub const EXPORT_NOW: &str = "Send it to me now";
/// In the place of a file of nothing.
pub const EXPORT_IS_EMPTY: &str = "There is nothing to export: I keep nothing of that chat any more.";
/// In the place of a file that Telegram would not take.
pub const EXPORT_IS_TOO_BIG: &str = "The export is more than the 50 MB that a bot may send, even compressed. The operator of this bot can get it for you from the database.";
/// Added to a group.
pub const ADDED_TO_GROUP: &str = "Hello! I remember what is written here, with who said it, so that I can help later; mention me or reply to me to \
get an answer, and administrators can make me forget this conversation's recent memory with /clear or remove me at any time.";

/// The first words to a new chat, as the product's specification has them.
#[must_use]
pub fn welcome(tenancy: Tenancy) -> String {
    match tenancy {
        Tenancy::Temporary { .. } => {
            "Welcome! 👋 I'm PykhBrain Bot. To get started, you have two options:\n\n\
             1️⃣ Quick Start: Just start chatting! I'll create a temporary account linked to this chat.\n\
             2️⃣ Full Access: Type /register to create a permanent account with:\n   \
             - Web dashboard access\n   \
             - Multiple chat groups\n   \
             - Persistent settings\n   \
             - Advanced features\n\n\
             A temporary account does everything in this one chat and is kept for 30 days."
                .into()
        }
        Tenancy::Permanent => {
            "Welcome back! 👋 This chat belongs to a permanent account. Just start chatting, or see /help."
                .into()
        }
    }
}

/// `/help`.
pub fn help<'a>(commands: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let lines: Vec<String> = commands.map(|(name, help)| format!("/{name} - {help}")).collect();
    format!("Just write to me, and I will answer and remember. Commands:\n\n{}", lines.join("\n"))
}

/// A command that does not exist.
#[must_use]
pub fn unknown_command(name: &str, nearest: Option<&str>) -> String {
    match nearest {
        Some(nearest) => {
            format!("I do not know the command /{name}. Did you mean /{nearest}? All commands: /help")
        }
        None => format!("I do not know the command /{name}. All commands: /help"),
    }
}

/// A command that is for administrators, given by somebody else.
#[must_use]
pub fn administrators_only(name: &str) -> String {
    format!("In a group, /{name} is for its administrators.")
}

/// Telegram did not say whether the person is an administrator.
#[must_use]
pub fn cannot_check_administrators(name: &str) -> String {
    format!(
        "/{name} is for this group's administrators, and Telegram does not tell me at the moment who they are. Please try again in a minute."
    )
}

/// `/export` in a group by somebody to whom the bot may not write.
#[must_use]
pub fn export_needs_a_private_chat(name: &str, bot: &str) -> String {
    let whom = if bot.is_empty() { "me".to_owned() } else { format!("@{bot}") };
    format!(
        "{name}, an export goes to your private chat with me, and I cannot write to you there yet. Open a chat with {whom}, press Start, then press the button below."
    )
}

/// `/clear`.
#[must_use]
pub fn cleared(moved: u64) -> String {
    if moved == 0 {
        return "There was nothing to clear: short-term and mid-term memory of this conversation are empty."
            .into();
    }
    format!(
        "Cleared: {} left short-term and mid-term memory, and I start afresh. Nothing is deleted; whole history still has every message.",
        messages(moved.cast_signed())
    )
}

/// `/session` alone.
#[must_use]
pub fn session_is(session: SessionLength) -> String {
    format!(
        "Sessions are {} here: short-term memory holds the last {} hours. Change it with /session short (3 hours), medium (6) or long (12).",
        session.name(),
        session.hours()
    )
}

/// `/session` with a length.
#[must_use]
pub fn session_set(session: SessionLength) -> String {
    format!(
        "Done: sessions are {} now, so short-term memory holds the last {} hours.",
        session.name(),
        session.hours()
    )
}

/// `/session` with something else.
#[must_use]
pub fn session_unknown(args: &str) -> String {
    let shown: String = args.chars().take(40).collect();
    format!(
        "I do not know the session length \"{shown}\". Choose /session short (3 hours), medium (6) or long (12)."
    )
}

/// `/respond`.
#[must_use]
pub fn respond_is(respond_to: RespondTo) -> String {
    match respond_to {
        RespondTo::Mention => {
            "I answer here when I am mentioned, replied to or commanded. Change it with /respond all.".into()
        }
        RespondTo::All => "I answer every message here. Change it with /respond mention.".into(),
    }
}

/// `/shortterm`, `/wholehistory`.
#[must_use]
pub fn tier(name: &str, what: &str, stats: &TierStats) -> String {
    let Some((first, last)) = stats.range else {
        return format!("{name} ({what}) is empty. Write something, and it will be here.");
    };
    format!(
        "{name} ({what})\nTotal: {}\nFrom people: {}\nFrom me: {}\nFrom {} to {}",
        messages(stats.total),
        stats.user,
        stats.total - stats.user,
        moment(first),
        moment(last)
    )
}

/// `/status`.
#[must_use]
pub fn status(chat: &ChatAccount, model: &str, limits: &Limits, kind: ChatKind) -> String {
    let mut lines = vec![match chat.tenancy {
        Tenancy::Permanent => "Account: permanent".to_owned(),
        Tenancy::Temporary { expires_at } => {
            format!("Account: temporary, until {}", day(expires_at))
        }
    }];
    lines.push(format!("Model: {model}"));
    lines.push(format!("Session: {} ({} hours)", chat.session.name(), chat.session.hours()));
    if kind != ChatKind::Private {
        lines.push(respond_is(chat.respond_to));
    }
    lines.push(if let Choice::Own(_) = chat.model {
        format!("Today: {} answers, {} tokens", chat.used_own.messages, chat.used_own.tokens)
    } else {
        let day = chat.limits.or(limits.of(chat.tenancy));
        format!(
            "Today: {} of {} answers, {} of {} tokens",
            chat.used.messages, day.messages, chat.used.tokens, day.tokens
        )
    });
    lines.join("\n")
}

/// `/account_id`.
#[must_use]
pub fn account_id(account: AccountId, chat: ChatId, tenancy: Tenancy) -> String {
    let kind = match tenancy {
        Tenancy::Permanent => "permanent",
        Tenancy::Temporary { .. } => "temporary",
    };
    format!("Account {account} ({kind}), chat {chat}")
}

/// `/model`.
#[must_use]
pub fn model(name: &str) -> String {
    format!("Model: {name}")
}

/// The day's answers or tokens are used up.
#[must_use]
pub fn daily_limit(
    over: Over,
    limits: DayLimits,
    tenancy: Tenancy,
    speaker: i64,
    now: DateTime<Utc>,
) -> String {
    let day = format!("what a day holds ({} answers or {} tokens)", limits.messages, limits.tokens);
    let used = match (over, tenancy) {
        (Over::Account, Tenancy::Temporary { .. }) => format!("This temporary account has used {day}."),
        (Over::Account, Tenancy::Permanent) => format!("This account has used {day}."),
        (Over::Person, _) if person_of(speaker, tenancy) == Some(ANONYMOUS) => format!(
            "All who write anonymously have together used {day}. Whoever writes under their own name has a day of their own."
        ),
        (Over::Person, Tenancy::Temporary { .. }) => {
            format!("In all your chats with temporary accounts together you have used {day}.")
        }
        (Over::Person, Tenancy::Permanent) => format!("In all your accounts together you have used {day}."),
        (Over::Program, _) => {
            "All who talk to me have together used what my operator allows for a day.".to_owned()
        }
    };
    format!("{used} I have kept your message; answers go on after midnight UTC, {}.", until_tomorrow(now))
}

/// How long that is.
fn until_tomorrow(now: DateTime<Utc>) -> String {
    let minutes = (next_day(now) - now).num_minutes() + 1;
    match (minutes + 30) / 60 {
        0 => "within the hour".to_owned(),
        1 => "in about an hour".to_owned(),
        hours => format!("in about {hours} hours"),
    }
}

/// A chat that the operator has not allowed.
#[must_use]
pub fn not_allowed(chat: ChatId) -> String {
    format!("This bot answers only in chats that its operator has allowed. This chat's id is {chat}.")
}

/// A message with media and no text.
#[must_use]
pub fn unknown_media(media: &Media) -> String {
    let what = match media {
        Media::Photo => "a photo",
        Media::Video | Media::VideoNote => "a video",
        Media::Voice => "a voice message",
        Media::Audio => "a sound file",
        Media::Document => "a file",
        Media::Sticker(_) => "a sticker",
        Media::Animation => "an animation",
        Media::Location => "a place",
        Media::Contact => "a contact",
        Media::Poll => "a poll",
        Media::Dice => "a die",
        Media::Other(_) => "something that I do not know",
    };
    format!(
        "This is {what}, and I can read only text so far. Tell me in words what it is about, and I will remember it."
    )
}

/// The model that an account has chosen does not exist any more.
#[must_use]
pub fn model_is_gone(gone: &str, instead: &str) -> String {
    format!("The model {gone} is no longer there, so {instead} answers.")
}

fn messages(count: i64) -> String {
    if count == 1 { "1 message".into() } else { format!("{count} messages") }
}

fn day(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y").to_string()
}

fn moment(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y, %H:%M UTC").to_string()
}
