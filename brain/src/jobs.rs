//! Every job, in one place: its payload, its name, its queue, how often it is tried and when the clock brings it.
//!
//! What it does is in `workers/src/jobs/`. Payloads hold ids, never texts.

mod schedule;

use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use sqlx::types::Uuid;

use crate::ids::{AccountId, ChatId, Conversation, ThreadId};

pub use schedule::Schedule;

/// A job that can be put on the queue.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The job's name: `apalis.jobs.job_type`, and what `pykhbrain enqueue` takes.
    const NAME: &'static str;
    /// What it waits behind.
    const QUEUE: Queue;
    /// How often it is tried before it is left as failed. `pykhbrain migrate` tells the database, for what is enqueued there.
    const MAX_ATTEMPTS: u32;
    /// When it comes by the clock; never, unless said.
    const SCHEDULE: Option<Schedule> = None;

    /// How long to wait after so many failed attempts, 1 or more.
    #[must_use]
    fn backoff(failures: u32) -> Duration {
        backoff(failures)
    }
}

/// Jobs of one queue wait for each other, never for another queue's: replies are not to stand behind upkeep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Queue {
    /// What a person waits for.
    Replies,
    /// Extracting facts from messages: calls of the model that nobody waits for.
    Extraction,
    /// Mail: a server that is slow or away holds up other mails only.
    Mail,
    /// Old files: one import runs at a time, for as long as it takes.
    Imports,
    /// Everything else.
    Upkeep,
}

impl Queue {
    /// All of them.
    pub const ALL: [Self; 5] = [Self::Replies, Self::Extraction, Self::Mail, Self::Imports, Self::Upkeep];

    /// What operators call it.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Replies => "replies",
            Self::Extraction => "extraction",
            Self::Mail => "mail",
            Self::Imports => "imports",
            Self::Upkeep => "upkeep",
        }
    }

    /// The one that is called so.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|queue| queue.name() == name)
    }
}

/// What there is to know of a job without running it.
#[derive(Clone, Copy, Debug)]
pub struct JobKind {
    /// [`Job::NAME`].
    pub name: &'static str,
    /// [`Job::QUEUE`].
    pub queue: Queue,
    /// [`Job::MAX_ATTEMPTS`].
    pub max_attempts: u32,
    /// [`Job::backoff`].
    pub backoff: fn(u32) -> Duration,
    /// Where it comes by the clock.
    pub periodic: Option<Periodic>,
}

/// What comes by the clock, and when.
#[derive(Clone, Copy, Debug)]
pub struct Periodic {
    /// [`Job::SCHEDULE`].
    pub schedule: Schedule,
    /// The job's own default.
    pub payload: fn() -> Vec<u8>,
}

/// Every job there is.
pub const KINDS: &[JobKind] = &[
    kind::<AnswerChat>(),
    kind::<SummarizeChat>(),
    periodic::<AnalyzeAccount>(),
    periodic::<PromoteTiers>(),
    periodic::<ExpireAccounts>(),
    periodic::<PurgeJobs>(),
    periodic::<CheckModel>(),
    kind::<ImportFiles>(),
    kind::<SendLink>(),
    kind::<SendNotice>(),
    kind::<SetWebhook>(),
    kind::<Sweep>(),
    kind::<TellModel>(),
    kind::<TellOperators>(),
    kind::<TellRegistered>(),
];

const fn kind<J: Job>() -> JobKind {
    assert!(J::SCHEDULE.is_none(), "a job with a schedule is listed as periodic");
    JobKind {
        name: J::NAME,
        queue: J::QUEUE,
        max_attempts: J::MAX_ATTEMPTS,
        backoff: J::backoff,
        periodic: None,
    }
}

const fn periodic<J: Job + Default>() -> JobKind {
    let schedule = J::SCHEDULE.expect("a periodic job has a schedule");
    JobKind {
        name: J::NAME,
        queue: J::QUEUE,
        max_attempts: J::MAX_ATTEMPTS,
        backoff: J::backoff,
        periodic: Some(Periodic { schedule, payload: || payload(&J::default()) }),
    }
}

/// The kind with this name.
#[must_use]
pub fn kind_named(name: &str) -> Option<&'static JobKind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// A job as `apalis.jobs.job` has it.
pub(crate) fn payload<J: Job>(job: &J) -> Vec<u8> {
    serde_json::to_vec(job).expect("payloads are plain structs")
}

/// Answer a chat's waiting updates, in order. Put on the queue by `private.accept_update`, in the update's own transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerChat {
    /// The chat.
    pub chat_id: ChatId,
}

impl Job for AnswerChat {
    const NAME: &'static str = "answer_chat";
    const QUEUE: Queue = Queue::Replies;
    // Generous: an update's own attempts (`telegram_updates.attempts`) decide when to give up on a message.
    const MAX_ATTEMPTS: u32 = 25;
}

/// Put chats back on the queue that have work and nobody on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {}

impl Job for Sweep {
    const NAME: &'static str = "sweep";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 3;
}

/// Delete finished jobs, finished updates, sent messages, dead workers and idle rate buckets past their retention.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeJobs {}

impl Job for PurgeJobs {
    const NAME: &'static str = "purge_jobs";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 5;
    const SCHEDULE: Option<Schedule> = Some(Schedule::Hourly);
}

/// Remind people of temporary accounts that end soon, and delete those that have ended. Every hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpireAccounts {}

impl Job for ExpireAccounts {
    const NAME: &'static str = "expire_accounts";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 5;
    const SCHEDULE: Option<Schedule> = Some(Schedule::Hourly);
}

