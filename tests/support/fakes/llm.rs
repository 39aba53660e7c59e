//! An OpenAI-compatible model server that answers what the test says, as late as it says, and fails on demand.
//!
//! Knows `POST /v1/chat/completions` without streaming and `GET /v1/models`:
//! <https://platform.openai.com/docs/api-reference/chat>.

mod answer;
mod call;
mod fault;
mod latency;
mod request;
#[cfg(test)]
mod tests;

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    hash::Hash,
    ops::RangeInclusive,
    sync::{Arc, Mutex, MutexGuard},
    time::Duration,
};

use tokio::sync::watch;

use self::latency::Latency;
pub use self::{fault::Fault, request::LlmRequest};
use super::{
    http::Server,
    log::{Log, NotSeen},
};

/// The fake. Everything that a test sets holds from the next call on.
#[derive(Debug)]
pub struct FakeLlm {
    server: Server,
    desk: Arc<Desk>,
}

/// A test's own answer to a request.
type Compose = Arc<dyn Fn(&LlmRequest) -> String + Send + Sync>;
/// A test's own decision to fail a request.
type Decide = Arc<dyn Fn(&LlmRequest) -> Option<Fault> + Send + Sync>;

/// What the server's connections share with the test.
struct Desk {
    requests: Log<LlmRequest>,
    held: watch::Sender<bool>,
    script: Mutex<Script>,
}

/// What the test has asked for.
struct Script {
    compose: Compose,
    decide: Decide,
    faults: VecDeque<Fault>,
    latency: Latency,
    models: Vec<(String, Option<String>)>,
}

impl FakeLlm {
    /// Starts one on a free port. It answers "You said: " and the last user message, at once.
    ///
    /// # Panics
    ///
    /// When loopback has no free port.
    pub async fn start() -> Self {
        let desk = Arc::new(Desk::default());
        let shared = Arc::clone(&desk);
        let server = Server::start(move |request| {
            let desk = Arc::clone(&shared);
            async move { desk.answer(&request).await }
        });
        Self { server: server.await.expect("a free port on loopback"), desk }
    }

    /// What `OPENAI_BASE_URL` has to be, `/v1` included.
    pub fn base_url(&self) -> String {
        format!("{}/v1", self.server.url())
    }

    /// Answers with what `compose` makes of the request. It is called when the answer is due.
    pub fn answer_with(&self, compose: impl Fn(&LlmRequest) -> String + Send + Sync + 'static) {
        self.script().compose = Arc::new(compose);
    }

    /// Answers after this time.
    pub fn set_latency(&self, latency: Duration) {
        self.script().latency = Latency::between(latency..=latency, 0);
    }

    /// Answers after a random time from this range. The same seed gives the same times, in order of arrival.
    pub fn set_latency_between(&self, range: RangeInclusive<Duration>, seed: u64) {
        self.script().latency = Latency::between(range, seed);
    }

    /// Lets no call get its answer, or its fault, until [`release`](Self::release).
    pub fn hold(&self) {
        self.desk.held.send_replace(true);
    }

    /// Lets go of all that waits, and of all that comes.
    pub fn release(&self) {
        self.desk.held.send_replace(false);
    }

    /// What the next calls run into, one fault for each call; after them all is well.
    pub fn fail_next(&self, faults: Vec<Fault>) {
        self.script().faults.extend(faults);
    }

    /// Asks the test about each request that meets no scripted fault. Replaces what was set before.
    pub fn on_request(&self, decide: impl Fn(&LlmRequest) -> Option<Fault> + Send + Sync + 'static) {
        self.script().decide = Arc::new(decide);
    }

    /// What `GET /v1/models` lists: ids and shutdown dates (`2027-01-14`). Any model is answered all the same.
    pub fn set_models(&self, models: &[(&str, Option<&str>)]) {
        let owned = models.iter().map(|(id, shutdown)| ((*id).to_owned(), shutdown.map(str::to_owned)));
        self.script().models = owned.collect();
    }

    /// Every request for a completion, in order of arrival.
    pub fn requests(&self) -> Vec<LlmRequest> {
        self.desk.requests.read(<[LlmRequest]>::to_vec)
    }

    /// Waits until `holds` of the requests, and returns them.
    pub async fn wait_for(
        &self,
        holds: impl FnMut(&[LlmRequest]) -> bool,
        timeout: Duration,
    ) -> Result<Vec<LlmRequest>, NotSeen> {
        self.desk.requests.wait_for(holds, timeout).await
    }

    /// The most calls that were open at once with the same key, such as the conversation that they belong to.
    pub fn max_concurrent_by<K: Eq + Hash>(&self, key: impl Fn(&LlmRequest) -> K) -> usize {
        self.desk.requests.read(|requests| {
            let mut by_key: HashMap<K, Vec<&LlmRequest>> = HashMap::new();
            for request in requests {
                by_key.entry(key(request)).or_default().push(request);
            }
            by_key.into_values().map(request::most_at_once).max().unwrap_or(0)
        })
    }

    fn script(&self) -> MutexGuard<'_, Script> {
        self.desk.script.lock().expect("script")
    }
}

impl Default for Desk {
    fn default() -> Self {
        let script = Script {
            compose: Arc::new(|request| format!("You said: {}", request.last_user_message())),
            decide: Arc::new(|_| None),
            faults: VecDeque::new(),
            latency: Latency::between(Duration::ZERO..=Duration::ZERO, 0),
            models: vec![("gpt-6-luna".to_owned(), None)],
        };
        Self { requests: Log::default(), held: watch::Sender::new(false), script: Mutex::new(script) }
    }
}

impl fmt::Debug for Desk {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Desk").field("requests", &self.requests).finish_non_exhaustive()
    }
}
