//! The chats and what was said in them, event by event, as a journal keeps it.

use std::{
    borrow::Cow,
    collections::{HashMap, VecDeque},
};

use serde::{Deserialize, Serialize};

use crate::{
    entities::Entity,
    keyboard::Keyboard,
    people::{Chat, Person, Unknown},
};

/// Messages of each chat that are shown again after a restart; the older ones stay in the journal.
const MOST_MESSAGES: usize = 500;

/// What somebody, or the bot, has said.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Message {
    pub chat_id: i64,
    pub message_id: i64,
    pub from_id: i64,
    /// Milliseconds since 1970.
    pub at: i64,
    pub text: String,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub entities: Vec<Entity>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply_to: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub thread_id: Option<i64>,
    /// The update by which a person's message came into the inbox.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub update_id: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edited_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub keyboard: Option<Keyboard>,
    /// A file, below which the text stands; its bytes are beside the journal.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<Document>,
}

/// A file that the bot has sent.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    pub name: String,
    /// In bytes.
    pub size: usize,
}

/// Which message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    pub chat_id: i64,
    pub message_id: i64,
}

/// Something that happened: a line of the journal, and news for the page.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Event {
    Chat(Chat),
    Message(Message),
    Edited(Message),
    /// The inbox did not take it, so it was not said.
    Withdrawn(Place),
    /// An update id was given to something other than a new message.
    Numbered {
        update_id: i64,
    },
}

/// A chat and its newest messages.
#[derive(Debug, Serialize)]
pub struct Room {
    #[serde(flatten)]
    pub chat: Chat,
    pub messages: VecDeque<Message>,
}

/// Who is where and what was said, summed up.
#[derive(Debug, Default)]
pub struct Chats {
    pub rooms: Vec<Room>,
    places: HashMap<i64, usize>,
    unknown: Unknown,
    last_message_id: i64,
    last_update_id: i64,
}

impl Chats {
    pub fn new(unknown: Unknown) -> Self {
        Self { unknown, ..Self::default() }
    }

    pub fn unknown(&self) -> Unknown {
        self.unknown
    }

    pub fn apply(&mut self, event: Event) {
        match event {
            Event::Chat(chat) => match self.room_mut(chat.id) {
                Some(room) => room.chat = chat,
                None => self.open(chat),
            },
            Event::Message(message) => {
                if self.unknown == Unknown::Assumed && !self.places.contains_key(&message.chat_id) {
                    self.open(Chat::assumed(message.chat_id));
                }
                self.last_message_id = self.last_message_id.max(message.message_id);
                self.last_update_id = self.last_update_id.max(message.update_id.unwrap_or(0));
                if let Some(room) = self.room_mut(message.chat_id) {
                    room.messages.push_back(message);
                    if room.messages.len() > MOST_MESSAGES {
                        room.messages.pop_front();
                    }
                }
            }
            Event::Edited(edited) => {
                let room = self.room_mut(edited.chat_id);
                let old = room.and_then(|room| {
                    room.messages.iter_mut().find(|message| message.message_id == edited.message_id)
                });
                if let Some(message) = old {
                    *message = edited;
                }
            }
            Event::Withdrawn(Place { chat_id, message_id }) => {
                if let Some(room) = self.room_mut(chat_id) {
                    room.messages.retain(|message| message.message_id != message_id);
                }
            }
            Event::Numbered { update_id } => {
                self.last_update_id = self.last_update_id.max(update_id);
            }
        }
    }

    pub fn room(&self, chat_id: i64) -> Option<&Room> {
        self.places.get(&chat_id).map(|place| &self.rooms[*place])
    }

    fn room_mut(&mut self, chat_id: i64) -> Option<&mut Room> {
        self.places.get(&chat_id).map(|place| &mut self.rooms[*place])
    }

    fn open(&mut self, chat: Chat) {
        self.places.insert(chat.id, self.rooms.len());
        self.rooms.push(Room { chat, messages: VecDeque::new() });
    }

