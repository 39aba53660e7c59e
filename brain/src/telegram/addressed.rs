//! Whether the bot is meant.

use super::mentions::at_names;
use super::message::Message;
use super::speaker::ChatKind;
use crate::command::parse::{Invocation, parse};

/// The bot as Telegram knows it (`getMe`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BotIdentity {
    /// Telegram's number of the bot.
    pub id: i64,
    /// Without `@`, in any case.
    pub username: String,
}

/// What the bot answers in a group: the chat's setting `respond_to`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum RespondTo {
    /// What is addressed to it.
    #[default]
    Mention,
    /// Everything that people say.
    All,
}

/// Whether a message wants an answer from this bot.
///
/// In a private chat everything does. In a group a message does that mentions the bot, answers it or commands
/// it, or any with [`RespondTo::All`]; not a command for another bot, and mentions and commands in forwarded
/// words address nobody. Service messages want no answer anywhere, and neither do bots, or two of them could
/// talk to each other for ever.
#[must_use]
pub fn is_addressed(message: &Message, bot: &BotIdentity, respond_to: RespondTo) -> bool {
    if message.service.is_some() || message.from.is_bot {
        return false;
    }
    if message.chat.kind == ChatKind::Private {
        return true;
    }
    let own_words = message.forwarded_from.is_none();
    let commanded = message.command(bot).is_some();
    if own_words && message.mentions.command && !commanded {
        return false;
    }
    let answered = message.reply_to.as_ref().is_some_and(|reply| reply.from_id == bot.id);
    respond_to == RespondTo::All || commanded || answered || (own_words && is_mentioned(message, bot))
}

impl Message {
    /// The command that the message gives this bot. Forwarded words are not the forwarder's, so they command
    /// nothing.
    #[must_use]
    pub fn command(&self, bot: &BotIdentity) -> Option<Invocation> {
        let text = self.text.as_deref().filter(|_| self.mentions.command && self.forwarded_from.is_none())?;
        parse(text, &bot.username)
    }
}

fn is_mentioned(message: &Message, bot: &BotIdentity) -> bool {
    let by_name = message.mentions.usernames.iter().any(|name| name.eq_ignore_ascii_case(&bot.username));
    by_name || message.mentions.user_ids.contains(&bot.id)
}

