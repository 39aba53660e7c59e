//! What people do in the local chat, before it happened: checked, numbered, and refused in plain words.

use serde::Deserialize;

use crate::{
    chats::{Chats, Message},
    entities::{find, utf16_len},
    people::Person,
};

/// Telegram's limit, in UTF-16 units: <https://core.telegram.org/bots/api#sendmessage>.
pub const MOST_UNITS: usize = 4096;

/// A new message of a person.
#[derive(Debug, Deserialize)]
pub struct Said {
    pub chat_id: i64,
    pub from_id: i64,
    pub text: String,
    pub reply_to: Option<i64>,
    pub thread_id: Option<i64>,
}

/// A new text for a person's message.
#[derive(Debug, Deserialize)]
pub struct Edit {
    pub chat_id: i64,
    pub message_id: i64,
    pub text: String,
}

/// A press of a key under one of the bot's messages.
#[derive(Debug, Deserialize)]
pub struct Press {
    pub chat_id: i64,
    pub from_id: i64,
    pub message_id: i64,
    pub data: String,
}

/// Why something did not happen.
#[derive(Debug, thiserror::Error)]
pub enum Refusal {
    #[error("There is no such chat.")]
    NoSuchChat,
    #[error("This person is not in the chat.")]
    NotInChat,
    #[error("There is no such message.")]
    NoSuchMessage,
    #[error("There is no such key under this message any more.")]
    NoSuchKey,
    #[error("Only a person's own message can be changed.")]
    NotYours,
    #[error("An empty message says nothing.")]
    Empty,
    #[error("Telegram takes up to 4,096 characters in one message.")]
    TooLong,
    #[error("A name has 1 to 64 characters.")]
    BadName,
    #[error("A group has 1 to 20 people besides the bot.")]
    BadGroup,
    #[error("There are enough chats: 100.")]
    TooManyChats,
}

impl Said {
    /// The message that it becomes at `now`, numbered.
    pub fn into_message(self, chats: &Chats, now: i64) -> Result<Message, Refusal> {
        let room = chats.room(self.chat_id).ok_or(Refusal::NoSuchChat)?;
        if !room.chat.people.iter().any(|person| person.id == self.from_id) {
            return Err(Refusal::NotInChat);
        }
        if self.reply_to.is_some_and(|id| chats.message(self.chat_id, id).is_none()) {
            return Err(Refusal::NoSuchMessage);
        }
        let text = checked(&self.text)?;
        Ok(Message {
            chat_id: self.chat_id,
            message_id: chats.next_message_id(now),
            from_id: self.from_id,
            at: now,
            entities: find(&text),
            text,
            reply_to: self.reply_to,
            thread_id: self.thread_id,
            update_id: Some(chats.next_update_id(now)),
            edited_at: None,
            keyboard: None,
            document: None,
        })
    }
}

impl Press {
    /// Who presses under which message.
    pub fn find<'a>(&self, chats: &'a Chats) -> Result<(&'a Person, &'a Message), Refusal> {
        let room = chats.room(self.chat_id).ok_or(Refusal::NoSuchChat)?;
        let person = room.chat.people.iter().find(|person| person.id == self.from_id);
        let message = chats.message(self.chat_id, self.message_id).ok_or(Refusal::NoSuchMessage)?;
        if !message.keyboard.as_ref().is_some_and(|keyboard| keyboard.has(&self.data)) {
            return Err(Refusal::NoSuchKey);
        }
        Ok((person.ok_or(Refusal::NotInChat)?, message))
    }
}

impl Edit {
    /// The message as it is from `now` on.
    pub fn into_message(self, chats: &Chats, now: i64) -> Result<Message, Refusal> {
        let old = chats.message(self.chat_id, self.message_id).ok_or(Refusal::NoSuchMessage)?;
        if old.update_id.is_none() {
            return Err(Refusal::NotYours);
        }
        let text = checked(&self.text)?;
        Ok(Message { entities: find(&text), text, edited_at: Some(now), ..old.clone() })
    }
}

fn checked(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() {
        return Err(Refusal::Empty);
    }
    if utf16_len(text) > MOST_UNITS {
        return Err(Refusal::TooLong);
    }
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::chats::Event;
    use crate::people::first_chats;

    fn chats() -> Chats {
        let mut chats = Chats::default();
        for chat in first_chats() {
            chats.apply(Event::Chat(chat));
        }
        chats
    }

    #[test]
    fn nobody_speaks_where_they_are_not_and_nothing_empty_or_too_long_is_said() {
        let said = |chat_id, from_id, text: &str| {
            let said = Said { chat_id, from_id, text: text.into(), reply_to: None, thread_id: None };
            said.into_message(&chats(), 0)
        };
        assert!(matches!(said(5, 1001, "hi"), Err(Refusal::NoSuchChat)));
        assert!(matches!(said(1001, 1002, "hi"), Err(Refusal::NotInChat)));
        assert!(matches!(said(1001, 1001, " \n"), Err(Refusal::Empty)));
        assert!(matches!(said(1001, 1001, &"🙈".repeat(2049)), Err(Refusal::TooLong)));
        assert!(said(1001, 1001, &"🙈".repeat(2048)).is_ok());
    }

    #[test]
    fn the_bots_words_are_not_changed_by_people() {
        let mut chats = chats();
        let said = Said { chat_id: 1001, from_id: 1001, text: "hi".into(), reply_to: None, thread_id: None };
        let message = said.into_message(&chats, 0).expect("a message");
        let answer =
            Message { message_id: message.message_id + 1, from_id: 1, update_id: None, ..message.clone() };
        let edit = |message_id| Edit { chat_id: 1001, message_id, text: "/help".into() };
        let (first, second) = (edit(message.message_id), edit(answer.message_id));
        chats.apply(Event::Message(message.clone()));
        chats.apply(Event::Message(answer));
        assert!(matches!(second.into_message(&chats, 9), Err(Refusal::NotYours)));
        let changed = first.into_message(&chats, 9).expect("a message");
        assert_eq!(
            (changed.edited_at, changed.entities.len(), changed.update_id),
            (Some(9), 1, message.update_id)
        );
    }
}
