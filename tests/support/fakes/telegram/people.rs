//! Users, chats and members, as far as an answer has to show them.

use std::collections::HashMap;

use serde_json::{Value, json};

use super::FakeTelegram;

/// The administrators of each group, its owner first.
pub type Administrators = HashMap<i64, Vec<i64>>;

/// The bot as the author of a message.
pub fn bot(id: i64) -> Value {
    json!({ "id": id, "is_bot": true, "first_name": "PykhBrain", "username": FakeTelegram::BOT_USERNAME })
}

/// The bot as `getMe` shows it: with what it may do.
pub fn me(id: i64) -> Value {
    let mut me = bot(id);
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

/// A chat. Its kind is in its id: people's are positive, supergroups' begin with -100.
pub fn chat(id: i64) -> Value {
    if id > 0 {
        json!({ "id": id, "type": "private", "first_name": format!("Person {id}") })
    } else if id < -1_000_000_000_000 {
        json!({ "id": id, "type": "supergroup", "title": format!("Group {id}") })
    } else {
        json!({ "id": id, "type": "group", "title": format!("Group {id}") })
    }
}

/// A user's membership, given the chat's administrators.
pub fn member(user_id: i64, administrators: &[i64]) -> Value {
    let user = json!({ "id": user_id, "is_bot": false, "first_name": format!("Person {user_id}") });
    match administrators.iter().position(|id| *id == user_id) {
        Some(0) => json!({ "status": "creator", "user": user, "is_anonymous": false }),
        Some(_) => json!({
            "status": "administrator",
            "user": user,
            "is_anonymous": false,
            "can_be_edited": false,
            "can_manage_chat": true,
            "can_change_info": true,
            "can_delete_messages": true,
            "can_manage_video_chats": true,
            "can_invite_users": true,
            "can_restrict_members": true,
            "can_pin_messages": true,
            "can_promote_members": false,
            "can_post_stories": false,
            "can_edit_stories": false,
            "can_delete_stories": false,
        }),
        None => json!({ "status": "member", "user": user }),
    }
}
