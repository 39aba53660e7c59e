//! Who may talk to the bot, and where.

use serde::{Deserialize, Serialize};

/// Somebody who talks to the bot.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    pub id: i64,
    pub first_name: String,
    pub username: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChatKind {
    Private,
    Group,
    Supergroup,
}

/// What an id is that the sandbox was never told of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unknown {
    /// Nothing: Telegram's words for it.
    #[default]
    Refused,
    /// A chat, a person, a message or a press of elsewhere: tests write their people's updates themselves.
    Assumed,
}

/// A chat with the bot in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Chat {
    /// The person's id, or a negative number.
    pub id: i64,
    pub kind: ChatKind,
    pub title: String,
    /// The first of a group is its creator.
    pub people: Vec<Person>,
    /// Whom the creator has made administrators.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub administrators: Vec<i64>,
}

impl Person {
    /// Somebody of whom only the id is known.
    pub fn assumed(id: i64) -> Self {
        Self { id, first_name: format!("Person {id}"), username: String::new() }
    }
}

impl Chat {
    /// A chat of which only the id is known. Its kind is in it: people's are positive, supergroups' begin with -100.
    pub fn assumed(id: i64) -> Self {
        let (kind, title, people) = match id {
            1.. => (ChatKind::Private, format!("Person {id}"), vec![Person::assumed(id)]),
            ..-1_000_000_000_000 => (ChatKind::Supergroup, format!("Group {id}"), Vec::new()),
            _ => (ChatKind::Group, format!("Group {id}"), Vec::new()),
        };
        Self { id, kind, title, people, administrators: Vec::new() }
    }

    /// A person's standing in it, in Telegram's word.
    pub fn standing(&self, person_id: i64) -> &'static str {
        let is_first = self.people.first().is_some_and(|person| person.id == person_id);
        match self.kind {
            ChatKind::Private => "member",
            _ if is_first => "creator",
            _ if self.administrators.contains(&person_id) => "administrator",
            _ => "member",
        }
    }
}

/// Who is there from the beginning.
pub fn first_chats() -> [Chat; 2] {
    let person =
        |id, name: &str, username: &str| Person { id, first_name: name.into(), username: username.into() };
    let (olena, taras) = (person(1001, "Olena", "olena"), person(1002, "Taras", "taras"));
    let private = Chat {
        id: olena.id,
        kind: ChatKind::Private,
        title: "Olena".into(),
        people: vec![olena.clone()],
        administrators: Vec::new(),
    };
    let group = Chat {
        id: -2001,
        kind: ChatKind::Group,
        title: "Family group".into(),
        people: vec![olena, taras],
        administrators: Vec::new(),
    };
    [private, group]
}