    /// The chat with this id, as far as there is one.
    pub fn chat(&self, id: i64) -> Option<Cow<'_, Chat>> {
        let known = self.room(id).map(|room| Cow::Borrowed(&room.chat));
        let may_assume = self.unknown == Unknown::Assumed && id != 0;
        known.or_else(|| may_assume.then(|| Cow::Owned(Chat::assumed(id))))
    }

    /// The person with this id, as far as the chat has one.
    pub fn person<'a>(&self, chat: &'a Chat, id: i64) -> Option<Cow<'a, Person>> {
        let known = chat.people.iter().find(|person| person.id == id).map(Cow::Borrowed);
        let may_assume = self.unknown == Unknown::Assumed;
        known.or_else(|| may_assume.then(|| Cow::Owned(Person::assumed(id))))
    }

    /// The chat of a message, and the message that it answers.
    pub fn around(&self, message: &Message) -> Option<(&Chat, Option<&Message>)> {
        let original = message.reply_to.and_then(|id| self.message(message.chat_id, id));
        Some((&self.room(message.chat_id)?.chat, original))
    }

    pub fn message(&self, chat_id: i64, message_id: i64) -> Option<&Message> {
        self.room(chat_id)?.messages.iter().find(|message| message.message_id == message_id)
    }

    /// An id for the next message. A new journal begins with the time, so that it meets no message in the database that an
    /// older journal, since deleted, had numbered alike. `now` in milliseconds since 1970.
    pub fn next_message_id(&self, now: i64) -> i64 {
        const SINCE_2026: i64 = 1_767_225_600;
        if self.last_message_id == 0 { (now / 1000 - SINCE_2026).max(1) } else { self.last_message_id + 1 }
    }

    /// An id for the next update: never one that the inbox has seen, whatever became of the journal in between.
    pub fn next_update_id(&self, now: i64) -> i64 {
        now.max(self.last_update_id + 1)
    }

    /// Everybody, once.
    pub fn people(&self) -> impl Iterator<Item = &Person> {
        let all = self
            .rooms
            .iter()
            .enumerate()
            .flat_map(|(place, room)| room.chat.people.iter().map(move |who| (place, who)));
        all.filter(|(place, who)| !self.rooms[..*place].iter().any(|room| room.chat.people.contains(who)))
            .map(|(_, who)| who)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::people::ChatKind;

    const NOW: i64 = 1_795_363_200_000;

    fn person(id: i64) -> Person {
        Person { id, first_name: format!("P{id}"), username: format!("p{id}") }
    }

    fn message(message_id: i64) -> Message {
        Message {
            chat_id: 1001,
            message_id,
            from_id: 1001,
            at: NOW,
            text: "hi".into(),
            entities: Vec::new(),
            reply_to: None,
            thread_id: None,
            update_id: Some(NOW + message_id),
            edited_at: None,
            keyboard: None,
            document: None,
        }
    }

    fn with_a_chat() -> Chats {
        let mut chats = Chats::default();
        let chat = Chat {
            id: 1001,
            kind: ChatKind::Private,
            title: "P1001".into(),
            people: vec![person(1001)],
            administrators: Vec::new(),
        };
        chats.apply(Event::Chat(chat));
        chats
    }

    #[test]
    fn ids_go_on_from_the_last_whatever_the_clock_says() {
        let mut chats = with_a_chat();
        assert_eq!(chats.next_update_id(NOW), NOW);
        chats.apply(Event::Message(message(7)));
        chats.apply(Event::Withdrawn(Place { chat_id: 1001, message_id: 7 }));
        assert_eq!((chats.next_message_id(NOW), chats.next_update_id(NOW)), (8, NOW + 8));
        chats.apply(Event::Numbered { update_id: NOW + 50 });
        assert_eq!(chats.next_update_id(0), NOW + 51);
        assert_eq!(chats.next_update_id(NOW + 99), NOW + 99);
    }

    #[test]
    fn memory_is_bounded() {
        let mut chats = with_a_chat();
        for id in 1..=i64::try_from(MOST_MESSAGES).expect("small") + 1 {
            chats.apply(Event::Message(message(id)));
        }
        assert_eq!(chats.rooms[0].messages.len(), MOST_MESSAGES);
        assert!(chats.message(1001, 1).is_none() && chats.message(1001, 2).is_some());
    }

    #[test]
    fn a_person_in_two_chats_is_one_person() {
        let mut chats = with_a_chat();
        let people = vec![person(1001), person(1002)];
        chats.apply(Event::Chat(Chat {
            id: -1,
            kind: ChatKind::Group,
            title: "G".into(),
            people,
            administrators: Vec::new(),
        }));
        assert_eq!(chats.people().map(|who| who.id).collect::<Vec<_>>(), [1001, 1002]);
    }
}
