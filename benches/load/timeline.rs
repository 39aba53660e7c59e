//! From webhook to `sendMessage`: how long each message took, and where the time went.

use std::{
    collections::HashMap,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    asking::{Asked, number_of},
    report::{Report, Times},
    stage::Stage,
};

/// When Telegram had the answers to the questions.
pub struct Answers(HashMap<i64, Instant>);

/// Waits until every question is answered, or says how many are not after `patience`.
pub async fn answers(stage: &Stage, asked: &[Asked], patience: Duration) -> anyhow::Result<Answers> {
    let end = Instant::now() + patience;
    loop {
        let sent = stage.telegram.sent().into_iter();
        let answers = Answers(sent.filter_map(|sent| Some((number_of(&sent.text)?, sent.at))).collect());
        let missing = asked.iter().filter(|question| !answers.0.contains_key(&question.number)).count();
        if missing == 0 {
            return Ok(answers);
        }
        anyhow::ensure!(
            Instant::now() < end,
            "{missing} of {} questions are not answered after {patience:?}",
            asked.len()
        );
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
}

impl Answers {
    /// From the update's way to the webhook until Telegram had the answer.
    pub fn times(&self, asked: &[Asked]) -> Times {
        Times::new(
            asked
                .iter()
                .filter_map(|question| Some(self.0.get(&question.number)?.duration_since(question.at))),
        )
    }

    /// When the last answer came.
    pub fn last(&self) -> Option<Instant> {
        self.0.values().max().copied()
    }

    /// Where the time went, from what each step has noted. The database's clock is this machine's.
    pub async fn explain(&self, stage: &Stage, asked: &[Asked], report: &Report) -> anyhow::Result<()> {
        let (instant, clock) =
            (Instant::now(), SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?.as_secs_f64());
        let on_clock = |at: Instant| (clock - instant.duration_since(at).as_secs_f64()) * 1e3;
        let asked: HashMap<i64, &Asked> = asked.iter().map(|question| (question.number, question)).collect();
        let rows: Vec<[f64; 7]> = steps(stage)
            .await?
            .into_iter()
            .filter_map(|(number, noted)| {
                let (question, answer) = (asked.get(&number)?, self.0.get(&number)?);
                let [received, queued, taken, called, finished] = noted;
                Some([on_clock(question.at), received, queued, taken, called, finished, on_clock(*answer)])
            })
            .collect();
        for (place, step) in STEPS.iter().enumerate() {
            report.note(
                step,
                Times::of_milliseconds(rows.iter().map(|row| row[place + 1] - row[place])).summary(),
            );
        }
        Ok(())
    }
}

const STEPS: [&str; 6] = [
    "  in the webhook, until the update is written",
    "  commit, wake-up, until a worker has its job",
    "  job taken and turn claimed, until the update is taken",
    "  update taken, memory read, prompt built, model called",
    "  outcome written",
    "  outcome committed, message claimed, at Telegram",
];

/// The update's number, and in milliseconds: received, its job taken, taken, when the outcome's transaction began, finished.
async fn steps(stage: &Stage) -> anyhow::Result<Vec<(i64, [f64; 5])>> {
    type Row = (i64, f64, f64, f64, f64, f64);
    let rows: Vec<Row> = sqlx::query_as(
        "with job as (
             select (convert_from(job, 'UTF8')::jsonb ->> 'chat_id')::bigint as chat_id, lock_at
             from apalis.jobs where job_type = 'answer_chat'
         )
         select u.update_id, extract(epoch from u.received_at)::float8 * 1e3, extract(epoch from coalesce(max(j.lock_at), u.taken_at))::float8 * 1e3, extract(epoch from u.taken_at)::float8 * 1e3, extract(epoch from l.created_at)::float8 * 1e3,
                extract(epoch from u.finished_at)::float8 * 1e3
         from telegram_updates u
         join llm_usage l on l.update_ref = u.id
         left join job j on j.chat_id = u.telegram_chat_id and j.lock_at between u.received_at and u.taken_at
         group by u.id, l.id",
    )
    .fetch_all(&stage.pool)
    .await?;
    Ok(rows.into_iter().map(|(number, a, b, c, d, e)| (number, [a, b, c, d, e])).collect())
}
