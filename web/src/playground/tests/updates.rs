//! The sandbox's updates as the product reads them.

use brain::telegram::{BotIdentity, ChatKind as Kind, Incoming, RespondTo, is_addressed, parse};

use telegram_sandbox::{
    chats::{Chats, Event, Message},
    entities, keyboard, objects,
    people::first_chats,
    say::Said,
};

use super::super::BOT;

fn family() -> Chats {
    let mut chats = Chats::default();
    for chat in first_chats() {
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
    let update = objects::new_message(&BOT, message.update_id.expect("a number"), group, &message, reply_to);
    match parse(update.to_string().as_bytes()) {
        Ok(Incoming::Message(message)) => message,
        other => panic!("not a message: {other:?}"),
    }
}

fn bot_identity() -> BotIdentity {
    BotIdentity { id: BOT.id, username: BOT.username.into() }
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
        from_id: BOT.id,
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
    under.keyboard =
        Some(keyboard::Keyboard(vec![vec![keyboard::Key { text: "Keep".into(), data: "keep:7".into() }]]));
    let update = objects::pressed(&BOT, 5, group, &under, &group.people[1], "keep:7").to_string();
    let Ok(Incoming::Button(press)) = parse(update.as_bytes()) else { panic!("no press") };
    assert_eq!((press.id.as_str(), press.from.id, press.chat_id), ("-2001:1002:5", 1002, -2001));
    assert_eq!((press.message_id, press.data.as_str()), (under.message_id, "keep:7"));
}

#[test]
fn the_bot_hears_that_it_was_added() {
    let chats = family();
    let update =
        objects::added(&BOT, 5, &chats.room(-2001).expect("the group").chat, 1_795_363_200_000).to_string();
    let Ok(Incoming::Membership(membership)) = parse(update.as_bytes()) else { panic!("no membership") };
    assert!(membership.status.is_in() && !membership.was.is_in());
}
