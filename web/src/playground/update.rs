//! People, chats, messages and updates as Telegram writes them, <https://core.telegram.org/bots/api#available-types>.

use serde_json::{Value, json};

use super::{
    BOT_ID, BOT_NAME, BOT_USERNAME,
    chats::{Chat, ChatKind, Message, Person},
};

/// The update that brings a person's new message.
pub(super) fn new_message(
    update_id: i64,
    chat: &Chat,
    message: &Message,
    reply_to: Option<&Message>,
) -> Value {
    json!({"update_id": update_id, "message": with_reply(chat, message, reply_to)})
}

/// The update that brings a changed message.
pub(super) fn edited_message(
    update_id: i64,
    chat: &Chat,
    message: &Message,
    reply_to: Option<&Message>,
) -> Value {
    json!({"update_id": update_id, "edited_message": with_reply(chat, message, reply_to)})
}

/// The update that tells the bot that it was added to a group.
pub(super) fn added(update_id: i64, group: &Chat, at: i64) -> Value {
    let member = |status| json!({"user": bot(), "status": status});
    json!({"update_id": update_id, "my_chat_member": {
        "chat": chat(group),
        "from": group.people.first().map(person),
        "date": at / 1000,
        "old_chat_member": member("left"),
        "new_chat_member": member("member"),
    }})
}

/// The update that tells the bot that somebody has pressed a key. Its number says where the confirmation is to be shown.
pub(super) fn pressed(update_id: i64, within: &Chat, under: &Message, who: &Person, data: &str) -> Value {
    json!({"update_id": update_id, "callback_query": {
        "id": format!("{}:{}:{update_id}", within.id, who.id),
        "from": person(who),
        "chat_instance": within.id.to_string(),
        "message": message(within, under),
        "data": data,
    }})
}

/// A message, without the one that it answers.
pub(super) fn message(within: &Chat, message: &Message) -> Value {
    let from = within.people.iter().find(|person| person.id == message.from_id).map_or_else(bot, person);
    let mut written = json!({
        "message_id": message.message_id,
        "from": from,
        "chat": chat(within),
        "date": message.at / 1000,
    });
    let (text, entities) = match &message.document {
        None => ("text", "entities"),
        Some(document) => {
            written["document"] = json!({
                "file_id": message.message_id.to_string(),
                "file_unique_id": message.message_id.to_string(),
                "file_name": document.name,
                "file_size": document.size,
            });
            ("caption", "caption_entities")
        }
    };
    if !message.text.is_empty() {
        written[text] = json!(message.text);
    }
    if !message.entities.is_empty() {
        written[entities] = json!(message.entities);
    }
    if let Some(keyboard) = &message.keyboard {
        written["reply_markup"] = json!({"inline_keyboard": keyboard});
    }
    if let Some(thread_id) = message.thread_id {
        written["message_thread_id"] = json!(thread_id);
        written["is_topic_message"] = json!(true);
    }
    if let Some(edited_at) = message.edited_at {
        written["edit_date"] = json!(edited_at / 1000);
    }
    written
}

fn with_reply(chat: &Chat, said: &Message, reply_to: Option<&Message>) -> Value {
    let mut written = message(chat, said);
    if let Some(original) = reply_to {
        written["reply_to_message"] = message(chat, original);
    }
    written
}

pub(super) fn bot() -> Value {
    json!({"id": BOT_ID, "is_bot": true, "first_name": BOT_NAME, "username": BOT_USERNAME})
}

pub(super) fn person(who: &Person) -> Value {
    json!({
        "id": who.id,
        "is_bot": false,
        "first_name": who.first_name,
        "username": who.username,
        "language_code": "en",
    })
}

fn chat(chat: &Chat) -> Value {
    match (chat.kind, chat.people.first()) {
        (ChatKind::Private, Some(who)) => {
            json!({"id": chat.id, "type": "private", "first_name": who.first_name, "username": who.username})
        }
        _ => json!({"id": chat.id, "type": "group", "title": chat.title}),
    }
}

#[cfg(test)]
mod tests {
    use brain::{
        reply::{Key, Keyboard},
        telegram::{BotIdentity, ChatKind as Kind, Incoming, RespondTo, is_addressed, parse},
    };

    use super::{
        super::{
            chats::{Chats, Event},
            entities,
            say::Said,
        },
        *,
    };