/// Have Telegram deliver updates to the web process at this address (`PUBLIC_URL`). Put on the queue when `web` starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetWebhook {
    /// The address of the web process, without a slash at the end.
    pub public_url: String,
}

impl Job for SetWebhook {
    const NAME: &'static str = "set_webhook";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 10;
}

/// Ask the model's server whether the configured model is about to go, and warn the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckModel {}

impl Job for CheckModel {
    const NAME: &'static str = "check_model";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 3;
    const SCHEDULE: Option<Schedule> = Some(Schedule::Daily(Duration::ZERO));
}

/// Move messages that have left their session into mid-term, and have conversations that hold enough summarized. Every minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoteTiers {}

impl Job for PromoteTiers {
    const NAME: &'static str = "promote_tiers";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 3;
    const SCHEDULE: Option<Schedule> = Some(Schedule::Minutely);
}

/// Tell the operators how much of the day's tokens is used. Put on the queue by `private.reserve_call`, once a day for each threshold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellOperators {
    /// The day (UTC).
    pub day: NaiveDate,
    /// How much of it is used.
    pub percent: u8,
    /// What `DAILY_TOKENS` was.
    pub tokens: u64,
}

impl Job for TellOperators {
    const NAME: &'static str = "tell_operators";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 5;
}

/// Read a conversation's messages beyond short-term for facts, oldest first, then keep the last 200 in mid-term.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SummarizeChat {
    /// The chat.
    pub chat_id: ChatId,
    /// Its topic, 0 where it has none.
    #[serde(default = "no_thread")]
    pub thread_id: ThreadId,
}

impl SummarizeChat {
    /// The conversation to read.
    #[must_use]
    pub const fn at(&self) -> Conversation {
        Conversation { chat: self.chat_id, thread: self.thread_id }
    }
}

impl Job for SummarizeChat {
    const NAME: &'static str = "summarize_chat";
    const QUEUE: Queue = Queue::Extraction;
    const MAX_ATTEMPTS: u32 = 8;
}

/// Read everything of an account that is new since the last time for facts. Every day, and by `/analyze`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnalyzeAccount {
    /// The account; without one, every account with news gets a job of its own.
    #[serde(default)]
    pub account_id: Option<AccountId>,
}

impl Job for AnalyzeAccount {
    const NAME: &'static str = "analyze_account";
    const QUEUE: Queue = Queue::Extraction;
    const MAX_ATTEMPTS: u32 = 8;
    // The day that is analysed is over everywhere by then, but for a few islands.
    const SCHEDULE: Option<Schedule> = Some(Schedule::Daily(Duration::from_hours(3)));
}

/// Bring a chat's old memory over from the files in `LEGACY_MEMORY_DIR`. Put on the queue with the chat's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFiles {
    /// The chat.
    pub chat_id: ChatId,
}

impl Job for ImportFiles {
    const NAME: &'static str = "import_files";
    const QUEUE: Queue = Queue::Imports;
    const MAX_ATTEMPTS: u32 = 8;
}

/// Send a link that signs in, or a word of invitation, by mail. Put on the queue by `private.ask_for_link` and `api.invite`, with the link.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendLink {
    /// `sign_in_links.id`.
    pub link_id: Uuid,
}

impl Job for SendLink {
    const NAME: &'static str = "send_link";
    const QUEUE: Queue = Queue::Mail;
    // About as long as a link lives.
    const MAX_ATTEMPTS: u32 = 12;
}

/// Tell an account's groups which server their words go to. Put on the queue by `api.set_model`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellModel {
    /// The account.
    pub account_id: AccountId,
}

impl Job for TellModel {
    const NAME: &'static str = "tell_model";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 8;
}

/// Tell a chat that it was registered. Put on the queue by `private.confirm_registration`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TellRegistered {
    /// `registrations.id`.
    pub registration_id: Uuid,
}

impl Job for TellRegistered {
    const NAME: &'static str = "tell_registered";
    const QUEUE: Queue = Queue::Upkeep;
    const MAX_ATTEMPTS: u32 = 8;
}

/// Tell somebody something about an account: an invitation, a chat that has joined or left. Put on the queue by `private.put_notice`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SendNotice {
    /// `notices.id`.
    pub notice_id: i64,
}

impl Job for SendNotice {
    const NAME: &'static str = "send_notice";
    const QUEUE: Queue = Queue::Mail;
    const MAX_ATTEMPTS: u32 = 12;
}

const fn no_thread() -> ThreadId {
    ThreadId(0)
}

/// How long to wait after `failures` failed attempts (1 or more): 1 s, 2 s, 4 s and so on up to five minutes, with up to a
/// quarter of jitter so that many chats that failed together do not come back together.
#[must_use]
pub fn backoff(failures: u32) -> Duration {
    let seconds = 2_f64.powi(failures.saturating_sub(1).min(9).cast_signed()).min(300.0);
    jittered(Duration::from_secs_f64(seconds))
}

/// Up to a quarter longer.
#[must_use]
pub fn jittered(wait: Duration) -> Duration {
    wait.mul_f64(rand::random_range(1.0..1.25))
}

/// Any wait up to this one, so that those who wait for the same moment do not all come at it.
#[must_use]
pub fn spread(most: Duration) -> Duration {
    most.mul_f64(rand::random_range(0.0..1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_double_up_to_five_minutes() {
        for (failures, seconds) in [(1, 1.0), (2, 2.0), (4, 8.0), (20, 300.0), (u32::MAX, 300.0)] {
            let wait = backoff(failures).as_secs_f64();
            assert!((seconds..=seconds * 1.25).contains(&wait), "{failures}: {wait}");
        }
    }
}
