//! What a message carries besides text: media, or news about the chat itself.

use super::object::Object;
use super::speaker::Speaker;

/// Media that came with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "Telegram's own words, and nothing to add to them")]
pub enum Media {
    Photo,
    Video,
    Voice,
    Audio,
    VideoNote,
    Document,
    /// With the emoji that the sticker stands for.
    Sticker(Option<String>),
    Animation,
    Location,
    Contact,
    Poll,
    Dice,
    /// Anything else, by Telegram's name of the field.
    Other(String),
}

/// News about the chat, sent by nobody in particular.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Service {
    /// The group has become a supergroup with this number.
    MigratedTo(i64),
    /// The supergroup was the group with this number.
    MigratedFrom(i64),
    /// Who has come in; the bot may be among them.
    NewMembers(Vec<Speaker>),
    /// Somebody has gone.
    LeftMember,
    /// A topic was opened.
    TopicCreated,
    /// A message was pinned.
    PinnedMessage,
    /// Anything else.
    Other,
}

impl Media {
    /// Media of a kind that we know.
    pub(super) fn read(message: &Object) -> Option<Self> {
        // An animation is sent as a document too, and a venue as a location.
        let known = [
            ("animation", Self::Animation),
            ("photo", Self::Photo),
            ("video", Self::Video),
            ("voice", Self::Voice),
            ("audio", Self::Audio),
            ("video_note", Self::VideoNote),
            ("document", Self::Document),
            ("location", Self::Location),
            ("contact", Self::Contact),
            ("poll", Self::Poll),
            ("dice", Self::Dice),
        ];
        let sticker = || message.object("sticker").map(|sticker| Self::Sticker(sticker.text("emoji")));
        known.into_iter().find(|(field, _)| message.has(field)).map(|(_, media)| media).or_else(sticker)
    }

    /// For a message that holds nothing that we know. A message always holds something, so a field that we
    /// have never heard of is a new kind of media, and its sender gets an answer rather than silence.
    pub(super) fn read_unknown(message: &Object) -> Option<Self> {
        let unknown = message.present().find(|field| !ABOUT.contains(field));
        unknown.map(|field| Self::Other(field.to_owned()))
    }
}

impl Service {
    pub(super) fn read(message: &Object) -> Option<Self> {
        if let Some(chat_id) = message.integer("migrate_to_chat_id") {
            return Some(Self::MigratedTo(chat_id));
        }
        if let Some(chat_id) = message.integer("migrate_from_chat_id") {
            return Some(Self::MigratedFrom(chat_id));
        }
        if let Some(members) = message.objects("new_chat_members") {
            return Some(Self::NewMembers(members.iter().filter_map(Speaker::read).collect()));
        }
        let known = [
            ("left_chat_member", Self::LeftMember),
            ("forum_topic_created", Self::TopicCreated),
            ("pinned_message", Self::PinnedMessage),
        ];
        let other = || message.present().any(|field| OTHER_NEWS.contains(&field));
        let known = known.into_iter().find(|(field, _)| message.has(field)).map(|(_, service)| service);
        known.or_else(|| other().then_some(Self::Other))
    }
}

/// The fields of <https://core.telegram.org/bots/api#message> that say something about a message and are not
/// its content.
#[rustfmt::skip] // As a paragraph, not as a column.
const ABOUT: &[&str] = &[
    "author_signature", "business_connection_id", "caption", "caption_entities", "chat", "date",
    "direct_messages_topic", "edit_date", "effect_id", "entities", "ephemeral_message_id", "external_reply",
    "forward_date", "forward_from", "forward_from_chat", "forward_from_message_id", "forward_origin",
    "forward_sender_name", "forward_signature", "from", "guest_bot_caller_chat", "guest_bot_caller_user",
    "guest_query_id", "has_media_spoiler", "has_protected_content", "is_automatic_forward", "is_from_offline",
    "is_paid_post", "is_topic_message", "link_preview_options", "media_group_id", "message_id",
    "message_thread_id", "paid_star_count", "quote", "receiver_user", "reply_markup",
    "reply_to_checklist_task_id", "reply_to_message", "reply_to_poll_option_id", "reply_to_story",
    "sender_boost_count", "sender_business_bot", "sender_chat", "sender_tag", "show_caption_above_media",
    "suggested_post_info", "via_bot",
];

/// The fields of <https://core.telegram.org/bots/api#message> that make a message a service message and mean
/// nothing to us.
#[rustfmt::skip] // As a paragraph, not as a column.
const OTHER_NEWS: &[&str] = &[
    "boost_added", "channel_chat_created", "chat_background_set", "chat_owner_changed", "chat_owner_left",
    "chat_shared", "checklist_tasks_added", "checklist_tasks_done", "community_chat_added",
    "community_chat_joined", "community_chat_removed", "connected_website", "delete_chat_photo",
    "direct_message_price_changed", "forum_topic_closed", "forum_topic_edited", "forum_topic_reopened",
    "general_forum_topic_hidden", "general_forum_topic_unhidden", "gift", "gift_upgrade_sent",
    "giveaway_completed", "giveaway_created", "group_chat_created", "managed_bot_created",
    "message_auto_delete_timer_changed", "migrate_from_chat_id", "migrate_to_chat_id", "new_chat_members",
    "new_chat_photo", "new_chat_title", "paid_message_price_changed", "passport_data", "poll_option_added",
    "poll_option_deleted", "proximity_alert_triggered", "refunded_payment", "successful_payment",
    "suggested_post_approval_failed", "suggested_post_approved", "suggested_post_declined",
    "suggested_post_paid", "suggested_post_refunded", "supergroup_chat_created", "unique_gift", "user_shared",
    "users_shared", "video_chat_ended", "video_chat_participants_invited", "video_chat_scheduled",
    "video_chat_started", "web_app_data", "write_access_allowed",
];

