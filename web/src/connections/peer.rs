//! One connection, and what is waited for.

use std::{
    net::IpAddr,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use salvo::conn::ConnCtrl;
use tokio::time::Instant;

/// From the first byte of a request to the end of its headers.
const HEADERS: Duration = Duration::from_secs(10);
/// From its first byte to its answer, however steadily it comes.
const REQUEST: Duration = Duration::from_mins(5);
/// From an answer to the next request's first byte.
const IDLE: Duration = Duration::from_secs(75);

/// From its opening; nobody is sent away before.
const FIRST_WORDS: Duration = Duration::from_millis(100);

/// One connection.
pub(crate) struct Peer {
    /// Whose share of the room it takes; `None`: a proxy's of ours.
    pub(super) network: Option<IpAddr>,
    ctrl: ConnCtrl,
    opened: Instant,
    standing: Mutex<Standing>,
}

struct Standing {
    waits: Waits,
    /// Since its request began; where it has none, since it was opened or answered.
    since: Instant,
    /// Its last request was the webhook's, with the secret.
    is_of_the_webhook: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Waits {
    /// For the headers of a request.
    Headers,
    /// For its body, or for our answer.
    Answer,
    /// For news: the answer goes on for as long as both want it.
    Stream,
    /// For nothing: it was answered.
    Idle,
}

impl Peer {
    pub(super) fn new(network: Option<IpAddr>, ctrl: ConnCtrl, now: Instant) -> Self {
        let standing = Standing { waits: Waits::Headers, since: now, is_of_the_webhook: false };
        Self { network, ctrl, opened: now, standing: Mutex::new(standing) }
    }

    fn standing(&self) -> MutexGuard<'_, Standing> {
        self.standing.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes have come.
    pub(super) fn speaks(&self, now: Instant) {
        let mut standing = self.standing();
        if standing.waits == Waits::Idle {
            (standing.waits, standing.since) = (Waits::Headers, now);
        }
    }

    /// A request's headers are there.
    pub(super) fn asks(&self) {
        let mut standing = self.standing();
        // Proxies send one person's request after another's on one connection.
        (standing.waits, standing.is_of_the_webhook) = (Waits::Answer, false);
    }

    /// They were the webhook's, with its secret.
    pub(crate) fn has_the_secret(&self) {
        self.standing().is_of_the_webhook = true;
    }

    /// The answer is on its way.
    pub(super) fn rests(&self, now: Instant, is_stream: bool) {
        let mut standing = self.standing();
        standing.waits = if is_stream { Waits::Stream } else { Waits::Idle };
        standing.since = now;
    }

    /// Whether what it wants would be known by now, had it wanted to say so.
    pub(super) fn has_had_its_say(&self, now: Instant) -> bool {
        now.saturating_duration_since(self.opened) >= FIRST_WORDS
    }

    /// The least of all goes first.
    pub(super) fn place(&self) -> (bool, Instant) {
        let standing = self.standing();
        (standing.is_of_the_webhook || standing.waits == Waits::Stream, standing.since)
    }

    pub(super) fn is_late(&self, now: Instant) -> bool {
        let standing = self.standing();
        let limit = match standing.waits {
            Waits::Headers => HEADERS,
            Waits::Answer => REQUEST,
            Waits::Idle => IDLE,
            Waits::Stream => return false,
        };
        now.saturating_duration_since(standing.since) > limit
    }

    pub(super) fn close(&self) {
        self.ctrl.abort();
    }
}
