//! What the local chat keeps, and how everything that happens in it is written down and told.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use tokio::sync::broadcast;

use telegram_sandbox::chats::{Chat, Chats, Event, Message};

use super::journal::Journal;

/// News that a page may be behind with before it has to ask for everything anew.
const MOST_UNREAD: usize = 256;

pub(super) struct State {
    pub(super) chats: Chats,
    journal: Journal,
    documents: PathBuf,
    pub(super) commands: Commands,
    pub(super) news: broadcast::Sender<News>,
}

/// What the bot offers after a `/`.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Commands {
    pub(super) private: Vec<BotCommand>,
    pub(super) group: Vec<BotCommand>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct BotCommand {
    pub(super) command: String,
    description: String,
}

/// What a page is told.
#[derive(Clone, Debug)]
pub(super) enum News {
    Event(Event),
    Typing(Typing),
    Commands(Commands),
    Toast(Toast),
    /// There was too much news; ask for everything.
    Lost,
}

/// Where the bot is typing.
#[derive(Clone, Copy, Debug, Serialize)]
pub(super) struct Typing {
    pub(super) chat_id: i64,
    pub(super) thread_id: Option<i64>,
}

/// A few words to who has pressed a key.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Toast {
    pub(super) chat_id: i64,
    pub(super) from_id: i64,
    pub(super) text: String,
}

impl State {
    /// Opens what is kept in `dir`, or begins it.
    pub(super) fn open(dir: &Path) -> std::io::Result<Self> {
        let documents = dir.join("documents");
        std::fs::create_dir_all(&documents)?;
        let mut chats = Chats::default();
        let journal = Journal::open(&dir.join("playground.jsonl"), |event| chats.apply(event))?;
        Ok(Self {
            chats,
            journal,
            documents,
            commands: Commands::default(),
            news: broadcast::Sender::new(MOST_UNREAD),
        })
    }

    /// Writes the event down, lets it happen, and tells the pages, in this order for all.
    pub(super) fn record(&mut self, event: Event) -> std::io::Result<()> {
        self.journal.append(&event)?;
        self.chats.apply(event.clone());
        self.tell(News::Event(event));
        Ok(())
    }

    /// Where the file of a message is. Message ids are given once for all chats.
    pub(super) fn document(&self, message_id: i64) -> PathBuf {
        self.documents.join(message_id.to_string())
    }

    /// Tells the pages; without one nobody hears it.
    pub(super) fn tell(&self, news: News) {
        let _ = self.news.send(news);
    }

    /// Gives a number to an update that brings no new message.
    pub(super) fn number(&mut self, now: i64) -> std::io::Result<i64> {
        let update_id = self.chats.next_update_id(now);
        self.record(Event::Numbered { update_id })?;
        Ok(update_id)
    }

    /// The chat of a message, and the message that it answers.
    pub(super) fn around(&self, message: &Message) -> Option<(&Chat, Option<&Message>)> {
        let original = message.reply_to.and_then(|id| self.chats.message(message.chat_id, id));
        Some((&self.chats.room(message.chat_id)?.chat, original))
    }
}

#[cfg(test)]
mod tests {
    use telegram_sandbox::{
        chats::first_chats,
        say::{Edit, Said},
    };

    use super::{super::scratch::Scratch, *};

    const NOW: i64 = 1_795_363_200_000;

    fn say(state: &mut State, text: &str) -> Message {
        let said = Said { chat_id: 1001, from_id: 1001, text: text.into(), reply_to: None, thread_id: None };
        let message = said.into_message(&state.chats, NOW).expect("a message");
        state.record(Event::Message(message.clone())).expect("to write");
        message
    }

    #[test]
    fn what_was_said_and_changed_is_there_after_a_restart() {
        let scratch = Scratch::new();
        let mut state = State::open(scratch.path()).expect("to open");
        for chat in first_chats() {
            state.record(Event::Chat(chat)).expect("to write");
        }
        let message = say(&mut state, "👋 /help");
        let edit = Edit { chat_id: 1001, message_id: message.message_id, text: "hello".into() };
        let numbered = state.number(NOW).expect("a number");
        let edited = edit.into_message(&state.chats, NOW + 5).expect("a message");
        state.record(Event::Edited(edited.clone())).expect("to write");
        drop(state);

        let mut state = State::open(scratch.path()).expect("to open");
        assert_eq!(
            state.chats.rooms.iter().map(|room| &room.chat).collect::<Vec<_>>(),
            first_chats().each_ref()
        );
        assert_eq!(state.chats.message(1001, message.message_id), Some(&edited));
        let next = say(&mut state, "again");
        assert_eq!(next.message_id, message.message_id + 1);
        assert!(next.update_id > Some(numbered), "an update id was given twice");
    }

    #[test]
    fn pages_hear_of_everything_in_its_order() {
        let scratch = Scratch::new();
        let mut state = State::open(scratch.path()).expect("to open");
        let mut news = state.news.subscribe();
        let [chat, _] = first_chats();
        state.record(Event::Chat(chat.clone())).expect("to write");
        let message = say(&mut state, "hi");
        let mut heard = || match news.try_recv() {
            Ok(News::Event(event)) => event,
            other => panic!("no event: {other:?}"),
        };
        assert_eq!(heard(), Event::Chat(chat));
        assert_eq!(heard(), Event::Message(message));
    }
}
