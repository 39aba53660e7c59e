//! What can go wrong with a call, and the script that says when it does.

use std::{
    collections::{HashMap, VecDeque},
    fmt,
    sync::Arc,
    time::Duration,
};

use telegram_sandbox::error::ApiError;

use super::Incoming;

/// One thing that goes wrong with one call.
#[derive(Clone, Debug)]
pub enum Fault {
    /// 429.
    TooManyRequests {
        /// Seconds to wait.
        retry_after: u64,
    },
    /// 400 for the reason given, such as `chat not found`.
    BadRequest(&'static str),
    /// 400 "can't parse entities". Waits for a message with a parse mode; plain ones pass it.
    ParseError,
    /// 403 for the reason given, such as `bot was blocked by the user`.
    Forbidden(&'static str),
    /// 400 of a group that has become the supergroup with this id.
    MigrateTo(i64),
    /// 500.
    ServerError,
    /// Neither done nor answered, until the client leaves.
    Hang,
    /// The connection closes; nothing is done.
    CutBeforeAccept,
    /// Done, then the connection closes instead of an answer.
    CutAfterAccept,
    /// Done and answered after this time; not done at all if the client leaves before.
    Delay(Duration),
    /// Done at once, answered after this time.
    AnswerLate(Duration),
}

impl Fault {
    /// The refusal that it is, if it is one.
    pub fn refusal(&self) -> Option<ApiError> {
        Some(match self {
            Self::TooManyRequests { retry_after } => ApiError::too_many_requests(*retry_after),
            Self::BadRequest(reason) => ApiError::bad_request(reason),
            Self::ParseError => {
                ApiError::bad_request("can't parse entities: Unsupported start tag \"x\" at byte offset 0")
            }
            Self::Forbidden(reason) => ApiError::new(403, format!("Forbidden: {reason}")),
            Self::MigrateTo(chat_id) => ApiError::migrated(*chat_id),
            Self::ServerError => ApiError::new(500, "Internal Server Error"),
            Self::Hang
            | Self::CutBeforeAccept
            | Self::CutAfterAccept
            | Self::Delay(_)
            | Self::AnswerLate(_) => return None,
        })
    }

    fn meets(&self, message: Option<&Incoming>) -> bool {
        !matches!(self, Self::ParseError) || message.is_some_and(|message| message.parse_mode.is_some())
    }
}

/// A test's own decision about a message.
type Decide = Arc<dyn Fn(&Incoming) -> Option<Fault> + Send + Sync>;

/// The faults to come.
#[derive(Default)]
pub struct Script {
    by_chat: HashMap<i64, VecDeque<Fault>>,
    by_method: HashMap<String, VecDeque<Fault>>,
    decide: Option<Decide>,
}

impl Script {
    /// Queues faults for a chat's messages.
    pub fn add_for_chat(&mut self, chat_id: i64, faults: Vec<Fault>) {
        self.by_chat.entry(chat_id).or_default().extend(faults);
    }

    /// Queues faults for a method's calls.
    pub fn add_for_method(&mut self, method: &str, faults: Vec<Fault>) {
        self.by_method.entry(method.to_ascii_lowercase()).or_default().extend(faults);
    }

    /// Sets the test's decision.
    pub fn decide_with(&mut self, decide: Decide) {
        self.decide = Some(decide);
    }

    /// The scripted fault of this call, which is used up by it.
    pub fn take(&mut self, method: &str, message: Option<&Incoming>) -> Option<Fault> {
        let pop = |queue: &mut VecDeque<Fault>| {
            if queue.front()?.meets(message) { queue.pop_front() } else { None }
        };
        let for_chat = message.and_then(|message| self.by_chat.get_mut(&message.chat_id));
        for_chat.and_then(pop).or_else(|| pop(self.by_method.get_mut(method)?))
    }

    /// The test's decision, to be asked with no lock held: it may call back into the fake.
    pub fn decision(&self) -> impl FnOnce(&Incoming) -> Option<Fault> + use<> {
        let decide = self.decide.clone();
        move |message| decide?(message).filter(|fault| fault.meets(Some(message)))
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Script")
            .field("by_chat", &self.by_chat)
            .field("by_method", &self.by_method)
            .finish_non_exhaustive()
    }
}
