//! A kept body, taken apart for the turn that answers it.

use super::envelope::UpdateKind;
use super::message::Message;
use super::object::Object;
use super::speaker::{Chat, Speaker};

/// What an update brings.
#[derive(Debug, Clone, PartialEq)]
pub enum Incoming {
    /// A new message.
    Message(Message),
    /// The new version of a message that was there before.
    Edited(Message),
    /// The bot's own standing in a chat has changed.
    Membership(Membership),
    /// A button under one of the bot's messages was pressed.
    Button(Button),
    /// Nothing that we answer.
    Ignored,
}

/// A change of the bot's own standing in a chat (`my_chat_member`).
#[derive(Debug, Clone, PartialEq)]
pub struct Membership {
    /// Where.
    pub chat: Chat,
    /// Who changed it: in a private chat the person who has blocked or unblocked the bot.
    pub from: Speaker,
    /// The standing from now on.
    pub status: Standing,
    /// The standing until now.
    pub was: Standing,
}

/// What the bot is in a chat.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// An ordinary member; in a private chat: not blocked.
    Member,
    /// A member with an administrator's rights.
    Administrator,
    /// A member who may not do everything.
    Restricted,
    /// Not in the chat.
    Left,
    /// Removed by somebody, or blocked in a private chat.
    Kicked,
}

impl Standing {
    /// Whether the bot is in the chat.
    #[must_use]
    pub const fn is_in(self) -> bool {
        matches!(self, Self::Member | Self::Administrator | Self::Restricted)
    }

    fn read(member: &Object) -> Option<Self> {
        Some(match member.text("status")?.as_str() {
            "creator" | "administrator" => Self::Administrator,
            "member" => Self::Member,
            // The restrictions of those who have left are remembered:
            // <https://core.telegram.org/bots/api#chatmemberrestricted>.
            "restricted" if member.flag("is_member") => Self::Restricted,
            "restricted" | "left" => Self::Left,
            "kicked" => Self::Kicked,
            _ => return None,
        })
    }
}

/// A press of a button (`callback_query`).
#[derive(Debug, Clone, PartialEq)]
pub struct Button {
    /// What the press is to be confirmed with.
    pub id: String,
    /// Who pressed.
    pub from: Speaker,
    /// The chat of the message with the button.
    pub chat_id: i64,
    /// The message with the button.
    pub message_id: i64,
    /// What we had put into the button.
    pub data: String,
}

/// Why a body cannot be used.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Malformed {
    /// The body is not JSON, or not an object.
    #[error("not a JSON object")]
    NotAnObject,
    /// A field that nothing can be done without.
    #[error("{0} is missing or unreadable")]
    Lacks(&'static str),
}

/// Takes a body apart.
///
/// # Errors
///
/// When a field is missing or unreadable without which the update means nothing: its number, the chat's and
/// the message's number, the status of a membership, the number of a button press. Any other field that is
/// wrong is as if it were absent.
pub fn parse(body: &[u8]) -> Result<Incoming, Malformed> {
    let body = String::from_utf8_lossy(body);
    let update = Object::parse(&body).ok_or(Malformed::NotAnObject)?;
    update.integer("update_id").ok_or(Malformed::Lacks("update_id"))?;
    let Some((kind, content)) = UpdateKind::of(&update) else {
        return Ok(Incoming::Ignored);
    };
    match kind {
        UpdateKind::Message => Message::read(&content).map(Incoming::Message),
        UpdateKind::EditedMessage => Message::read(&content).map(Incoming::Edited),
        UpdateKind::MyChatMember => membership(&content).map(Incoming::Membership),
        UpdateKind::CallbackQuery => button(&content),
        UpdateKind::Other => Ok(Incoming::Ignored),
    }
}

fn membership(content: &Object) -> Result<Membership, Malformed> {
    let standing = |name| content.object(name).and_then(|member| Standing::read(&member));
    Ok(Membership {
        chat: Chat::of(content).ok_or(Malformed::Lacks("chat"))?,
        from: Speaker::of(content).ok_or(Malformed::Lacks("from"))?,
        status: standing("new_chat_member").ok_or(Malformed::Lacks("new_chat_member.status"))?,
        was: standing("old_chat_member").unwrap_or(Standing::Left),
    })
}

/// Presses under inline messages (which have no chat) and of game buttons (which have no data) are none of
/// ours.
fn button(content: &Object) -> Result<Incoming, Malformed> {
    let Some(chat) = UpdateKind::CallbackQuery.chat(content) else {
        return Ok(Incoming::Ignored);
    };
    let (Some(chat_id), Some(data)) = (chat.integer("id"), content.text("data")) else {
        return Ok(Incoming::Ignored);
    };
    let message_id = content.object("message").and_then(|message| message.integer("message_id"));
    Ok(Incoming::Button(Button {
        id: content.text("id").ok_or(Malformed::Lacks("id"))?,
        from: Speaker::of(content).or_else(|| Speaker::read(&chat)).ok_or(Malformed::Lacks("from"))?,
        chat_id,
        message_id: message_id.ok_or(Malformed::Lacks("message_id"))?,
        data,
    }))
}

