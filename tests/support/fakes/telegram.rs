//! The sandbox's Bot API for tests: keeps what it was sent, fails on demand, and counts against Telegram's sending limits.
//!
//! Speaks `/bot<TOKEN>/<method>` as <https://core.telegram.org/bots/api#making-requests> has it, for any token
//! of the right form.

mod call;
mod fault;
mod limits;
mod methods;
#[cfg(test)]
mod tests;

use std::{
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use serde_json::Value;
use telegram_sandbox::{
    Change, Sandbox,
    chats::Event,
    form::File,
    html::Dialect,
    keyboard::Keyboard,
    people::{Chat, Person, Unknown},
};

pub use self::{call::Call, fault::Fault, limits::Breaches};
use self::{fault::Script, limits::Limits};
use super::{
    http::Server,
    log::{Log, NotSeen},
};

/// The fake. Everything that a test sets holds from the next call on.
#[derive(Debug)]
pub struct FakeTelegram {
    server: Server,
    exchange: Arc<Exchange>,
}

/// What the server's connections share with the test.
#[derive(Debug)]
struct Exchange {
    sandbox: Mutex<Sandbox>,
    sent: Log<Sent>,
    calls: Log<Call>,
    script: Mutex<Script>,
    limits: Mutex<Option<Limits>>,
}

/// A message that Telegram has accepted.
#[derive(Clone, Debug)]
pub struct Sent {
    /// The chat.
    pub chat_id: i64,
    /// The topic in it.
    pub thread_id: Option<i64>,
    /// Its id, which no other message of the bot has. Grows in the order of acceptance.
    pub message_id: i64,
    /// What a person sees: without markup, and without space at its ends, which Telegram takes off.
    pub text: String,
    /// What the bot wrote.
    pub raw: String,
    /// The markup that `raw` is in; none is plain text.
    pub parse_mode: Option<String>,
    /// The message that it answers.
    pub reply_to: Option<i64>,
    /// The keys under it, until they are taken away.
    pub reply_markup: Option<Keyboard>,
    /// The file that it brings; `text` is then its caption.
    pub document: Option<File>,
    /// When it was accepted.
    pub at: Instant,
}

/// A message as it comes in, before it is accepted or refused.
#[derive(Clone, Debug)]
pub struct Incoming {
    /// The chat.
    pub chat_id: i64,
    /// What the bot wrote.
    pub raw: String,
    /// The markup that `raw` is in; none is plain text.
    pub parse_mode: Option<String>,
    /// Whether a file comes with it.
    pub is_document: bool,
}

impl Default for Exchange {
    /// Whoever writes to the bot does so by updates of the test's own, so the sandbox knows of nobody and takes everybody.
    fn default() -> Self {
        Self {
            sandbox: Mutex::new(Sandbox::new(Unknown::Assumed, Dialect::Documented)),
            sent: Log::default(),
            calls: Log::default(),
            script: Mutex::default(),
            limits: Mutex::default(),
        }
    }
}

impl Sent {
    /// What the key with this word on it brings back.
    pub fn key(&self, word: &str) -> Option<&str> {
        let key = self.reply_markup.as_ref()?.keys().find(|key| key.text == word)?;
        Some(&key.data)
    }
}

impl FakeTelegram {
    /// A token that the fake takes, of the bot with the id 7000000001.
    pub const TOKEN: &str = "7000000001:loopback";
    /// The user name of the bot behind any token.
    pub const BOT_USERNAME: &str = "pykhbrain_test_bot";

    /// Starts one on a free port.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub async fn start() -> Self {
        let exchange = Arc::new(Exchange::default());
        let shared = Arc::clone(&exchange);
        let server = Server::start(move |request| {
            let exchange = Arc::clone(&shared);
            async move { exchange.answer(&request).await }
        });
        Self { server: server.await.expect("a free port on loopback"), exchange }
    }

    /// What `TELEGRAM_API_URL` has to be.
    pub fn url(&self) -> String {
        self.server.url()
    }

    /// Every accepted message, in order.
    pub fn sent(&self) -> Vec<Sent> {
        self.exchange.sent.read(<[Sent]>::to_vec)
    }

    /// The accepted messages of one chat, in order.
    pub fn sent_to(&self, chat_id: i64) -> Vec<Sent> {
        self.exchange.sent.read(|sent| sent.iter().filter(|sent| sent.chat_id == chat_id).cloned().collect())
    }

    /// Waits until `holds` of the accepted messages, and returns them.
    pub async fn wait_for(
        &self,
        holds: impl FnMut(&[Sent]) -> bool,
        timeout: Duration,
    ) -> Result<Vec<Sent>, NotSeen> {
        self.exchange.sent.wait_for(holds, timeout).await
    }

    /// Every call of a method, refused ones too, in order.
    pub fn calls(&self, method: &str) -> Vec<Call> {
        self.exchange.calls.read(|calls| calls.iter().filter(|call| call.is_of(method)).cloned().collect())
    }

    /// Waits until `holds` of the calls of all methods, and returns them.
    pub async fn wait_for_calls(
        &self,
        holds: impl FnMut(&[Call]) -> bool,
        timeout: Duration,
    ) -> Result<Vec<Call>, NotSeen> {
        self.exchange.calls.wait_for(holds, timeout).await
    }

    /// How often "typing" was shown in a chat.
    pub fn typing_count(&self, chat_id: i64) -> usize {
        self.exchange.calls.read(|calls| calls.iter().filter(|call| call.is_typing_in(chat_id)).count())
    }

    /// What the next messages to a chat run into, one fault for each attempt; after them all is well.
    pub fn fail_next_sends(&self, chat_id: i64, faults: Vec<Fault>) {
        self.exchange.script.lock().expect("script").add_for_chat(chat_id, faults);
    }

    /// What the next calls of a method run into, one fault for each call; after them all is well.
    pub fn fail_next_calls(&self, method: &str, faults: Vec<Fault>) {
        self.exchange.script.lock().expect("script").add_for_method(method, faults);
    }

    /// Asks the test about each message that meets no scripted fault. Replaces what was set before.
    pub fn on_send(&self, decide: impl Fn(&Incoming) -> Option<Fault> + Send + Sync + 'static) {
        self.exchange.script.lock().expect("script").decide_with(Arc::new(decide));
    }

    /// Makes these users a group's administrators, the first of them its owner. Without it a group has none.
    pub fn set_administrators(&self, chat_id: i64, users: &[i64]) {
        let people = users.iter().copied().map(Person::assumed).collect();
        let administrators = users.iter().skip(1).copied().collect();
        let chat = Chat { people, administrators, ..Chat::assumed(chat_id) };
        self.exchange.sandbox.lock().expect("sandbox").apply(Change::Event(Event::Chat(chat)));
    }

    /// Queues an update for `getUpdates`, as Telegram would write it, `update_id` included.
    pub fn push_update(&self, update: Value) {
        self.exchange.sandbox.lock().expect("sandbox").updates.push(update);
    }

    /// From now on breaches of Telegram's sending limits earn a 429.
    pub fn enforce_limits(&self) {
        *self.exchange.limits.lock().expect("limits") = Some(Limits::default());
    }

    /// How often each limit was breached since [`enforce_limits`](Self::enforce_limits).
    pub fn limit_breaches(&self) -> Breaches {
        self.exchange.limits.lock().expect("limits").as_ref().map(Limits::breaches).unwrap_or_default()
    }
}
