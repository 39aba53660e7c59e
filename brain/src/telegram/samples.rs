//! Updates as Telegram sends them, for the tests of this room.

pub(super) const PRIVATE_TEXT: &str = r#"{"update_id":910000001,"message":{"message_id":41,"from":{"id":501,
"is_bot":false,"first_name":"Ада","last_name":"Lovelace","username":"ada_l","language_code":"ru",
"is_premium":true},"chat":{"id":501,"first_name":"Ада","last_name":"Lovelace","username":"ada_l",
"type":"private"},"date":1794042000,"text":"Привет! Меня зовут Ада 👋"}}"#;

pub(super) const PRIVATE_COMMAND: &str = r#"{"update_id":910000002,"message":{"message_id":42,
"from":{"id":501,"is_bot":false,"first_name":"Ада","language_code":"ru"},"chat":{"id":501,
"first_name":"Ада","type":"private"},"date":1794042060,"text":"/start ref_7","entities":[{"offset":0,
"length":6,"type":"bot_command"}]}}"#;

/// The mention stands behind three emoji, of which each is two UTF-16 units long and one is two code points.
pub(super) const GROUP_MENTION: &str = r#"{"update_id":910000003,"message":{"message_id":812,
"from":{"id":502,"is_bot":false,"first_name":"Борис","username":"boris"},"chat":{"id":-1001234567890,
"title":"Дача","type":"supergroup"},"date":1794042120,"text":"😀👍🏽 @PykhBrain_bot что мы решили с @Ada_L?",
"entities":[{"offset":7,"length":14,"type":"mention"},{"offset":38,"length":6,"type":"mention"}],
"link_preview_options":{"is_disabled":true}}}"#;

/// A reply to the bot in a forum, by an anonymous administrator, with a part of the bot's words quoted.
pub(super) const TOPIC_REPLY: &str = r#"{"update_id":910000004,"message":{"message_id":907,
"from":{"id":1087968824,"is_bot":true,"first_name":"Group","username":"GroupAnonymousBot"},
"sender_chat":{"id":-1001234567890,"title":"Дача","is_forum":true,"type":"supergroup"},
"author_signature":"chief","chat":{"id":-1001234567890,"title":"Дача","is_forum":true,"type":"supergroup"},
"date":1794042180,"message_thread_id":55,"reply_to_message":{"message_id":900,"from":{"id":777,
"is_bot":true,"first_name":"PykhBrain","username":"PykhBrain_bot"},"chat":{"id":-1001234567890,
"title":"Дача","is_forum":true,"type":"supergroup"},"date":1794042000,"message_thread_id":55,
"text":"Купим доски в субботу.","is_topic_message":true},"quote":{"text":"в субботу","position":12,
"is_manual":true},"text":"Точно?","is_topic_message":true}}"#;

pub(super) const EDITED: &str = r#"{"update_id":910000005,"edited_message":{"message_id":41,
"from":{"id":501,"is_bot":false,"first_name":"Ада"},"chat":{"id":501,"first_name":"Ада","type":"private"},
"date":1794042000,"edit_date":1794042240,"text":"Привет! Меня зовут Ада Августа"}}"#;

pub(super) const MEMBERSHIP: &str = r#"{"update_id":910000006,"my_chat_member":{"chat":{"id":-1001234567890,
"title":"Дача","type":"supergroup"},"from":{"id":502,"is_bot":false,"first_name":"Борис"},"date":1794042300,
"old_chat_member":{"user":{"id":777,"is_bot":true,"first_name":"PykhBrain"},"status":"left"},
"new_chat_member":{"user":{"id":777,"is_bot":true,"first_name":"PykhBrain"},"status":"member"}}}"#;

pub(super) const BUTTON: &str = r#"{"update_id":910000007,"callback_query":{"id":"2151750083721",
"from":{"id":501,"is_bot":false,"first_name":"Ада"},"message":{"message_id":43,"from":{"id":777,
"is_bot":true,"first_name":"PykhBrain"},"chat":{"id":501,"first_name":"Ада","type":"private"},
"date":1794042000,"text":"Welcome!","reply_markup":{"inline_keyboard":[[{"text":"Register",
"callback_data":"register"}]]}},"chat_instance":"-883","data":"register"}}"#;

pub(super) const CHANNEL_POST: &str = r#"{"update_id":910000008,"channel_post":{"message_id":3,
"sender_chat":{"id":-1009,"title":"News","type":"channel"},"chat":{"id":-1009,"title":"News",
"type":"channel"},"date":1794042000,"text":"Read all about it"}}"#;

pub(super) const FORWARDED_PHOTO: &str = r#"{"update_id":910000009,"message":{"message_id":44,
"from":{"id":501,"is_bot":false,"first_name":"Ада"},"chat":{"id":501,"first_name":"Ада","type":"private"},
"date":1794042360,"forward_origin":{"type":"user","sender_user":{"id":9,"is_bot":false,
"first_name":"Charles","last_name":"Babbage"},"date":1794000000},"photo":[{"file_id":"AgAC",
"file_unique_id":"AQAD","file_size":1200,"width":90,"height":67}],"caption":"My engine, @Ada_L",
"caption_entities":[{"offset":11,"length":6,"type":"mention"}]}}"#;

pub(super) const MIGRATION: &str = r#"{"update_id":910000010,"message":{"message_id":12,"from":{"id":502,
"is_bot":false,"first_name":"Борис"},"chat":{"id":-4001,"title":"Дача","type":"group",
"all_members_are_administrators":true},"date":1794042420,"migrate_to_chat_id":-1001234567890}}"#;

pub(super) const NEW_MEMBERS: &str = r#"{"update_id":910000011,"message":{"message_id":13,"from":{"id":502,
"is_bot":false,"first_name":"Борис"},"chat":{"id":-4001,"title":"Дача","type":"group"},"date":1794042480,
"new_chat_participant":{"id":777},"new_chat_members":[{"id":777,"is_bot":true,"first_name":"PykhBrain",
"username":"PykhBrain_bot"},{"id":503,"is_bot":false,"first_name":"Вера"}]}}"#;

pub(super) const ALL: [&str; 11] = [
    PRIVATE_TEXT,
    PRIVATE_COMMAND,
    GROUP_MENTION,
    TOPIC_REPLY,
    EDITED,
    MEMBERSHIP,
    BUTTON,
    CHANNEL_POST,
    FORWARDED_PHOTO,
    MIGRATION,
    NEW_MEMBERS,
];
