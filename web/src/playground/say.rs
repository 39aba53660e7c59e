//! What people do in the local chat, before it happened: checked, numbered, and refused in plain words.

use serde::Deserialize;

use super::{
    chats::{Chat, ChatKind, Chats, Message, Person},
    entities::{find, utf16_len},
};
use crate::inbox::InboxError;

/// Telegram's limit, in UTF-16 units: <https://core.telegram.org/bots/api#sendmessage>.
pub(super) const MOST_UNITS: usize = 4096;
/// Enough for a trial, and little enough for memory.
const MOST_CHATS: usize = 100;
const MOST_PEOPLE: usize = 20;
/// Telegram's limit for first names, <https://core.telegram.org/method/account.updateProfile>.
const LONGEST_NAME: usize = 64;

/// A new message of a person.
#[derive(Debug, Deserialize)]
pub(super) struct Said {
    pub(super) chat_id: i64,
    pub(super) from_id: i64,
    pub(super) text: String,
    pub(super) reply_to: Option<i64>,
    pub(super) thread_id: Option<i64>,
}

/// A new text for a person's message.
#[derive(Debug, Deserialize)]
pub(super) struct Edit {
    pub(super) chat_id: i64,
    pub(super) message_id: i64,
    pub(super) text: String,
}

/// A new chat.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(super) enum NewChat {
    /// With somebody new.
    Private { name: String },
    /// With the people of these names: those who are known already, and new ones.
    Group { title: String, people: Vec<String> },
}

/// Why something did not happen.
#[derive(Debug, thiserror::Error)]
pub(super) enum Refusal {
    #[error("There is no such chat.")]
    NoSuchChat,
    #[error("This person is not in the chat.")]
    NotInChat,
    #[error("There is no such message.")]
    NoSuchMessage,
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
    #[error("Nothing was sent, because the database does not answer. Try again in a moment.")]
    NotTaken(#[from] InboxError),
    #[error("Nothing was sent, because the local chat's file cannot be written: {0}")]
    NotWritten(#[from] std::io::Error),
}

impl Said {
    /// The message that it becomes at `now`, numbered.
    pub(super) fn into_message(self, chats: &Chats, now: i64) -> Result<Message, Refusal> {
        let room = chats.room(self.chat_id).ok_or(Refusal::NoSuchChat)?;
        if !room.chat.people.iter().any(|person| person.id == self.from_id) {
            return Err(Refusal::NotInChat);
        }
        if self
            .reply_to
            .is_some_and(|id| chats.message(self.chat_id, id).is_none())
        {
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
        })
    }
}

impl Edit {
    /// The message as it is from `now` on.
    pub(super) fn into_message(self, chats: &Chats, now: i64) -> Result<Message, Refusal> {
        let old = chats
            .message(self.chat_id, self.message_id)
            .ok_or(Refusal::NoSuchMessage)?;
        if old.update_id.is_none() {
            return Err(Refusal::NotYours);
        }
        let text = checked(&self.text)?;
        Ok(Message {
            entities: find(&text),
            text,
            edited_at: Some(now),
            ..old.clone()
        })
    }
}

impl NewChat {
    /// The chat that it becomes.
    pub(super) fn into_chat(self, chats: &Chats) -> Result<Chat, Refusal> {
        if chats.rooms.len() >= MOST_CHATS {
            return Err(Refusal::TooManyChats);
        }
        let mut next_id = chats.people().map(|person| person.id).max().unwrap_or(1000) + 1;
        match self {
            Self::Private { name } => {
                let person = new_person(next_id, one_line(&name)?, chats);
                Ok(Chat {
                    id: person.id,
                    kind: ChatKind::Private,
                    title: person.first_name.clone(),
                    people: vec![person],
                })
            }
            Self::Group { title, people: names } => {
                let mut people: Vec<Person> = Vec::new();
                for name in names {
                    let name = one_line(&name)?;
                    if people.iter().any(|person| person.first_name == name) {
                        continue;
                    }
                    let known = chats.people().find(|person| person.first_name == name).cloned();
                    people.push(known.unwrap_or_else(|| {
                        next_id += 1;
                        new_person(next_id - 1, name, chats)
                    }));
                }
                if people.is_empty() || people.len() > MOST_PEOPLE {
                    return Err(Refusal::BadGroup);
                }
                let id = chats
                    .rooms
                    .iter()
                    .map(|room| room.chat.id)
                    .min()
                    .unwrap_or(0)
                    .min(-2000)
                    - 1;
                Ok(Chat {
                    id,
                    kind: ChatKind::Group,
                    title: one_line(&title)?,
                    people,
                })
            }
        }
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

fn one_line(name: &str) -> Result<String, Refusal> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=LONGEST_NAME).contains(&utf16_len(&name)) {
        Ok(name)
    } else {
        Err(Refusal::BadName)
    }
}

/// A username is made of the name where that has enough letters for one, else of the number.
fn new_person(id: i64, first_name: String, chats: &Chats) -> Person {
    let letters: String = first_name
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .take(32)
        .collect();
    let mut username = letters.to_ascii_lowercase();
    if username.len() < 3 || chats.people().any(|person| person.username == username) {
        username = format!("person_{id}");
    }
    Person {
        id,
        first_name,
        username,
    }
}

#[cfg(test)]
mod tests {
    use super::{super::chats::Event, *};

