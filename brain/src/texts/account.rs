//! What the bot says about accounts: how long they last, and how chats come to share one.

use chrono::{DateTime, Duration, Utc};

use super::day;

/// `/link` where there is room for one chat only.
pub const LINK_NEEDS_REGISTER: &str = "A temporary account has one chat only. Make it permanent with /register, then /link gives a code for the next chat.";
/// `/link` by somebody who is no administrator of the account.
pub const LINK_IS_FOR_ADMINISTRATORS: &str = "Whoever has a code joins this account and shares what is known in it, so codes are for the account's administrators, whoever administers a group. If you are one, give /register with your mail address in a private chat with me once, so that I know who you are.";
/// `/link` in a group, where it worked.
pub const LINK_WENT_TO_PRIVATE: &str =
    "I am sending the code to your private chat with me, because whoever has it can join this account.";
/// `/link` by somebody who speaks as the group.
pub const LINK_IS_FOR_A_PERSON: &str = "A code goes to a private chat, and you write as the group, so I do not know to whose. Write as yourself and give /link again.";
/// `/link CODE` in a chat of the code's own account.
pub const LINKED_ALREADY: &str = "This chat belongs to that account already.";
/// `/link CODE` in a chat of another permanent account.
pub const LINKED_ELSEWHERE: &str = "This chat belongs to another permanent account. Unlink it there first, on the dashboard's account page, then give the code again.";
/// `/link` with a code that lets nobody in.
pub const WRONG_LINK_CODE: &str = "I do not know this code. A code works once and for ten minutes: give /link in the other chat for a new one.";

/// Before a temporary account ends.
#[must_use]
pub fn ends_soon(expires_at: DateTime<Utc>, now: DateTime<Utc>) -> String {
    let days = (expires_at - now).as_seconds_f64() / 86_400.0;
    let left = if days <= 1.0 { "within a day".to_owned() } else { format!("in {:.0} days", days.ceil()) };
    format!(
        "This chat's temporary account ends {left}, on {}. Then I delete everything that I keep of this chat. \
         /register keeps all of it, and /export gives you a copy.",
        day(expires_at)
    )
}

/// `/link`, to who asked.
#[must_use]
pub fn link_code(code: &str) -> String {
    format!(
        "To join another chat to this account, write there within ten minutes:\n/link {code}\n\n\
         It works once, and in a group only for its administrators. I show there what it joins and ask once more; then everything that I \
         remember of that chat comes along, and you are told."
    )
}

/// `/link` in a group by somebody to whom the bot may not write.
#[must_use]
pub fn link_needs_a_private_chat(name: &str, bot: &str) -> String {
    let whom = if bot.is_empty() { "me".to_owned() } else { format!("@{bot}") };
    format!(
        "{name}, the code goes to your private chat with me, and I cannot write to you there yet. Open a chat with {whom}, press Start, then give /link here again."
    )
}

/// After too many wrong codes.
#[must_use]
pub fn too_many_link_codes(wait: Duration) -> String {
    let minutes = wait.num_seconds().max(1).cast_unsigned().div_ceil(60);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!("Too many wrong codes from this chat. I look at the next one in {minutes} {unit}.")
}

/// A command that changes the account, by somebody who does not administer it.
#[must_use]
pub fn account_administrators_only(name: &str) -> String {
    format!(
        "/{name} concerns the whole account, so it is for the account's administrators, whoever administers a group. If you are one, give /register with your mail address in a private chat with me once, so that I know who you are."
    )
}

/// `/unlink` where there is nothing to leave.
pub const UNLINK_IS_TEMPORARY: &str =
    "This chat is in no account of others: it has a temporary one of its own.";
/// `/unlink`, before it is done.
pub const UNLINK_ASKS: &str = "This chat would leave the account with all that was said and learned here, into a temporary account of its own for 30 days. \
The other chats of the account know nothing of it any more.";
/// The key that does it.
pub const UNLINK_NOW: &str = "Leave the account";
/// After it.
pub const UNLINKED: &str = "It has left.";
/// By somebody in a group who does not administer the account.
pub const UNLINK_IS_FOR_ADMINISTRATORS: &str =
    "Whether a group is in an account is for the account's administrators.";
/// While a message is on its way.
pub const UNLINK_LATER: &str = "A message to this chat is on its way. Please press again in a moment.";
