//! The local chat of `pykhbrain dev`: a page that looks like Telegram's, and behind it a Bot API server of this machine's own.
//!
//! Nothing in the pipeline knows the difference: real updates go into the same inbox, and the worker's client sends to
//! `/playground/telegram`. Only this machine may use it (`access`).
//!
//! | address under `/playground` | |
//! |---|---|
//! | (itself), `assets/*` | the page |
//! | `GET api/state` | the bot, the model, chats and messages, commands |
//! | `GET api/events` | news as server-sent events: `chat`, `message`, `edited`, `withdrawn`, `typing`, `commands`, `toast`, `lost` |
//! | `POST api/messages` | `{chat_id, from_id, text, reply_to?, thread_id?}`: a person says something |
//! | `PATCH api/messages` | `{chat_id, message_id, text}`: a person changes it |
//! | `POST api/presses` | `{chat_id, from_id, message_id, data}`: a person presses a key |
//! | `GET api/documents?chat_id=&message_id=` | a file that the bot has sent |
//! | `POST api/chats` | `{kind: "private", name}` or `{kind: "group", title, people: [name]}` |
//! | `GET api/way?chat_id=&message_id=` | the way of a message, and what the model saw |
//! | `POST telegram/bot1:local/METHOD` | the Bot API |

mod access;
mod bot_api;
mod journal;
mod page;
mod people;
mod refusal;
#[cfg(test)]
mod scratch;
mod state;
mod steps;
#[cfg(test)]
mod tests;
mod way;

