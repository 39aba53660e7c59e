//! A new chat with the bot, of known people or new ones.

use serde::Deserialize;

use crate::{
    chats::Chats,
    entities::utf16_len,
    people::{Chat, ChatKind, Person},
    say::Refusal,
};

/// Enough for a trial, and little enough for memory.
const MOST_CHATS: usize = 100;
const MOST_PEOPLE: usize = 20;
/// Telegram's limit for first names, <https://core.telegram.org/method/account.updateProfile>.
const LONGEST_NAME: usize = 64;

/// A new chat.
#[derive(Debug, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum NewChat {
    /// With somebody new.
    Private { name: String },
    /// With the people of these names: those who are known already, and new ones.
    Group { title: String, people: Vec<String> },
}

impl NewChat {
    /// The chat that it becomes.
    pub fn into_chat(self, chats: &Chats) -> Result<Chat, Refusal> {
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
                    administrators: Vec::new(),
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
                let id = chats.rooms.iter().map(|room| room.chat.id).min().unwrap_or(0).min(-2000) - 1;
                Ok(Chat {
                    id,
                    kind: ChatKind::Group,
                    title: one_line(&title)?,
                    people,
                    administrators: Vec::new(),
                })
            }
        }
    }
}

fn one_line(name: &str) -> Result<String, Refusal> {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if (1..=LONGEST_NAME).contains(&utf16_len(&name)) { Ok(name) } else { Err(Refusal::BadName) }
}

/// A username is made of the name where that has enough letters for one, else of the number.
fn new_person(id: i64, first_name: String, chats: &Chats) -> Person {
    let letters: String = first_name.chars().filter(char::is_ascii_alphanumeric).take(32).collect();
    let mut username = letters.to_ascii_lowercase();
    if username.len() < 3 || chats.people().any(|person| person.username == username) {
        username = format!("person_{id}");
    }
    Person { id, first_name, username }
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

    fn group(title: &str, people: &[&str]) -> NewChat {
        NewChat::Group { title: title.into(), people: people.iter().map(|&name| name.to_owned()).collect() }
    }

    #[test]
    fn a_group_takes_known_people_by_their_names_and_makes_the_others() {
        let chat = group(" Trip \n to Lviv", &["Taras", "Marta", "Taras", "Ян"])
            .into_chat(&chats())
            .expect("a group");
        let people: Vec<(i64, &str)> =
            chat.people.iter().map(|who| (who.id, who.username.as_str())).collect();
        assert_eq!(people, [(1002, "taras"), (1003, "marta"), (1004, "person_1004")]);
        assert_eq!((chat.id, chat.title.as_str()), (-2002, "Trip to Lviv"));
    }

    #[test]
    fn a_second_olena_is_somebody_else() {
        let mut chats = chats();
        let chat = NewChat::Private { name: "Olena".into() }.into_chat(&chats).expect("a chat");
        assert_eq!((chat.id, chat.people[0].username.as_str()), (1003, "person_1003"));
        chats.apply(Event::Chat(chat));
        let another = NewChat::Private { name: "Olena".into() }.into_chat(&chats).expect("a chat");
        assert_eq!(another.id, 1004);
    }
}