#[cfg(test)]
mod tests {
    use super::super::{Incoming, parse, samples};
    use super::{ABOUT, Media, OTHER_NEWS, Service};

    fn content(body: &str) -> (Option<Media>, Option<Service>) {
        match parse(body.as_bytes()) {
            Ok(Incoming::Message(message)) => (message.media, message.service),
            other => panic!("not a message: {other:?}"),
        }
    }

    fn of(fields: &str) -> (Option<Media>, Option<Service>) {
        content(&format!(
            r#"{{"update_id":1,"message":{{"message_id":2,"date":1794042000,
            "chat":{{"id":5}},"from":{{"id":5}},{fields}}}}}"#
        ))
    }

    #[test]
    fn each_medium_is_told_by_its_field() {
        let media = [
            ("photo", Media::Photo),
            ("video", Media::Video),
            ("voice", Media::Voice),
            ("audio", Media::Audio),
            ("video_note", Media::VideoNote),
            ("document", Media::Document),
            ("animation", Media::Animation),
            ("location", Media::Location),
            ("contact", Media::Contact),
            ("poll", Media::Poll),
            ("dice", Media::Dice),
        ];
        for (field, expected) in media {
            assert_eq!(of(&format!(r#""{field}":{{"file_id":"A"}}"#)), (Some(expected), None), "{field}");
        }
    }

    #[test]
    fn media_that_are_sent_under_two_fields_are_the_narrower_one() {
        assert_eq!(of(r#""document":{},"animation":{}"#).0, Some(Media::Animation));
        assert_eq!(of(r#""venue":{},"location":{}"#).0, Some(Media::Location));
    }

    #[test]
    fn a_sticker_brings_its_emoji() {
        assert_eq!(of(r#""sticker":{"emoji":"🦀"}"#).0, Some(Media::Sticker(Some("🦀".to_owned()))));
        assert_eq!(of(r#""sticker":{}"#).0, Some(Media::Sticker(None)));
    }

    #[test]
    fn media_that_did_not_exist_yet_are_seen() {
        let other = |name: &str| (Some(Media::Other(name.to_owned())), None);
        assert_eq!(of(r#""smell":{"of":"roses"}"#), other("smell"));
        assert_eq!(of(r#""is_from_offline":true,"story":{}"#), other("story"));
    }

    #[test]
    fn a_text_with_a_field_from_the_future_is_just_a_text() {
        assert_eq!(of(r#""text":"hi","sender_mood":"fine""#), (None, None));
    }

    #[test]
    fn an_empty_message_has_no_content() {
        assert_eq!(of(r#""photo":null,"smell":false,"group_chat_created":false"#), (None, None));
    }

    #[test]
    fn news_about_the_chat_are_told_apart() {
        assert_eq!(content(samples::MIGRATION), (None, Some(Service::MigratedTo(-1_001_234_567_890))));
        assert_eq!(of(r#""migrate_from_chat_id":-4001"#).1, Some(Service::MigratedFrom(-4001)));
        assert_eq!(of(r#""left_chat_member":{"id":1}"#).1, Some(Service::LeftMember));
        assert_eq!(of(r#""forum_topic_created":{"name":"Boat"}"#).1, Some(Service::TopicCreated));
        assert_eq!(of(r#""pinned_message":{"message_id":1}"#).1, Some(Service::PinnedMessage));
        assert_eq!(of(r#""new_chat_photo":[{}]"#), (None, Some(Service::Other)));
        assert_eq!(of(r#""group_chat_created":true"#), (None, Some(Service::Other)));
    }

    #[test]
    fn those_who_came_in_are_named() {
        let (None, Some(Service::NewMembers(members))) = content(samples::NEW_MEMBERS) else {
            panic!("no new members");
        };
        let names: Vec<_> = members.iter().map(|member| member.name.as_str()).collect();
        assert_eq!(names, ["PykhBrain", "Вера"]);
    }

    #[test]
    fn news_whose_details_are_unreadable_are_still_news() {
        assert_eq!(of(r#""migrate_to_chat_id":"x""#), (None, Some(Service::Other)));
        assert_eq!(of(r#""new_chat_members":7"#), (None, Some(Service::Other)));
    }

    #[test]
    fn no_field_is_both_news_and_a_remark() {
        assert!(OTHER_NEWS.iter().all(|field| !ABOUT.contains(field)));
    }
}
