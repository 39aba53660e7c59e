//! What recall costs in one chat of 100,000 messages, beside another hundred thousand of other chats.
//!
//! Words are as frequent as in real talk (Zipf's law, as many words in all as people use), and a question has words of a message
//! of the chat, so that rare and frequent ones are asked for as often as they are said.

use std::time::Instant;

use brain::{
    clock::Clock,
    db::{migrate, recall},
    ids::{AccountId, ChatId},
};
use chrono::{DateTime, TimeDelta, Utc};
use pykhbrain::cluster::Cluster;
use rand::{Rng, SeedableRng, rngs::StdRng};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::report::{Report, Times};

const DATABASE: &str = "bench_recall";
const MESSAGES: usize = 100_000;
/// Chats that the other hundred thousand messages are spread over.
const OTHERS: i64 = 100;
const QUESTIONS: usize = 2000;
/// Different words in all.
const WORDS: usize = 60_000;
const BATCH: usize = 5000;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let pool = fresh(cluster).await?;
    let mut talk = Talk::new();
    let begun = Instant::now();
    write(&pool, &mut talk, |_| 1).await?;
    write(&pool, &mut talk, |place| 2 + i64::try_from(place).unwrap_or_default() % OTHERS).await?;
    let written = begun.elapsed().as_secs_f64();
    sqlx::raw_sql("analyze chat_history").execute(&pool).await?;
    report.note("  200,000 messages were written in", format!("{written:.0} s"));

    let mut connection = pool.acquire().await?;
    let clock = Clock::system();
    let mut times = Vec::new();
    let mut found = 0;
    for number in 0..QUESTIONS {
        let text = talk.question(number);
        let now = clock.now();
        let question =
            recall::Question { account: AccountId(1), chat: ChatId(1), before: now, now, text: &text };
        let begun = Instant::now();
        found += recall::recall(&mut connection, &question).await?.len();
        times.push(begun.elapsed());
    }
    let times = Times::new(times);
    report.at_most("a recall in 100,000 messages, p99", times.percentile(99), 30.0, "ms");
    report.note("  all of them", times.summary());
    report.note("  messages found for a question, mean", found / QUESTIONS);
    Ok(())
}

async fn fresh(cluster: &Cluster) -> anyhow::Result<PgPool> {
    let mut connection = PgConnection::connect(&cluster.url("postgres")).await?;
    connection.execute(AssertSqlSafe(format!("drop database if exists {DATABASE} with (force)"))).await?;
    connection.execute(AssertSqlSafe(format!("create database {DATABASE}"))).await?;
    let pool = PgPoolOptions::new()
        .max_connections(1)
        .after_connect(|connection, _| {
            Box::pin(async move {
                connection.execute("set search_path = public, extensions").await?;
                Ok(())
            })
        })
        .connect(&cluster.url(DATABASE))
        .await?;
    migrate::migrate(&pool).await?;
    let accounts = "insert into accounts (name) select 'bench' from generate_series(0, $1::bigint)";
    sqlx::query(accounts).bind(OTHERS).execute(&pool).await?;
    Ok(pool)
}

/// Writes as many messages as a chat is measured with, each into the chat that `chat` says for its place, over two years.
async fn write(pool: &PgPool, talk: &mut Talk, chat: impl Fn(usize) -> i64) -> anyhow::Result<()> {
    let begin = Clock::system().now() - TimeDelta::days(730);
    let places: Vec<usize> = (0..MESSAGES).collect();
    for batch in places.chunks(BATCH) {
        let chats: Vec<i64> = batch.iter().map(|place| chat(*place)).collect();
        let texts: Vec<String> = batch.iter().map(|_| talk.message()).collect();
        let times: Vec<DateTime<Utc>> = batch
            .iter()
            .map(|place| begin + TimeDelta::minutes(10 * i64::try_from(*place).unwrap_or_default()))
            .collect();
        sqlx::query(
            "insert into chat_history (account_id, telegram_chat_id, role, content, memory_type, timestamp, speaker_name)
             select chat, chat, case place % 2 when 1 then 'user' else 'assistant' end, content, 'whole_history', at, 'Olena'
             from unnest($1::bigint[], $2::text[], $3::timestamptz[]) with ordinality as said (chat, content, at, place)",
        )
        .bind(&chats)
        .bind(&texts)
        .bind(&times)
        .execute(pool)
        .await?;
    }
    Ok(())
}

/// Says things, the same ones each time it is made.
struct Talk {
    random: StdRng,
    /// Some of what was said, to ask about.
    said: Vec<String>,
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "small numbers above zero"
)]
impl Talk {
    fn new() -> Self {
        Self { random: StdRng::seed_from_u64(7), said: Vec::new() }
    }

    /// Three to thirty words, as messages in a chat have.
    fn message(&mut self) -> String {
        let length = self.random.random_range(1.1_f64..3.4).exp() as usize;
        let words: Vec<String> = (0..length).map(|_| self.word()).collect();
        let message = words.join(" ");
        if self.random.random_ratio(1, 20) {
            self.said.push(message.clone());
        }
        message
    }

    /// Up to eight words of a message; every tenth question has one that nobody has said.
    fn question(&mut self, number: usize) -> String {
        let about = self.random.random_range(0..self.said.len());
        let words: Vec<&str> = self.said[about].split(' ').take(16).collect();
        let unknown = if number.is_multiple_of(10) { "xylophone" } else { "" };
        format!("When did we talk about {} {unknown}?", words.join(" "))
    }

    /// The word of rank `r` comes as often as `1 / r`. The first ones are those that are in every sentence.
    fn word(&mut self) -> String {
        let rank = (self.random.random::<f64>() * (WORDS as f64).ln()).exp() as usize;
        match EVERYWHERE.get(rank - 1) {
            Some(word) => (*word).to_owned(),
            None => spelt(rank),
        }
    }
}

/// A word for a rank, in letters, with an ending.
fn spelt(mut rank: usize) -> String {
    let ending = ["", "s", "ing", "ed", "er"][rank % 5];
    let mut word = String::new();
    while rank > 0 {
        word.push(char::from(b"bdfgklmnprstvwz"[rank % 15]));
        word.push(char::from(b"aeiou"[rank / 15 % 5]));
        rank /= 75;
    }
    word + ending
}

/// The words that are in every sentence of English, most frequent first.
const EVERYWHERE: &[&str] = &[
    "the",
    "i",
    "to",
    "and",
    "a",
    "of",
    "you",
    "it",
    "in",
    "that",
    "is",
    "for",
    "was",
    "on",
    "my",
    "with",
    "me",
    "be",
    "have",
    "so",
    "but",
    "not",
    "are",
    "this",
    "we",
    "at",
    "just",
    "do",
    "your",
    "they",
    "can",
    "if",
    "what",
    "all",
    "no",
    "about",
    "he",
    "now",
    "how",
    "will",
    "or",
    "there",
    "out",
    "an",
    "up",
    "when",
    "from",
    "as",
    "some",
    "she",
    "more",
    "by",
    "because",
    "who",
    "has",
    "been",
    "am",
    "than",
    "then",
    "her",
    "him",
    "his",
    "their",
    "them",
    "did",
    "here",
    "very",
    "only",
    "too",
    "where",
    "why",
    "other",
    "over",
    "had",
    "were",
    "which",
    "after",
    "before",
    "again",
    "our",
    "into",
    "off",
    "down",
    "own",
    "same",
    "does",
    "its",
    "any",
    "both",
    "few",
    "most",
    "such",
    "these",
    "those",
    "through",
    "during",
    "while",
    "between",
    "being",
    "myself",
    "yourself",
    "themselves",
    "itself",
];
