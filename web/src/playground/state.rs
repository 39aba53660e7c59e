//! What the local chat keeps, and how everything that happens in it is written down and told.

use std::{
    fs::{DirBuilder, File},
    io::Write,
    os::unix::fs::{DirBuilderExt, OpenOptionsExt},
    path::{Path, PathBuf},
};

use serde::Serialize;
use serde_json::Value;
use telegram_sandbox::{
    Change, Done, Sandbox,
    chats::{Event, Message},
    commands::BotCommand,
    error::ApiError,
    form::Form,
    html::Dialect,
    people::{ChatKind, Unknown},
    sandbox::{Toast, Typing},
};
use tokio::sync::broadcast;

use super::{BOT, journal::Journal};

/// News that a page may be behind with before it has to ask for everything anew.
const MOST_UNREAD: usize = 256;

pub(super) struct State {
    pub(super) sandbox: Sandbox,
    journal: Journal,
    documents: PathBuf,
    pub(super) news: broadcast::Sender<News>,
}

/// What the bot offers after a `/`, as pages show it.
#[derive(Clone, Debug, Default, Serialize)]
pub(super) struct Commands {
    private: Vec<BotCommand>,
    group: Vec<BotCommand>,
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

impl State {
    /// Opens what is kept in `dir`, or begins it.
    pub(super) fn open(dir: &Path) -> std::io::Result<Self> {
        let documents = dir.join("documents");
        // Nobody else's to read, like everything here.
        DirBuilder::new().recursive(true).mode(0o700).create(&documents)?;
        let mut sandbox = Sandbox::new(Unknown::Refused, Dialect::Server);
        let journal = Journal::open(&dir.join("playground.jsonl"), |event| {
            sandbox.apply(Change::Event(event));
        })?;
        Ok(Self { sandbox, journal, documents, news: broadcast::Sender::new(MOST_UNREAD) })
    }

    /// Writes the event down, lets it happen, and tells the pages, in this order for all.
    pub(super) fn record(&mut self, event: Event) -> std::io::Result<()> {
        self.journal.append(&event)?;
        self.sandbox.apply(Change::Event(event.clone()));
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
        let update_id = self.sandbox.chats.next_update_id(now);
        self.record(Event::Numbered { update_id })?;
        Ok(update_id)
    }

    /// What a call of the bot comes to, written down and told.
    pub(super) fn perform(&mut self, method: &str, form: &Form, now: i64) -> Result<Value, ApiError> {
        let Done { result, change } = self.sandbox.perform(&BOT, method, form, now)?;
        match change {
            Some(Change::Event(event)) => {
                self.keep_file(&event, form).and_then(|()| self.record(event)).map_err(not_written)?;
            }
            Some(change) => {
                self.sandbox.apply(change.clone());
                match change {
                    Change::Typing(typing) => self.tell(News::Typing(typing)),
                    Change::Toast(toast) => self.tell(News::Toast(toast)),
                    Change::Commands(_) => self.tell(News::Commands(self.commands())),
                    Change::Event(_) | Change::Webhook { .. } => {}
                }
            }
            None => {}
        }
        Ok(result)
    }

    pub(super) fn commands(&self) -> Commands {
        let in_chats = |kind| self.sandbox.commands.in_chats(kind).to_vec();
        Commands { private: in_chats(ChatKind::Private), group: in_chats(ChatKind::Group) }
    }

    /// Before its message is written down, so that no message stands there without its file.
    fn keep_file(&self, event: &Event, form: &Form) -> std::io::Result<()> {
        match (event, form.file("document")) {
            (Event::Message(Message { document: Some(_), message_id, .. }), Some(file)) => {
                let mut options = File::options();
                options.write(true).create(true).truncate(true).mode(0o600);
                options.open(self.document(*message_id))?.write_all(&file.bytes)
            }
            _ => Ok(()),
        }
    }
}

#[expect(clippy::needless_pass_by_value, reason = "as map_err wants it")]
fn not_written(problem: std::io::Error) -> ApiError {
    tracing::error!(error = %problem, "the local chat's file cannot be written");
    ApiError::new(500, "Internal Server Error")
}

#[cfg(test)]
mod tests {
    use telegram_sandbox::{
        people::first_chats,
        say::{Edit, Said},
    };

    use super::{super::scratch::Scratch, *};

    const NOW: i64 = 1_795_363_200_000;

    fn say(state: &mut State, text: &str) -> Message {
        let said = Said { chat_id: 1001, from_id: 1001, text: text.into(), reply_to: None, thread_id: None };
        let message = said.into_message(&state.sandbox.chats, NOW).expect("a message");
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
        let edited = edit.into_message(&state.sandbox.chats, NOW + 5).expect("a message");
        state.record(Event::Edited(edited.clone())).expect("to write");
        drop(state);

        let mut state = State::open(scratch.path()).expect("to open");
        assert_eq!(
            state.sandbox.chats.rooms.iter().map(|room| &room.chat).collect::<Vec<_>>(),
            first_chats().each_ref()
        );
        assert_eq!(state.sandbox.chats.message(1001, message.message_id), Some(&edited));
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
