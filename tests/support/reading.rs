//! Memory at work: histories made at once, jobs run to their end, and a model that reads transcripts as the test says.

use std::time::Duration;

use brain::{ids::ChatId, jobs::Job, queue};
use chrono::{DateTime, Utc};
use serde_json::{Value, json};

use super::{
    app::{App, PATIENCE},
    updates::Person,
};
use crate::fakes::llm::LlmRequest;

/// A message as the model was shown it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    pub id: i64,
    pub speaker: String,
    pub text: String,
}

/// What the model was shown to read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shown {
    /// Numbers and texts.
    pub facts: Vec<(i64, String)>,
    pub lines: Vec<Line>,
}

impl Shown {
    /// `None` for a request that asks for an answer to a person.
    pub fn of(request: &LlmRequest) -> Option<Self> {
        let prompt = request.messages.iter().find(|message| message.content.contains("\nTranscript:\n"))?;
        let (before, transcript) = prompt.content.split_once("\nTranscript:\n")?;
        let numbered = |line: &str, mark: &str| {
            let (number, rest) = line.strip_prefix(mark)?.split_once("] ")?;
            Some((number.parse::<i64>().ok()?, rest.to_owned()))
        };
        let facts = before.lines().filter_map(|line| numbered(line, "[f")).collect();
        let lines = transcript.lines().filter_map(|line| numbered(line, "[#")).filter_map(|(id, rest)| {
            let (speaker, text) = rest.get(17..)?.split_once(": ")?;
            Some(Line { id, speaker: speaker.to_owned(), text: text.to_owned() })
        });
        Some(Self { facts, lines: lines.collect() })
    }

    /// The number of the fact with these words in it.
    pub fn fact(&self, words: &str) -> Option<i64> {
        self.facts.iter().find(|(_, text)| text.contains(words)).map(|(number, _)| *number)
    }
}

/// An operation.
pub fn add(text: &str, sources: &[i64]) -> Value {
    json!({"op": "add", "id": null, "text": text, "kind": "person", "about": null, "sources": sources})
}

pub fn update(number: i64, text: &str, sources: &[i64]) -> Value {
    json!({"op": "update", "id": number, "text": text, "kind": "person", "about": null, "sources": sources})
}

pub fn retire(number: i64, sources: &[i64]) -> Value {
    json!({"op": "retire", "id": number, "text": "", "kind": "person", "about": null, "sources": sources})
}

impl App {
    /// The model reads transcripts like this; people it answers as before.
    pub fn read_with(&self, read: impl Fn(&Shown) -> Vec<Value> + Send + Sync + 'static) {
        self.llm.answer_with(move |request| match Shown::of(request) {
            Some(shown) => json!({"facts": read(&shown)}).to_string(),
            None => format!("You said: {}", request.last_user_message()),
        });
    }

    /// What the model was shown to read, each time.
    pub fn readings(&self) -> Vec<Shown> {
        self.llm.requests().iter().filter_map(Shown::of).collect()
    }

    /// So many messages of a person and the bot in turn stand in the chat's history, a second apart, the last at `last`.
    /// The chat must have written before.
    pub async fn fill(&self, chat: i64, messages: i64, last: DateTime<Utc>) {
        sqlx::query(
            "insert into chat_history (account_id, telegram_chat_id, role, content, timestamp, speaker_id, speaker_name)
             select c.account_id, $1, case when n % 2 = 1 then 'user' else 'assistant' end, 'filler ' || n,
                    $3 - ($2 - n) * interval '1 second', case when n % 2 = 1 then $1 end, case when n % 2 = 1 then 'Olena' end
             from account_chats c, generate_series(1, $2) n where c.telegram_chat_id = $1 order by n",
        )
        .bind(chat)
        .bind(messages)
        .bind(last)
        .execute(&self.pool)
        .await
        .expect("the history is filled");
    }

    /// Puts a job on the queue.
    pub async fn begin_job<J: Job>(&self, job: &J) {
        queue::enqueue(&mut self.pool.acquire().await.expect("a connection"), job, None)
            .await
            .expect("enqueued");
        queue::wake_all(&self.pool).await.expect("woken");
    }

