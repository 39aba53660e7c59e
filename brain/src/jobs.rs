//! Every job's payload: its name, its attempts and how long it waits between them. Payloads hold ids, never texts.

use std::time::Duration;

use chrono::NaiveDate;
use serde::{Deserialize, Serialize, de::DeserializeOwned};

use sqlx::types::Uuid;

use crate::ids::{AccountId, ChatId, Conversation, ThreadId};

/// A job that can be put on the queue.
pub trait Job: Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The job's name: `apalis.jobs.job_type`, and what `pykhbrain enqueue` takes.
    const NAME: &'static str;
    /// How often it is tried before it is left as failed.
    const MAX_ATTEMPTS: u32;
}

/// Answer a chat's waiting updates, in order. Put on the queue by `private.accept_update`, in the update's own transaction.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnswerChat {
    /// The chat.
    pub chat_id: ChatId,
}

impl Job for AnswerChat {
    const NAME: &'static str = "answer_chat";
    // Generous: an update's own attempts (`telegram_updates.attempts`) decide when to give up on a message.
    const MAX_ATTEMPTS: u32 = 25;
}

/// Put chats back on the queue that have work and nobody on it.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sweep {}

impl Job for Sweep {
    const NAME: &'static str = "sweep";
    const MAX_ATTEMPTS: u32 = 3;
}

/// Delete finished jobs, finished updates, sent messages, dead workers and idle rate buckets past their retention.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PurgeJobs {}

impl Job for PurgeJobs {
    const NAME: &'static str = "purge_jobs";
    const MAX_ATTEMPTS: u32 = 5;
}

/// Remind people of temporary accounts that end soon, and delete those that have ended. Every hour.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpireAccounts {}

impl Job for ExpireAccounts {
    const NAME: &'static str = "expire_accounts";
    const MAX_ATTEMPTS: u32 = 5;
}

/// Have Telegram deliver updates to the web process at this address (`PUBLIC_URL`). Put on the queue when `web` starts.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetWebhook {
    /// The address of the web process, without a slash at the end.
    pub public_url: String,
}

impl Job for SetWebhook {
    const NAME: &'static str = "set_webhook";
    const MAX_ATTEMPTS: u32 = 10;
}

/// Ask the model's server whether the configured model is about to go, and warn the operator.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct CheckModel {}

impl Job for CheckModel {
    const NAME: &'static str = "check_model";
    const MAX_ATTEMPTS: u32 = 3;
}

/// Move messages that have left their session into mid-term, and have conversations that hold enough summarized. Every minute.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PromoteTiers {}

impl Job for PromoteTiers {
    const NAME: &'static str = "promote_tiers";
    const MAX_ATTEMPTS: u32 = 3;
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
    const MAX_ATTEMPTS: u32 = 8;
}

/// Bring a chat's old memory over from the files in `LEGACY_MEMORY_DIR`. Put on the queue with the chat's first message.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportFiles {
    /// The chat.
    pub chat_id: ChatId,
}

impl Job for ImportFiles {
    const NAME: &'static str = "import_files";
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
    // About as long as a link lives; where it is put on the queue the same number stands.
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
