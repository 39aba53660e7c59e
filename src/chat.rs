//! `pykhbrain chat`: the local chat in the terminal. Writes into the same chat as the page, and shows the same answers.

use std::{path::Path, time::Duration};

use anyhow::Context as _;
use brain::config::Env;
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
struct Message {
    chat_id: i64,
    from_id: i64,
    text: String,
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
    println!("{} in \"{}\", model {}. Ctrl-D ends.", person.first_name, chat.title, state.model);

    let (sender, mut answers) = mpsc::unbounded_channel();
    let events = http.get(format!("{address}/playground/api/events")).send().await?.error_for_status()?;
    let listening =
        tokio::spawn(listen(events, chat.id, chat.people.iter().map(|person| person.id).collect(), sender));
    let mut lines = BufReader::new(tokio::io::stdin()).lines();
    let mut said = false;
    loop {
        tokio::select! {
            answer = answers.recv() => show(&answer.context("the local chat has ended")?),
            line = lines.next_line() => match line? {
                Some(line) if line.trim().is_empty() => {}
                Some(line) => {
                    let message = json!({"chat_id": chat.id, "from_id": person.id, "text": line});
                    let sent = http.post(format!("{address}/playground/api/messages")).json(&message).send().await?;
                    anyhow::ensure!(sent.status().is_success(), "{}", sent.text().await?);
                    said = true;
                }
                None => break,
            },
        }
    }
    let mut patience = PATIENCE;
    while said && let Ok(Some(answer)) = tokio::time::timeout(patience, answers.recv()).await {
        show(&answer);
        patience = QUIET;
    }
    listening.abort();
    Ok(())
}

/// Reads server-sent events and passes on what the bot says in the chat.
async fn listen(
    mut events: reqwest::Response,
    chat: i64,
    people: Vec<i64>,
    sender: mpsc::UnboundedSender<String>,
) -> reqwest::Result<()> {
    let mut buffer = Vec::new();
    while let Some(chunk) = events.chunk().await? {
        buffer.extend_from_slice(&chunk);
        while let Some(end) = buffer.windows(2).position(|two| two == b"\n\n") {
            let event: Vec<u8> = buffer.drain(..end + 2).collect();
            let event = String::from_utf8_lossy(&event);
            let Some(data) = event.strip_prefix("event: message\ndata: ") else { continue };
            if let Ok(message) = serde_json::from_str::<Message>(data)
                && message.chat_id == chat
                && !people.contains(&message.from_id)
            {
                let _ = sender.send(message.text);
            }
        }
    }
    Ok(())
}

fn show(answer: &str) {
    println!("PykhBrain: {answer}");
}

fn names(chats: &[Chat]) -> String {
    chats.iter().map(|chat| format!("{} ({})", chat.id, chat.title)).collect::<Vec<_>>().join(", ")
}