    fn family() -> Chats {
        let mut chats = Chats::default();
        for chat in super::super::state::first_chats() {
            chats.apply(Event::Chat(chat));
        }
        chats
    }

    fn said_in(chats: &Chats) -> Message {
        let said = Said { chat_id: -2001, from_id: 1002, text: "hi".into(), reply_to: None, thread_id: None };
        said.into_message(chats, 0).expect("a message")
    }

    /// What the product reads from a message that Taras writes in the family group.
    fn read(text: &str, reply_to: Option<&Message>) -> brain::telegram::Message {
        let mut chats = family();
        if let Some(original) = reply_to {
            chats.apply(Event::Message(original.clone()));
        }
        let said = Said {
            chat_id: -2001,
            from_id: 1002,
            text: text.into(),
            reply_to: reply_to.map(|message| message.message_id),
            thread_id: None,
        };
        let message = said.into_message(&chats, 1_795_363_200_123).expect("a message");
        let group = &chats.room(-2001).expect("the group").chat;
        let update = new_message(message.update_id.expect("a number"), group, &message, reply_to);
        match parse(update.to_string().as_bytes()) {
            Ok(Incoming::Message(message)) => message,
            other => panic!("not a message: {other:?}"),
        }
    }

    fn bot_identity() -> BotIdentity {
        BotIdentity { id: BOT_ID, username: BOT_USERNAME.into() }
    }

    #[test]
    fn the_product_reads_who_said_what_where_and_when() {
        let message = read("мамо, я забув ключі 🙈", None);
        assert_eq!((message.from.id, message.from.name.as_str()), (1002, "Taras"));
        assert_eq!(
            (message.chat.id, message.chat.kind, message.chat.title.as_deref()),
            (-2001, Kind::Group, Some("Family group"))
        );
        assert_eq!(message.sent_at.map(|at| at.timestamp()), Some(1_795_363_200));
        assert_eq!(message.text.as_deref(), Some("мамо, я забув ключі 🙈"));
        assert!(!is_addressed(&message, &bot_identity(), RespondTo::Mention));
    }

    #[test]
    fn a_mention_after_emoji_and_a_command_reach_the_bot() {
        let mention = read("🙈🙈 @pykhbrain_local_bot, ти тут?", None);
        assert!(is_addressed(&mention, &bot_identity(), RespondTo::Mention));
        let command =
            read("/session@pykhbrain_local_bot long", None).command(&bot_identity()).expect("a command");
        assert_eq!((command.name.as_str(), command.args.as_str()), ("session", "long"));
    }

    #[test]
    fn a_reply_to_the_bot_brings_its_words_along() {
        let answer = Message {
            chat_id: -2001,
            message_id: 7,
            from_id: BOT_ID,
            at: 0,
            text: "Lviv it is.".into(),
            entities: vec![entities::Entity::new("bold", 0, 4)],
            reply_to: None,
            thread_id: None,
            update_id: None,
            edited_at: None,
            keyboard: None,
            document: None,
        };
        let reply = read("why?", Some(&answer));
        let original = reply.reply_to.clone().expect("a reply");
        assert_eq!((original.from_is_bot, original.text.as_deref()), (true, Some("Lviv it is.")));
        assert!(is_addressed(&reply, &bot_identity(), RespondTo::Mention));
    }

    #[test]
    fn the_product_reads_who_pressed_what_and_where() {
        let chats = family();
        let group = &chats.room(-2001).expect("the group").chat;
        let mut under = said_in(&chats);
        under.keyboard = Some(Keyboard::row([Key::new("Keep", "keep:7")]));
        let update = pressed(5, group, &under, &group.people[1], "keep:7").to_string();
        let Ok(Incoming::Button(press)) = parse(update.as_bytes()) else { panic!("no press") };
        assert_eq!((press.id.as_str(), press.from.id, press.chat_id), ("-2001:1002:5", 1002, -2001));
        assert_eq!((press.message_id, press.data.as_str()), (under.message_id, "keep:7"));
    }

    #[test]
    fn the_bot_hears_that_it_was_added() {
        let chats = family();
        let update = added(5, &chats.room(-2001).expect("the group").chat, 1_795_363_200_000).to_string();
        let Ok(Incoming::Membership(membership)) = parse(update.as_bytes()) else { panic!("no membership") };
        assert!(membership.status.is_in() && !membership.was.is_in());
    }
}
