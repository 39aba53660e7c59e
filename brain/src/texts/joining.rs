//! What people read before and after they, or a chat of theirs, come into an account: the same words in chats, on pages and in mails.

use chrono::{DateTime, Utc};

use super::{day, registration::Mail};
use crate::db::{
    account_summary::AccountSummary,
    invitations::Invitation,
    notices::{Chat, Event, Notice},
};

/// What comes of accepting an invitation, sentence by sentence.
pub const PERSON_JOINS: [&str; 3] = [
    "You would see what is said in the account's groups, what is remembered of them, and who is in the account.",
    "The others would see your mail address, and that you are in the account.",
    "No chat of yours comes along: what you write in your private chat stays where it is. You can leave again on the account page.",
];
/// The same for who would administer it.
pub const ADMINISTRATOR_JOINS: &str = "As an administrator you could also let people and chats in, put them out, and choose the account's model.";
/// What comes of a private chat's joining, sentence by sentence.
pub const PRIVATE_CHAT_JOINS: [&str; 3] = [
    "What is said in this private chat stays its person's: nobody else in the account can read it. Its administrators see that the chat is there.",
    "What is known of the account's groups is known here too, and what is given to /share here is known in all of its chats.",
    "All that is remembered here comes along, and leaves again with the chat: /unlink takes it out.",
];
/// The same for a group.
pub const GROUP_JOINS: [&str; 3] = [
    "Everybody in the account can read what was said and will be said in this group, and what is remembered of it is known in all chats of the account.",
    "What is known of the account's other groups is known here, and everybody in this group can ask for it.",
    "All that is remembered here comes along, and leaves again with the group: an administrator of the account can unlink it.",
];

/// What comes of a chat's joining.
#[must_use]
pub fn chat_joins(is_group: bool) -> [&'static str; 3] {
    if is_group { GROUP_JOINS } else { PRIVATE_CHAT_JOINS }
}

/// Where the account's own model is; `None` where it has none.
#[must_use]
pub fn own_model(account: &AccountSummary, is_group: bool) -> Option<String> {
    let host = account.model_server.as_deref()?;
    Some(if is_group {
        format!("The account has a model of its own at {host}: what is said in its groups goes there.")
    } else {
        format!(
            "The account has a model of its own at {host}: what is said in its groups goes there, and what is said in a private chat only after its person has agreed to that in the chat."
        )
    })
}

/// The account in one line.
#[must_use]
pub fn name(account: &AccountSummary) -> String {
    let name = if account.name.is_empty() { "without a name" } else { &account.name };
    format!("\"{name}\" (account {})", account.id)
}

/// Its administrators' addresses.
#[must_use]
pub fn administrators(account: &AccountSummary) -> String {
    if account.administrators.is_empty() { "nobody".into() } else { account.administrators.join(", ") }
}

/// How many are in it.
#[must_use]
pub fn in_it(account: &AccountSummary) -> String {
    let people = if account.people == 1 { "1 person".into() } else { format!("{} people", account.people) };
    let chats = if account.chats == 1 { "1 chat".into() } else { format!("{} chats", account.chats) };
    format!("{people}, {chats}")
}

fn described(account: &AccountSummary) -> String {
    format!("Administrators: {}\nIn it: {}", administrators(account), in_it(account))
}

/// Before a chat joins by a code.
#[must_use]
pub fn before_linking(account: &AccountSummary, is_group: bool) -> String {
    let chat = if is_group { "group" } else { "chat" };
    let mut lines = vec![
        format!(
            "This code lets this {chat} join an account of somebody. Nothing has happened yet.\n\nAccount: {}\n{}\n",
            name(account),
            described(account)
        ),
        chat_joins(is_group).join("\n"),
    ];
    lines.extend(own_model(account, is_group));
    lines.push(
        "\nIf you do not know these administrators, or somebody promised you something for it, press Cancel."
            .into(),
    );
    lines.join("\n")
}

/// The keys under it.
pub const JOIN: &str = "Join";
/// The same.
pub const CANCEL: &str = "Cancel";
/// After Join.
pub const JOINING: &str = "It has joined.";
/// After Cancel.
pub const NOT_JOINED: &str = "Nothing has changed.";

/// The keys under an invitation.
pub const ACCEPT: &str = "Accept";
/// The same.
pub const DECLINE: &str = "Decline";
/// After Decline.
pub const DECLINED: &str = "You have declined. Nothing has changed, and you are in no account by it.";
/// After a key whose invitation is not there any more.
pub const INVITATION_IS_OVER: &str =
    "This invitation is not there any more: it was answered, taken back, or is older than 14 days.";
/// After Accept.
pub const ACCEPTED: &str = "You are in the account now. No chat has moved; /dashboard shows the account, and you can leave it there.";