    /// Puts a job on the queue and runs it, and what follows from it, to the end.
    pub async fn run_job<J: Job>(&self, job: &J) {
        self.begin_job(job).await;
        self.run_memory_jobs().await;
    }

    /// Waits until no memory job is due or running, then until everything is sent.
    pub async fn run_memory_jobs(&self) {
        self.memory_jobs_end("1 second").await;
    }

    /// The same, with those that wait for each other.
    pub async fn run_memory_jobs_at_any_time(&self) {
        self.memory_jobs_end("1 minute").await;
    }

    async fn memory_jobs_end(&self, within: &str) {
        let left = || async {
            let left: i64 = sqlx::query_scalar(
                "select count(*) from apalis.jobs
                 where job_type in ('promote_tiers', 'summarize_chat', 'analyze_account') and run_at <= now() + $1::text::interval
                   and (status in ('Pending', 'Running', 'Queued') or (status = 'Failed' and attempts < max_attempts))",
            )
            .bind(within)
            .fetch_one(&self.pool)
            .await
            .expect("the database answers");
            left
        };
        let settled = async {
            while left().await > 0 {
                queue::wake_all(&self.pool).await.expect("woken");
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, settled).await.is_ok();
        assert!(in_time, "memory jobs are left");
        self.run_pending_jobs().await;
    }

    /// Jobs that wait have waited a minute more.
    pub async fn minute_passes_for_waiting_jobs(&self) {
        sqlx::query("update apalis.jobs set run_at = run_at - interval '61 s' where status = 'Pending'")
            .execute(&self.pool)
            .await
            .expect("moved");
    }

    /// Waits until every update is taken in, while the model may be held.
    pub async fn run_edits(&self) {
        let waiting = "select count(*) from telegram_updates where outcome is null";
        let taken = async {
            while self.count(waiting).await > 0 {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        tokio::time::timeout(PATIENCE, taken).await.expect("updates are taken in");
    }

    /// One account has both chats: the first one joins the second one's.
    pub async fn join_accounts(&self, chat: i64, with: i64) {
        sqlx::query(
            "with account as (select account_id from account_chats where telegram_chat_id = $2),
                  history as (update chat_history set account_id = (select account_id from account) where telegram_chat_id = $1),
                  conversation as (update conversations set account_id = (select account_id from account) where telegram_chat_id = $1)
             update account_chats set account_id = (select account_id from account) where telegram_chat_id = $1",
        )
        .bind(chat)
        .bind(with)
        .execute(&self.pool)
        .await
        .expect("joined");
    }

    /// Somebody presses the newest key with this word on it, in private, and everything is done that follows.
    pub async fn press(&self, from: Person, word: &str) {
        let sent = self.telegram.sent_to(from.id);
        let message = sent.iter().rev().find(|sent| sent.key(word).is_some()).expect("a message has the key");
        self.presses(from, message, word).await;
        self.run_pending_jobs().await;
    }

    /// What is true now in the chat: the facts' texts, by number.
    pub async fn facts_in(&self, chat: i64) -> Vec<String> {
        let account: i64 =
            sqlx::query_scalar("select account_id from account_chats where telegram_chat_id = $1")
                .bind(chat)
                .fetch_one(&self.pool)
                .await
                .expect("the chat has an account");
        let mut connection = self.pool.acquire().await.expect("a connection");
        let facts =
            brain::db::facts::of_chat(&mut connection, brain::ids::AccountId(account), ChatId(chat)).await;
        facts.expect("the database answers").into_iter().map(|fact| fact.text).collect()
    }

    /// How many rows of the chat are in each tier: short-term, mid-term, whole history.
    pub async fn tiers_of(&self, chat: i64) -> (i64, i64, i64) {
        sqlx::query_as(
            "select count(*) filter (where memory_type = 'short_term'), count(*) filter (where memory_type = 'mid_term'),
                    count(*) filter (where memory_type = 'whole_history') from chat_history where telegram_chat_id = $1",
        )
        .bind(chat)
        .fetch_one(&self.pool)
        .await
        .expect("the database answers")
    }
}