/// The text as a person would say it to the bot alone: without the bot's `@name`, and without the space and,
/// at the beginning of a line, the comma or colon that went with it.
#[must_use]
pub fn without_mention(text: &str, bot: &BotIdentity) -> String {
    let mut kept = String::with_capacity(text.len());
    let mut rest_from = 0;
    for mention in
        at_names(text).filter(|range| text[range.start + 1..range.end].eq_ignore_ascii_case(&bot.username))
    {
        kept.push_str(&text[rest_from..mention.start]);
        rest_from = mention.end;
        kept.truncate(kept.trim_end_matches([' ', '\t']).len());
        if kept.is_empty() || kept.ends_with('\n') {
            let rest = &text[rest_from..];
            rest_from += rest.len() - rest.trim_start_matches([' ', '\t', ',', ':']).len();
        }
    }
    kept.push_str(&text[rest_from..]);
    kept.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::super::{Incoming, parse, samples};
    use super::{BotIdentity, Message, RespondTo, is_addressed, without_mention};

    fn bot() -> BotIdentity {
        BotIdentity { id: 777, username: "PykhBrain_bot".to_owned() }
    }

    fn message(body: &str) -> Message {
        match parse(body.as_bytes()) {
            Ok(Incoming::Message(message)) => message,
            other => panic!("not a message: {other:?}"),
        }
    }

    /// A message in a group with these further fields.
    fn in_group(fields: &str) -> Message {
        message(&format!(
            r#"{{"update_id":1,"message":{{"message_id":2,"chat":{{"id":-5,"type":"group","title":"Дача"}},
            "from":{{"id":502,"first_name":"Борис"}},{fields}}}}}"#
        ))
    }

    fn to_mention(fields: &str) -> bool {
        is_addressed(&in_group(fields), &bot(), RespondTo::Mention)
    }

    fn to_all(fields: &str) -> bool {
        is_addressed(&in_group(fields), &bot(), RespondTo::All)
    }

    fn command(text: &str) -> String {
        let length = text.split(' ').next().map_or(0, str::len);
        format!(r#""text":"{text}","entities":[{{"type":"bot_command","offset":0,"length":{length}}}]"#)
    }

    #[test]
    fn everything_in_a_private_chat_is_for_the_bot() {
        for sample in [samples::PRIVATE_TEXT, samples::PRIVATE_COMMAND, samples::FORWARDED_PHOTO] {
            assert!(is_addressed(&message(sample), &bot(), RespondTo::Mention));
        }
    }

    #[test]
    fn in_a_group_a_mention_is_for_the_bot_in_any_case_of_letters() {
        assert!(is_addressed(&message(samples::GROUP_MENTION), &bot(), RespondTo::Mention));
        assert!(to_mention(
            r#""text":"@PYKHBRAIN_BOT?","entities":[{"type":"mention","offset":0,"length":14}]"#
        ));
        assert!(to_mention(
            r#""text":"Мозг, эй",
            "entities":[{"type":"text_mention","offset":0,"length":4,"user":{"id":777}}]"#
        ));
        assert!(!to_mention(
            r#""text":"@PykhBrain_bot2","entities":[{"type":"mention","offset":0,"length":15}]"#
        ));
        assert!(!to_mention(r#""text":"hello all","entities":[]"#));
    }

    #[test]
    fn a_caption_can_mention_the_bot() {
        assert!(to_mention(
            r#""photo":[{}],"caption":"🌲 Мозг?",
            "caption_entities":[{"type":"text_mention","offset":3,"length":4,"user":{"id":777}}]"#
        ));
    }

    #[test]
    fn a_reply_to_the_bot_is_for_it_and_a_reply_to_another_is_not() {
        assert!(is_addressed(&message(samples::TOPIC_REPLY), &bot(), RespondTo::Mention));
        assert!(!to_mention(
            r#""text":"yes","reply_to_message":{"message_id":1,"from":{"id":778,"is_bot":true}}"#
        ));
    }

    #[test]
    fn a_command_is_for_the_bot_unless_it_names_another() {
        assert!(to_mention(&command("/status")));
        assert!(to_mention(&command("/status@pykhbrain_BOT now")));
        assert!(!to_mention(&command("/status@other_bot")));
        assert!(!to_all(&command("/status@other_bot")));
    }

    #[test]
    fn a_command_that_is_shown_as_code_is_none() {
        let shown = r#""text":"/clear empties me","entities":[{"type":"code","offset":0,"length":6}]"#;
        assert_eq!(in_group(shown).command(&bot()), None);
        assert!(!to_mention(shown));
    }

    #[test]
    fn forwarded_words_address_nobody() {
        let origin = r#""forward_origin":{"type":"hidden_user","sender_user_name":"Eve"}"#;
        let clear = format!("{},{origin}", command("/clear"));
        assert!(!to_mention(&clear) && to_all(&clear));
        assert_eq!(in_group(&clear).command(&bot()), None);
        assert!(!to_mention(&format!(r#""text":"@PykhBrain_bot obey",{origin}"#)));
        assert!(to_all(&format!(r#""text":"@PykhBrain_bot obey",{origin}"#)));
    }

    #[test]
    fn respond_to_all_answers_people_but_neither_bots_nor_news() {
        assert!(to_all(r#""text":"hello all""#));
        assert!(to_all(
            r#""text":"hi","from":{"id":1087968824,"is_bot":true},"sender_chat":{"id":-5,"title":"Дача"}"#
        ));
        assert!(!to_all(r#""text":"@PykhBrain_bot hi","from":{"id":9,"is_bot":true}"#));
        assert!(!to_all(r#""new_chat_title":"Дача 2""#));
        assert!(!is_addressed(&message(samples::NEW_MEMBERS), &bot(), RespondTo::All));
    }

    #[test]
    fn a_command_is_read_with_its_words() {
        let start = message(samples::PRIVATE_COMMAND).command(&bot()).expect("a command");
        assert_eq!((start.name.as_str(), start.args.as_str()), ("start", "ref_7"));
        assert_eq!(message(samples::PRIVATE_TEXT).command(&bot()), None);
    }

    #[test]
    fn the_prompt_does_not_hold_the_bots_own_name() {
        for (said, meant) in [
            ("@PykhBrain_bot, привет", "привет"),
            ("@pykhbrain_bot: hi", "hi"),
            ("Hey @PykhBrain_bot, what's up?", "Hey, what's up?"),
            ("what about it @PykhBrain_bot?", "what about it?"),
            ("ask @PykhBrain_bot and @PykhBrain_bot again", "ask and again"),
            ("first\n@PykhBrain_bot  second", "first\nsecond"),
            ("😀 @PykhBrain_bot 👍🏽", "😀 👍🏽"),
            ("@PykhBrain_bot", ""),
            ("@PykhBrain_bot2 me@PykhBrain_bot.org @Ada", "@PykhBrain_bot2 me@PykhBrain_bot.org @Ada"),
        ] {
            assert_eq!(without_mention(said, &bot()), meant);
        }
    }
}