/// An invitation, in the invited person's private chat.
#[must_use]
pub fn invited(invitation: &Invitation) -> String {
    let account = &invitation.account;
    let mut lines = vec![
        format!(
            "You are invited into an account of others, {}, as {}. It gives you nothing and takes nothing of yours before you accept; it can be answered until {}.\n\nAccount: {}\n{}\n",
            if account.name.is_empty() { "without a name".into() } else { format!("\"{}\"", account.name) },
            role(invitation.is_admin),
            day(invitation.expires_at),
            name(account),
            described(account)
        ),
        PERSON_JOINS.join("\n"),
    ];
    lines.extend(invitation.is_admin.then(|| ADMINISTRATOR_JOINS.to_owned()));
    lines.extend(own_model(account, false));
    lines.join("\n")
}

/// What somebody is in an account.
#[must_use]
pub const fn role(is_admin: bool) -> &'static str {
    if is_admin { "an administrator" } else { "a member" }
}

/// What is said of it in a chat.
#[must_use]
pub fn notice(notice: &Notice) -> String {
    let account = &notice.account;
    match &notice.event {
        Event::Invited(invitation) => invited(invitation),
        Event::Removed => format!(
            "You are in the account {} no longer: one of its administrators has put you out. You see nothing of it any more; chats of yours that \
             were in it leave it with all that was said in them, and are told.",
            name(account)
        ),
        Event::Joined => {
            let is_group = notice.to_chat.is_some_and(crate::ids::ChatId::is_group);
            let mut lines = vec![
                format!(
                    "Linked: this chat belongs to the account {} now.\n{}\n",
                    name(account),
                    described(account)
                ),
                chat_joins(is_group).join("\n"),
            ];
            lines.extend(own_model(account, is_group));
            lines.join("\n")
        }
        Event::ChatJoined(chat) => format!(
            "{} has joined your account {}. If that was not meant to be, unlink it on the account page (/dashboard).",
            chat_in_words(chat.as_ref()),
            name(account)
        ),
        Event::Left => format!(
            "This chat has left the account {}, with all that was said and learned here. Nobody there sees it any more. It has a \
             temporary account of its own now, for 30 days; /register keeps it, and /export gives you a copy.",
            name(account)
        ),
    }
}

fn chat_in_words(chat: Option<&Chat>) -> String {
    match chat {
        Some(Chat { name, is_group: true }) => format!("The group \"{name}\""),
        Some(Chat { name, is_group: false }) => format!("The private chat of {name}"),
        None => "A chat".into(),
    }
}

/// The mail to an administrator of whom no chat is known.
#[must_use]
pub fn mail_of_joined(notice: &Notice, account_page: &str) -> Mail {
    let chat = match &notice.event {
        Event::ChatJoined(chat) => chat_in_words(chat.as_ref()),
        _ => chat_in_words(None),
    };
    Mail {
        subject: "A chat has joined your PykhBrain account".into(),
        text: format!(
            "Hello,\n\n{chat} has joined the PykhBrain account {}, which you administer.\n\n\
             If that was not meant to be, unlink it on the account page:\n\n{account_page}\n",
            name(&notice.account)
        ),
    }
}

/// The mail that invites.
#[must_use]
pub fn mail_to_invite(account: &AccountSummary, is_admin: bool, until: DateTime<Utc>, login: &str) -> Mail {
    let mut sentences = PERSON_JOINS.to_vec();
    sentences.extend(is_admin.then_some(ADMINISTRATOR_JOINS));
    Mail {
        subject: "You are invited into a PykhBrain account".into(),
        text: format!(
            "Hello,\n\nyou are invited into the PykhBrain account {}, as {}.\n\n{}\n\n{}\n\n\
             Nothing happens before you accept. Sign in with this mail address to accept or decline, until {}:\n\n{login}\n\n\
             If you do not want this, do nothing.\n",
            name(account),
            role(is_admin),
            described(account),
            sentences.join("\n"),
            day(until),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::AccountId;

    fn account() -> AccountSummary {
        AccountSummary {
            id: AccountId(7),
            name: "Olena".into(),
            administrators: vec!["olena@example.com".into(), "taras@example.com".into()],
            people: 1,
            chats: 3,
            model_server: Some("models.example".into()),
        }
    }

    #[test]
    fn who_is_asked_reads_the_account_its_administrators_its_size_and_where_words_go() {
        for is_group in [true, false] {
            let text = before_linking(&account(), is_group);
            for part in [
                "\"Olena\" (account 7)",
                "olena@example.com, taras@example.com",
                "1 person, 3 chats",
                "models.example",
            ] {
                assert!(text.contains(part), "{part}: {text}");
            }
        }
        let nameless = AccountSummary { name: String::new(), model_server: None, ..account() };
        assert!(!before_linking(&nameless, true).contains("model of its own"));
        assert!(name(&nameless).contains("without a name"));
    }
}
