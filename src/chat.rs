//! `pykhbrain chat`: the local chat in the terminal. Writes into the same chat as the page, and shows the same answers.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use brain::{
    config::Env,
    reply::{Key, Keyboard},
};
use serde::Deserialize;
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    sync::mpsc,
};
use tokio_util::sync::CancellationToken;

use crate::dev::{ADDRESS, Dev, HOME};

/// After the last line of a script, an answer is waited for this long.
const PATIENCE: Duration = Duration::from_mins(1);
/// And this long for another part of it.
const QUIET: Duration = Duration::from_millis(1500);

#[derive(clap::Args)]
pub(crate) struct Options {
    /// The chat to write in (its id); the first private one where nothing is said
    #[arg(long, allow_negative_numbers = true)]
    chat: Option<i64>,
    /// Who writes (a person's id); the chat's first person where nothing is said
    #[arg(long)]
    from: Option<i64>,
}

#[derive(Deserialize)]
struct State {
    model: String,
    chats: Vec<Chat>,
}

#[derive(Deserialize)]
struct Chat {
    id: i64,
    title: String,
    people: Vec<Person>,
}

#[derive(Deserialize)]
struct Person {
    id: i64,
    first_name: String,
}

/// A message of the local chat, as its events bring it.
#[derive(Deserialize)]
#[expect(clippy::struct_field_names, reason = "Telegram's names")]
struct Message {
    chat_id: i64,
    message_id: i64,
    from_id: i64,
    text: String,
    keyboard: Option<Keyboard>,
    document: Option<Document>,
}

/// A file that the bot has sent.
#[derive(Deserialize)]
struct Document {
    name: String,
    size: u64,
}

/// A few words to who has pressed a key.
#[derive(Deserialize)]
struct Toast {
    chat_id: i64,
    from_id: i64,
    text: String,
}

/// What is heard of the chat.
enum Heard {
    Said(Message),
    Changed(Message),
    Toast(Toast),
}

/// The keys that were shown last, which are pressed by their number: `:1`.
#[derive(Default)]
struct Keys {
    message_id: i64,
    keys: Vec<Key>,
}

/// Chats until the input ends or Ctrl-C.
pub(crate) async fn run(env: Env, options: &Options) -> anyhow::Result<()> {
    let stopping = CancellationToken::new();
    let (address, dev) = if let Some(address) = running().await {
        (address, None)
    } else {
        let dev = Dev::start(env, Path::new(HOME), stopping.clone()).await?;
        (dev.address.clone(), Some(dev))
    };
    let result = tokio::select! {
        result = converse(&address, options) => result,
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    stopping.cancel();
    match dev {
        Some(dev) => result.and(dev.until_stopped().await),
        None => result,
    }
}

/// Where a `dev` runs already, if one does.
async fn running() -> Option<String> {
    let address = std::fs::read_to_string(Path::new(HOME).join(ADDRESS)).ok()?;
    let alive =
        reqwest::get(format!("{address}/healthz")).await.is_ok_and(|answer| answer.status().is_success());
    alive.then_some(address)
}

async fn converse(address: &str, options: &Options) -> anyhow::Result<()> {
    let http = reqwest::Client::builder().no_proxy().build()?;
    let state = http.get(format!("{address}/playground/api/state")).send().await?;
    let state: State =
        state.error_for_status().context("there is no local chat: TELEGRAM_TOKEN is set")?.json().await?;
    let chat = match options.chat {
        None => state.chats.iter().find(|chat| chat.id > 0),
        Some(id) => state.chats.iter().find(|chat| chat.id == id),
    };
    let chat = chat.with_context(|| format!("there is no such chat; there are {}", names(&state.chats)))?;
    let person = match options.from {
        None => chat.people.first(),
        Some(id) => chat.people.iter().find(|person| person.id == id),
    };
    let person = person.context("this person is not in the chat")?;
    println!(
        "{} in \"{}\", model {}. :1 presses a key that is shown as :1, Ctrl-D ends.",
        person.first_name, chat.title, state.model
    );

    let (sender, mut answers) = mpsc::unbounded_channel();
    let events = http.get(format!("{address}/playground/api/events")).send().await?.error_for_status()?;
    let listening = tokio::spawn(listen(events, sender));
    let show = |heard: &Heard, keys: &mut Keys| show(address, chat, person.id, heard, keys);
    let mut keys = Keys::default();
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut said = false;
    loop {
        tokio::select! {
            heard = answers.recv() => {
                show(&heard.context("the local chat has ended")?, &mut keys);
            }
            line = lines.next_line() => match line? {
                Some(line) if line.trim().is_empty() => {}
                Some(line) => {
                    let (path, body) = match keys.pressed(&line) {
                        Some(key) => ("presses", json!({
                            "chat_id": chat.id, "from_id": person.id, "message_id": keys.message_id, "data": key.data,
                        })),
                        None => ("messages", json!({"chat_id": chat.id, "from_id": person.id, "text": line})),
                    };
                    let sent = http.post(format!("{address}/playground/api/{path}")).json(&body).send().await?;
                    anyhow::ensure!(sent.status().is_success(), "{}", sent.text().await?);
                    said = true;
                }
                None => break,
            },
        }
    }
    let mut patience = PATIENCE;
    while said && let Ok(Some(heard)) = tokio::time::timeout(patience, answers.recv()).await {
        if show(&heard, &mut keys) {
            patience = QUIET;
        }
    }
    listening.abort();
    Ok(())
}

/// Reads server-sent events and passes on what can be shown.
async fn listen(mut events: reqwest::Response, sender: mpsc::UnboundedSender<Heard>) -> reqwest::Result<()> {
    let mut buffer = Vec::new();
    while let Some(chunk) = events.chunk().await? {
        buffer.extend_from_slice(&chunk);
        while let Some(end) = buffer.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = buffer.drain(..end + 2).collect();
            if let Some(heard) = heard(&String::from_utf8_lossy(&event)) {
                let _ = sender.send(heard);
            }
        }
    }
    Ok(())
}

