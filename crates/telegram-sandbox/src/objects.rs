//! People, chats, messages and updates as Telegram writes them, <https://core.telegram.org/bots/api#available-types>.

use serde_json::{Value, json};

use crate::chats::Message;
use crate::people::{Chat, ChatKind, Person};

/// The bot that the sandbox is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bot {
    pub id: i64,
    pub name: &'static str,
    pub username: &'static str,
}

/// The update that brings a person's new message.
pub fn new_message(
    bot: &Bot,
    update_id: i64,
    chat: &Chat,
    message: &Message,
    reply_to: Option<&Message>,
) -> Value {
    json!({"update_id": update_id, "message": with_reply(bot, chat, message, reply_to)})
}

/// The update that brings a changed message.
pub fn edited_message(
    bot: &Bot,
    update_id: i64,
    chat: &Chat,
    message: &Message,
    reply_to: Option<&Message>,
) -> Value {
    json!({"update_id": update_id, "edited_message": with_reply(bot, chat, message, reply_to)})
}

/// The update that tells the bot that it was added to a group.
pub fn added(bot: &Bot, update_id: i64, group: &Chat, at: i64) -> Value {
    let member = |status| json!({"user": bot.object(), "status": status});
    json!({"update_id": update_id, "my_chat_member": {
        "chat": chat(group),
        "from": group.people.first().map(person),
        "date": at / 1000,
        "old_chat_member": member("left"),
        "new_chat_member": member("member"),
    }})
}

/// The update that tells the bot that somebody has pressed a key. Its number says where the confirmation is to be shown.
pub fn pressed(bot: &Bot, update_id: i64, within: &Chat, under: &Message, who: &Person, data: &str) -> Value {
    json!({"update_id": update_id, "callback_query": {
        "id": format!("{}:{}:{update_id}", within.id, who.id),
        "from": person(who),
        "chat_instance": within.id.to_string(),
        "message": message(bot, within, under),
        "data": data,
    }})
}

/// A message, without the one that it answers.
pub fn message(bot: &Bot, within: &Chat, message: &Message) -> Value {
    let from =
        within.people.iter().find(|person| person.id == message.from_id).map_or_else(|| bot.object(), person);
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

fn with_reply(bot: &Bot, chat: &Chat, said: &Message, reply_to: Option<&Message>) -> Value {
    let mut written = message(bot, chat, said);
    if let Some(original) = reply_to {
        written["reply_to_message"] = message(bot, chat, original);
    }
    written
}

impl Bot {
    /// The bot as the author of a message.
    pub fn object(&self) -> Value {
        json!({"id": self.id, "is_bot": true, "first_name": self.name, "username": self.username})
    }

    /// The bot as `getMe` shows it: with what it may do.
    pub fn me(&self) -> Value {
        let mut me = self.object();
        me["can_join_groups"] = json!(true);
        for ability in [
            "can_read_all_group_messages",
            "supports_inline_queries",
            "can_connect_to_business",
            "has_main_web_app",
        ] {
            me[ability] = json!(false);
        }
        me
    }
}

pub fn person(who: &Person) -> Value {
    let mut written =
        json!({"id": who.id, "is_bot": false, "first_name": who.first_name, "language_code": "en"});
    if !who.username.is_empty() {
        written["username"] = json!(who.username);
    }
    written
}

fn chat(chat: &Chat) -> Value {
    match (chat.kind, chat.people.first()) {
        (ChatKind::Private, Some(who)) => {
            let mut written = json!({"id": chat.id, "type": "private", "first_name": who.first_name});
            if !who.username.is_empty() {
                written["username"] = json!(who.username);
            }
            written
        }
        (kind, _) => {
            let kind = if kind == ChatKind::Supergroup { "supergroup" } else { "group" };
            json!({"id": chat.id, "type": kind, "title": chat.title})
        }
    }
}

/// A person's membership of a chat, <https://core.telegram.org/bots/api#chatmember>.
pub fn member(chat: &Chat, who: &Person) -> Value {
    let standing = chat.standing(who.id);
    let mut written = json!({"user": person(who), "status": standing});
    if standing != "member" {
        written["is_anonymous"] = json!(false);
    }
    if standing == "administrator" {
        for may in [
            "can_manage_chat",
            "can_change_info",
            "can_delete_messages",
            "can_manage_video_chats",
            "can_invite_users",
            "can_restrict_members",
            "can_pin_messages",
        ] {
            written[may] = json!(true);
        }
        for may_not in [
            "can_be_edited",
            "can_promote_members",
            "can_post_stories",
            "can_edit_stories",
            "can_delete_stories",
        ] {
            written[may_not] = json!(false);
        }
    }
    written
}
