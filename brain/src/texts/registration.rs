//! What the bot says, and writes by mail, while somebody registers a chat or signs in.

use chrono::Duration;

/// `/register` where no mail can go out.
pub const NO_MAIL: &str = "Permanent accounts cannot be made on this bot yet: its operator has to set up mail (SMTP_URL). Everything else works, and /export gives you a copy of what I keep.";
/// `/register` in a private chat that is registered.
pub const IS_PERMANENT: &str =
    "This chat has a permanent account already. /dashboard signs you in, and /link lets another chat join.";
/// The same in a group.
pub const GROUP_IS_PERMANENT: &str = "This group has a permanent account already. Who registered it gets to the dashboard with /dashboard, in a private chat with me.";
/// The key that goes on in private.
pub const GO_ON_IN_PRIVATE: &str = "Go on in private";
/// After a press, where it worked.
pub const ASKED_IN_PRIVATE: &str = "I have written to you in our private chat.";
/// After a press by somebody to whom the bot may not write.
pub const CANNOT_REACH: &str =
    "I cannot write to you in private yet: open my profile, press Start there, then press this again.";
/// `/register` without an address.
pub const WHICH_ADDRESS: &str = "Which mail address shall the account have? Write just the address; I send a link there that works once. \
All that I remember stays as it is.";
/// `/register` with something else.
pub const BROKEN_ADDRESS: &str = "That is no mail address to which I can write. It should look like you@example.com: give /register you@example.com again.";
/// `/dashboard` in a group.
pub const DASHBOARD_IS_PRIVATE: &str =
    "A link that signs you in is for you alone: give /dashboard in a private chat with me.";
/// `/dashboard` with a temporary account.
pub const DASHBOARD_NEEDS_REGISTER: &str = "The dashboard belongs to a permanent account. /register you@example.com makes this chat's account permanent; all that I remember stays.";
/// `/dashboard` where nobody knows who writes.
pub const DASHBOARD_NEEDS_ADDRESS: &str = "This chat's account is permanent, but I do not know yet which of its people you are: give /register with your mail address once, then /dashboard signs you in.";

/// `/dashboard` while the sign-in service does not answer.
pub const DASHBOARD_IS_AWAY: &str =
    "The sign-in service does not give me a link right now. Please try again in a few minutes.";

/// In the place of a message with a link or a code that could not be sent in time.
pub const SECRET_IS_OVER: &str = "I could not write to you in time: the link or the code that you asked for is no longer valid. Please ask for it again.";

/// `/register` in a group; `posted`: with an address, which all have seen now.
#[must_use]
pub fn in_group(posted: bool) -> String {
    let hint = if posted { " You may want to delete your message with the address." } else { "" };
    format!("Let us go on in private, so that no mail address is posted here.{hint}")
}

/// To who pressed the key in a group.
#[must_use]
pub fn which_address_for(group: &str) -> String {
    format!(
        "Which mail address shall the permanent account of \"{group}\" have? Write just the address; I send a link there that works once. \
         All that I remember of the group stays as it is."
    )
}

/// After an address. `group`: for which group, where it is for one.
#[must_use]
pub fn mail_is_on_its_way(email: &str, code: &str, group: Option<&str>) -> String {
    let of = group.map(|group| format!(" for \"{group}\"")).unwrap_or_default();
    format!(
        "A mail{of} is on its way to {email}. Open the link in it within 15 minutes; the page asks for this code:\n\n{code}\n\n\
         Tell the code to nobody: it is the proof that you opened the link for this chat. If the mail does not come, look \
         in the spam folder, or give /register with the address again."
    )
}

/// After too many mails to one address.
#[must_use]
pub fn address_is_busy(wait: Duration) -> String {
    format!(
        "Three mails went to this address from this chat within a quarter of an hour, which is the most. The newest is still good: look in the spam folder too. I can write there again in {}.",
        minutes(wait)
    )
}

/// After too many mails from one chat.
#[must_use]
pub fn chat_is_busy(wait: Duration) -> String {
    format!(
        "Ten mails were asked for from this chat within a day, which is the most. Try again in {}.",
        minutes(wait)
    )
}

/// `/dashboard`, too often.
#[must_use]
pub fn too_many_links(wait: Duration) -> String {
    format!("I gave you ten links within an hour. The next one is to be had in {}.", minutes(wait))
}

/// `/dashboard`.
#[must_use]
pub fn dashboard(link: &str) -> String {
    format!(
        "This link signs you in on the dashboard, once, within 15 minutes. It is for you alone:\n\n{link}"
    )
}

/// A link that could not go by mail because there is none, in `dev`.
#[must_use]
pub fn link_instead_of_mail(link: &str) -> String {
    format!("There is no mail here (SMTP_URL is not set), so this is the link that would be in it:\n\n{link}")
}

/// While the mail server does not take the mail.
pub const MAIL_IS_LATE: &str = "The mail server does not take the mail right now. I keep trying for a quarter of an hour; you need not do anything.";
/// When it never did.
pub const MAIL_FAILED: &str = "The mail could not be sent in a quarter of an hour. Nothing has changed; give /register with the address again later.";
/// When it refuses the address.
pub const MAIL_REFUSED: &str = "The mail server refuses to deliver to that address. Look whether it is written right, and give /register with it again.";

/// To a registered chat: what has changed. `by` is the address, which is for the private chat only.
#[must_use]
pub fn registered(by: Option<&str>) -> String {
    let of = by.map(|by| format!(", with the address {by}")).unwrap_or_default();
    format!(
        "Done: this chat has a permanent account now{of}. It does not end after 30 days, the daily limits are gone, and all that I \
         remember is simply still there. /dashboard (in private) signs you in, /link lets other chats join."
    )
}

/// To a private chat whose person is known now.
#[must_use]
pub fn known(by: &str) -> String {
    format!("Done: I know that you are {by}. /dashboard signs you in.")
}

/// To who registered a group, in private.
#[must_use]
pub fn group_is_done(group: &str) -> String {
    format!("\"{group}\" belongs to your permanent account now. /dashboard signs you in.")
}

/// A mail: its subject and its text.
pub struct Mail {
    /// The subject.
    pub subject: String,
    /// The text.
    pub text: String,
}

/// The mail that registers a chat.
#[must_use]
pub fn mail_to_register(chat: &str, link: &str) -> Mail {
    Mail {
        subject: "Confirm your PykhBrain account".into(),
        text: format!(
            "Hello,\n\nin the Telegram chat \"{chat}\" somebody asked to make its PykhBrain account permanent with this address.\n\n\
             If that was you, open this link within 15 minutes and type the four digits that the bot has shown you there:\n\n{link}\n\n\
             If it was not you, do nothing: without the link and the digits nothing happens.\n"
        ),
    }
}

/// The mail that signs in.
#[must_use]
pub fn mail_to_sign_in(link: &str) -> Mail {
    Mail {
        subject: "Your PykhBrain sign-in link".into(),
        text: format!(
            "Hello,\n\nthis link signs you in on the PykhBrain dashboard, once, within 15 minutes:\n\n{link}\n\n\
             If you have not asked for it, do nothing.\n"
        ),
    }
}

fn minutes(wait: Duration) -> String {
    match wait.num_seconds().max(1).cast_unsigned().div_ceil(60) {
        1 => "1 minute".into(),
        minutes if minutes < 120 => format!("{minutes} minutes"),
        minutes => format!("{} hours", minutes.div_ceil(60)),
    }
}