fn heard(event: &str) -> Option<Heard> {
    let (name, data) = event.strip_prefix("event: ")?.split_once("\ndata: ")?;
    match name {
        "message" => serde_json::from_str(data).ok().map(Heard::Said),
        "edited" => serde_json::from_str(data).ok().map(Heard::Changed),
        "toast" => serde_json::from_str(data).ok().map(Heard::Toast),
        _ => None,
    }
}

/// Shows what the bot says in the chat. Says whether there was anything to show.
fn show(address: &str, chat: &Chat, person: i64, heard: &Heard, keys: &mut Keys) -> bool {
    match heard {
        Heard::Said(message) if message.is_of_bot_in(chat) => {
            println!("PykhBrain: {}", message.text);
            if let Some(Document { name, size }) = &message.document {
                let (chat_id, message_id) = (message.chat_id, message.message_id);
                println!(
                    "  {name}, {size} bytes: {address}/playground/api/documents?chat_id={chat_id}&message_id={message_id}"
                );
            }
            keys.follow(message);
            for (place, key) in keys.of(message).iter().enumerate() {
                println!("  :{} {}", place + 1, key.text);
            }
            true
        }
        Heard::Changed(message) if message.is_of_bot_in(chat) => {
            keys.follow(message);
            false
        }
        Heard::Toast(toast) if toast.chat_id == chat.id && toast.from_id == person => {
            println!("({})", toast.text);
            true
        }
        _ => false,
    }
}

impl Message {
    fn is_of_bot_in(&self, chat: &Chat) -> bool {
        self.chat_id == chat.id && chat.people.iter().all(|person| person.id != self.from_id)
    }
}

impl Keys {
    /// New keys take the place of those that were shown before; keys that have gone can be pressed no more.
    fn follow(&mut self, message: &Message) {
        let keys = message.keyboard.iter().flat_map(|keyboard| keyboard.0.iter().flatten().cloned());
        if message.keyboard.is_some() || message.message_id == self.message_id {
            *self = Self { message_id: message.message_id, keys: keys.collect() };
        }
    }

    fn of(&self, message: &Message) -> &[Key] {
        if message.message_id == self.message_id { &self.keys } else { &[] }
    }

    /// The key that a line presses. What no shown key has as its number is a message like any other.
    fn pressed(&self, line: &str) -> Option<&Key> {
        let place: usize = line.trim().strip_prefix(':')?.parse().ok()?;
        self.keys.get(place.checked_sub(1)?)
    }
}

fn names(chats: &[Chat]) -> String {
    chats.iter().map(|chat| format!("{} ({})", chat.id, chat.title)).collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn message(message_id: i64, keyboard: Option<Keyboard>) -> Message {
        Message { chat_id: 1, message_id, from_id: 1, text: String::new(), keyboard, document: None }
    }

    #[test]
    fn the_keys_shown_last_are_pressed_by_their_number_until_they_go() {
        let mut keys = Keys::default();
        assert!(keys.pressed(":1").is_none());
        keys.follow(&message(7, Some(Keyboard::row([Key::new("Keep", "keep"), Key::new("Fix", "fix")]))));
        keys.follow(&message(8, None));
        assert_eq!(keys.pressed(" :2 ").map(|key| key.data.as_str()), Some("fix"));
        assert!([":0", ":3", ":", "2", ":-1", ":)"].iter().all(|line| keys.pressed(line).is_none()));
        keys.follow(&message(7, None));
        assert!(keys.pressed(":1").is_none());
    }

    #[test]
    fn events_that_cannot_be_shown_are_passed_over() {
        let toast = heard("event: toast\ndata: {\"chat_id\":5,\"from_id\":5,\"text\":\"Done\"}\n\n");
        assert!(matches!(toast, Some(Heard::Toast(toast)) if toast.text == "Done"));
        assert!(heard("event: typing\ndata: {}\n\n").is_none());
        assert!(heard(": keep-alive\n\n").is_none());
    }
}