use std::{
    path::Path,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use brain::clock::Clock;
use salvo::prelude::*;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::sync::broadcast;
use tokio_util::sync::CancellationToken;

use telegram_sandbox::{
    chats::{Event, Message, Place},
    new_chat::NewChat,
    objects::{self, Bot},
    people::{Chat, ChatKind, first_chats},
    say::{self, Edit, Press, Said},
};

use self::{
    refusal::Refusal,
    state::{News, State},
};
use crate::Inbox;

/// The local bot.
const BOT: Bot = Bot { id: 1, name: "PykhBrain", username: "pykhbrain_local_bot" };

/// The local chat. Cheap to clone; clones share it.
#[derive(Clone)]
pub struct Playground(Arc<Shared>);

struct Shared {
    state: Mutex<State>,
    /// Held from a message's number to its place in the inbox, so that both follow one order.
    handing_over: tokio::sync::Mutex<()>,
    inbox: Inbox,
    clock: Clock,
    model: String,
}

impl Playground {
    /// The local bot's token: what `TELEGRAM_TOKEN` holds where there is no real one.
    pub const TOKEN: &str = "1:local";
    /// The path of the Bot API: what `TELEGRAM_API_URL` holds after the host.
    pub const BOT_API: &str = "/playground/telegram";

    /// Opens the local chat that is kept in `dir`, or begins one with Olena, and with Olena and Taras in a group. `model` is
    /// the name of the model that answers. Wants a tokio runtime, because a new group tells the bot of itself.
    ///
    /// # Errors
    /// When the file in `dir` cannot be read or written.
    pub fn open(dir: &Path, inbox: Inbox, model: &str) -> std::io::Result<Self> {
        let state = State::open(dir)?;
        let is_new = state.sandbox.chats.rooms.is_empty();
        let playground = Self(Arc::new(Shared {
            state: Mutex::new(state),
            handing_over: tokio::sync::Mutex::default(),
            inbox,
            clock: Clock::system(),
            model: model.to_owned(),
        }));
        if is_new {
            for chat in first_chats() {
                playground.state().record(Event::Chat(chat.clone()))?;
                let playground = playground.clone();
                tokio::spawn(async move { playground.introduce(&chat).await });
            }
        }
        Ok(playground)
    }

    /// Everything under `/playground`. Streams end with `stopping`.
    pub(crate) fn routes(self, pool: PgPool, stopping: CancellationToken) -> Router {
        let api = Router::with_path("api")
            .push(Router::with_path("state").get(people::GetState(self.clone())))
            .push(Router::with_path("events").get(people::GetEvents { playground: self.clone(), stopping }))
            .push(
                Router::with_path("messages")
                    .post(people::PostMessage(self.clone()))
                    .patch(people::PatchMessage(self.clone())),
            )
            .push(Router::with_path("presses").post(people::PostPress(self.clone())))
            .push(Router::with_path("documents").get(people::GetDocument(self.clone())))
            .push(Router::with_path("chats").post(people::PostChat(self.clone())))
            .push(Router::with_path("way").get(way::GetWay { playground: self.clone(), pool }));
        Router::with_path("playground")
            .hoop(access::only_this_machine)
            .get(page::page)
            .push(Router::with_path("assets/{name}").get(page::asset))
            .push(api)
            .push(Router::with_path("telegram/{bot}/{method}").post(bot_api::BotApi(self)))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Milliseconds since 1970.
    fn now(&self) -> i64 {
        self.0.clock.now().timestamp_millis()
    }

    fn news(&self) -> broadcast::Receiver<News> {
        self.state().news.subscribe()
    }

    /// A person says something. When this returns, it is in the inbox.
    async fn say(&self, said: Said) -> Result<Message, Refusal> {
        let _order = self.0.handing_over.lock().await;
        let now = self.now();
        let (message, update) = {
            let mut state = self.state();
            let message = said.into_message(&state.sandbox.chats, now)?;
            let (chat, original) = state.sandbox.chats.around(&message).ok_or(say::Refusal::NoSuchChat)?;
            let update =
                objects::new_message(&BOT, message.update_id.unwrap_or(now), chat, &message, original);
            state.record(Event::Message(message.clone()))?;
            (message, update)
        };
        if let Err(refusal) = self.hand_over(&update).await {
            let place = Place { chat_id: message.chat_id, message_id: message.message_id };
            self.state().record(Event::Withdrawn(place))?;
            return Err(refusal);
        }
        Ok(message)
    }

    /// A person changes a message.
    async fn edit(&self, edit: Edit) -> Result<Message, Refusal> {
        let _order = self.0.handing_over.lock().await;
        let now = self.now();
        let (message, update) = {
            let mut state = self.state();
            let message = edit.into_message(&state.sandbox.chats, now)?;
            let update_id = state.number(now)?;
            let (chat, original) = state.sandbox.chats.around(&message).ok_or(say::Refusal::NoSuchChat)?;
            (message.clone(), objects::edited_message(&BOT, update_id, chat, &message, original))
        };
        self.hand_over(&update).await?;
        self.state().record(Event::Edited(message.clone()))?;
        Ok(message)
    }

    /// A person presses a key. When this returns, the press is in the inbox.
    async fn press(&self, press: Press) -> Result<(), Refusal> {
        let _order = self.0.handing_over.lock().await;
        let update = {
            let mut state = self.state();
            let (person, message) = press.find(&state.sandbox.chats)?;
            let (person, message) = (person.clone(), message.clone());
            let update_id = state.number(self.now())?;
            let (chat, _) = state.sandbox.chats.around(&message).ok_or(say::Refusal::NoSuchChat)?;
            objects::pressed(&BOT, update_id, chat, &message, &person, &press.data)
        };
        self.hand_over(&update).await
    }

    /// Makes a chat.
    async fn create(&self, new: NewChat) -> Result<Chat, Refusal> {
        let chat = {
            let mut state = self.state();
            let chat = new.into_chat(&state.sandbox.chats)?;
            state.record(Event::Chat(chat.clone()))?;
            chat
        };
        self.introduce(&chat).await;
        Ok(chat)
    }

    /// Tells the bot that it was added, if that is a group. Where the bot cannot hear it, only its greeting is missing.
    async fn introduce(&self, chat: &Chat) {
        if chat.kind == ChatKind::Private {
            return;
        }
        let _order = self.0.handing_over.lock().await;
        let now = self.now();
        let numbered = self.state().number(now);
        let told = match numbered {
            Ok(update_id) => self.hand_over(&objects::added(&BOT, update_id, chat, now)).await,
            Err(error) => Err(error.into()),
        };
        if let Err(error) = told {
            tracing::warn!(chat.id = chat.id, error = %error, "the bot did not hear that it was added");
        }
    }

    async fn hand_over(&self, update: &Value) -> Result<(), Refusal> {
        let accepted = self.0.inbox.accept(update.to_string().as_bytes()).await?;
        tracing::debug!(?accepted, "update of the local chat");
        Ok(())
    }

    /// Everything that a page shows.
    fn snapshot(&self) -> Value {
        let state = self.state();
        json!({
            "bot": {"id": BOT.id, "name": BOT.name, "username": BOT.username},
            "model": self.0.model,
            "commands": state.commands(),
            "chats": state.sandbox.chats.rooms,
        })
    }
}