#[cfg(test)]
mod tests {
    use super::super::samples;
    use super::{Button, Incoming, Malformed, Membership, Standing, parse};

    fn membership(old: &str, new: &str) -> Result<Incoming, Malformed> {
        parse(
            format!(
                r#"{{"update_id":1,"my_chat_member":{{"chat":{{"id":5,"type":"private"}},"from":{{"id":5}},
                "old_chat_member":{old},"new_chat_member":{new}}}}}"#
            )
            .as_bytes(),
        )
    }

    fn standings(old: &str, new: &str) -> (Standing, Standing) {
        match membership(old, new) {
            Ok(Incoming::Membership(Membership { was, status, .. })) => (was, status),
            other => panic!("not a membership: {other:?}"),
        }
    }

    #[test]
    fn being_added_to_a_group_is_a_membership() {
        let Ok(Incoming::Membership(added)) = parse(samples::MEMBERSHIP.as_bytes()) else {
            panic!("not a membership");
        };
        assert_eq!((added.chat.id, added.from.name.as_str()), (-1_001_234_567_890, "Борис"));
        assert!(added.status.is_in() && !added.was.is_in());
    }

    #[test]
    fn each_standing_is_read() {
        let member = r#"{"status":"member"}"#;
        assert_eq!(standings(member, r#"{"status":"kicked"}"#), (Standing::Member, Standing::Kicked));
        assert_eq!(standings(r#"{"status":"left"}"#, member), (Standing::Left, Standing::Member));
        assert_eq!(standings(member, r#"{"status":"administrator"}"#).1, Standing::Administrator);
        assert_eq!(standings(member, r#"{"status":"restricted","is_member":true}"#).1, Standing::Restricted);
        assert_eq!(standings(member, r#"{"status":"restricted","is_member":false}"#).1, Standing::Left);
    }

    #[test]
    fn only_the_new_standing_is_indispensable() {
        assert_eq!(standings("null", r#"{"status":"member"}"#).0, Standing::Left);
        let ghost = membership(r#"{"status":"member"}"#, r#"{"status":"ghost"}"#);
        assert_eq!(ghost, Err(Malformed::Lacks("new_chat_member.status")));
    }

    #[test]
    fn a_pressed_button_says_who_pressed_what_and_where() {
        let Ok(Incoming::Button(Button { id, from, chat_id, message_id, data })) =
            parse(samples::BUTTON.as_bytes())
        else {
            panic!("not a button");
        };
        assert_eq!(
            (id.as_str(), from.id, chat_id, message_id, data.as_str()),
            ("2151750083721", 501, 501, 43, "register")
        );
    }

    #[test]
    fn a_button_that_is_none_of_ours_is_ignored() {
        for press in [
            r#"{"id":"1","from":{"id":5},"inline_message_id":"A","data":"x"}"#,
            r#"{"id":"1","from":{"id":5},"message":{"message_id":1,"chat":{"id":5}},"game_short_name":"x"}"#,
        ] {
            let body = format!(r#"{{"update_id":1,"callback_query":{press}}}"#);
            assert_eq!(parse(body.as_bytes()), Ok(Incoming::Ignored), "{press}");
        }
    }

    #[test]
    fn an_edit_is_told_from_a_new_message() {
        assert!(
            matches!(parse(samples::EDITED.as_bytes()), Ok(Incoming::Edited(edit)) if edit.message_id == 41)
        );
    }

    #[test]
    fn what_we_do_not_answer_is_ignored() {
        assert_eq!(parse(samples::CHANNEL_POST.as_bytes()), Ok(Incoming::Ignored));
        assert_eq!(parse(br#"{"update_id":1,"telepathy":{}}"#), Ok(Incoming::Ignored));
        assert_eq!(parse(br#"{"update_id":1,"message":null}"#), Ok(Incoming::Ignored));
    }

    #[test]
    fn a_message_without_its_numbers_names_what_it_lacks() {
        let lacks = |message: &str| parse(format!(r#"{{"update_id":1,"message":{message}}}"#).as_bytes());
        assert_eq!(lacks(r#"{"message_id":1}"#), Err(Malformed::Lacks("chat")));
        assert_eq!(lacks(r#"{"chat":{"id":5}}"#), Err(Malformed::Lacks("message_id")));
        assert_eq!(parse(b"[1]"), Err(Malformed::NotAnObject));
        assert_eq!(parse(b"{}"), Err(Malformed::Lacks("update_id")));
    }
}