    fn chats() -> Chats {
        let mut chats = Chats::default();
        for chat in super::super::first_chats() {
            chats.apply(Event::Chat(chat));
        }
        chats
    }

    fn group(title: &str, people: &[&str]) -> NewChat {
        NewChat::Group {
            title: title.into(),
            people: people.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    #[test]
    fn a_group_takes_known_people_by_their_names_and_makes_the_others() {
        let chat = group(" Trip \n to Lviv", &["Taras", "Marta", "Taras", "Ян"])
            .into_chat(&chats())
            .expect("a group");
        let people: Vec<(i64, &str)> = chat
            .people
            .iter()
            .map(|who| (who.id, who.username.as_str()))
            .collect();
        assert_eq!(people, [(1002, "taras"), (1003, "marta"), (1004, "person_1004")]);
        assert_eq!((chat.id, chat.title.as_str()), (-2002, "Trip to Lviv"));
    }

    #[test]
    fn a_second_olena_is_somebody_else() {
        let mut chats = chats();
        let chat = NewChat::Private { name: "Olena".into() }
            .into_chat(&chats)
            .expect("a chat");
        assert_eq!((chat.id, chat.people[0].username.as_str()), (1003, "person_1003"));
        chats.apply(Event::Chat(chat));
        let another = NewChat::Private { name: "Olena".into() }
            .into_chat(&chats)
            .expect("a chat");
        assert_eq!(another.id, 1004);
    }

    #[test]
    fn nobody_speaks_where_they_are_not_and_nothing_empty_or_too_long_is_said() {
        let said = |chat_id, from_id, text: &str| {
            let said = Said {
                chat_id,
                from_id,
                text: text.into(),
                reply_to: None,
                thread_id: None,
            };
            said.into_message(&chats(), 0)
        };
        assert!(matches!(said(5, 1001, "hi"), Err(Refusal::NoSuchChat)));
        assert!(matches!(said(1001, 1002, "hi"), Err(Refusal::NotInChat)));
        assert!(matches!(said(1001, 1001, " \n"), Err(Refusal::Empty)));
        assert!(matches!(
            said(1001, 1001, &"🙈".repeat(2049)),
            Err(Refusal::TooLong)
        ));
        assert!(said(1001, 1001, &"🙈".repeat(2048)).is_ok());
    }

    #[test]
    fn the_bots_words_are_not_changed_by_people() {
        let mut chats = chats();
        let said = Said {
            chat_id: 1001,
            from_id: 1001,
            text: "hi".into(),
            reply_to: None,
            thread_id: None,
        };
        let message = said.into_message(&chats, 0).expect("a message");
        let answer = Message {
            message_id: message.message_id + 1,
            from_id: 1,
            update_id: None,
            ..message.clone()
        };
        let edit = |message_id| Edit {
            chat_id: 1001,
            message_id,
            text: "/help".into(),
        };
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
