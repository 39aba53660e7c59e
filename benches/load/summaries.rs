//! Five hundred chats that go over two hundred messages at once: summarized at the allowed pace, while answers stay quick; and
//! one chat of ten thousand.

use std::time::{Duration, Instant};

use anyhow::Context as _;
use brain::{jobs::PromoteTiers, queue};
use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
    timeline::answers,
};

const CHATS: i64 = 500;
/// Chats, before those, in which people go on asking. A history that is written behind newer messages is read only when these have
/// left their session, so that the others must be quiet ones.
const ASKED: i64 = 20;
/// Readings that a minute has room for here. Two hundred and one messages take two, so that five hundred chats take two minutes and
/// not, as at the default of 20, the better part of an hour.
const PACE: u32 = 600;
const LONG: i64 = 10_000;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let setting = Setting { summaries_per_minute: Some(PACE), ..Setting::default() };
    let stage = Stage::set(cluster, setting, ASKED + CHATS + 1).await?;
    stage.llm.answer_with(|request| {
        if request.last_user_message().contains("\nTranscript:\n") {
            return r#"{"facts":[],"narrative":"They talked."}"#.into();
        }
        let number = crate::asking::number_of(request.last_user_message()).unwrap_or_default();
        format!("Of course. #{number}")
    });
    let calm = stage.asker.ask_at(20.0, Duration::from_secs(10), ASKED).await;
    let calm = answers(&stage, &calm, Duration::from_secs(30)).await?.times(&calm);

    fill(&stage, ASKED + 1, ASKED + CHATS, 201).await?;
    let begun = Instant::now();
    promote(&stage).await?;
    let asked = stage.asker.ask_at(20.0, Duration::from_secs(30), ASKED).await;
    let beside = answers(&stage, &asked, Duration::from_secs(30)).await?.times(&asked);
    while unread(&stage, ASKED + CHATS).await? > 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    report
        .note("  500 chats of 201 messages were read in", format!("{:.0} s", begun.elapsed().as_secs_f64()));
    let fastest = sqlx::query_scalar::<_, i64>(
        "select max(readings) from (
             select count(*) over (order by begun range between interval '60 s' preceding and current row) as readings
             from (select created_at - latency_ms * interval '1 ms' as begun from llm_usage where purpose = 'summary') c) r",
    )
    .fetch_one(&stage.pool)
    .await?;
    #[expect(clippy::cast_precision_loss, reason = "hundreds")]
    let fastest = fastest as f64;
    report.at_most("readings in any minute", fastest, f64::from(PACE), "");
    report.note("  answers before, at 20 messages/s", calm.summary());
    report.note("  answers beside the summaries", beside.summary());
    report.at_most(
        "answers beside the summaries, p50, against before",
        beside.percentile(50) / calm.percentile(50),
        2.0,
        "times",
    );

    let worker = stage.worker.as_ref().context("the stage has a worker")?;
    worker.forget_most_resident()?;
    let before = worker.resident()?;
    let begun = Instant::now();
    fill(&stage, ASKED + CHATS + 1, ASKED + CHATS + 1, LONG).await?;
    promote(&stage).await?;
    while unread(&stage, ASKED + CHATS + 1).await? > 0 {
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    let most = worker.most_resident()?;
    report.note("  a chat of 10,000 messages was read in", format!("{:.0} s", begun.elapsed().as_secs_f64()));
    let read: i64 = sqlx::query_scalar(
        "select coalesce(sum(jsonb_array_length(prompt -> 'messages')), 0)::bigint from llm_usage
         where purpose = 'summary' and telegram_chat_id = $1 and outcome = 'ok'",
    )
    .bind(ASKED + CHATS + 1)
    .fetch_one(&stage.pool)
    .await?;
    report.note("  messages that the model was shown for it", read);
    report.at_most("memory of the worker that this took at most", most - before, 20.0, "MiB");
    report.note("  of all its resident memory", format!("{most:.1} MiB"));
    Ok(())
}

async fn fill(stage: &Stage, first: i64, last: i64, messages: i64) -> anyhow::Result<()> {
    sqlx::query(
        "insert into chat_history (account_id, telegram_chat_id, role, content, timestamp, speaker_name)
         select c.account_id, c.telegram_chat_id, case n % 2 when 1 then 'user' else 'assistant' end,
                'We spoke about the garden and the bicycle, number ' || n, now() - interval '7 hours' - ($3 - n) * interval '1 second', 'Olena'
         from generate_series(1, $3) n, account_chats c where c.telegram_chat_id between $1 and $2 order by n",
    )
    .bind(first)
    .bind(last)
    .bind(messages)
    .execute(&stage.pool)
    .await?;
    Ok(())
}

async fn promote(stage: &Stage) -> anyhow::Result<()> {
    queue::enqueue(&mut *stage.pool.acquire().await?, &PromoteTiers {}, None).await?;
    Ok(queue::wake(&stage.pool, queue::Queue::Upkeep).await?)
}

/// Conversations up to this chat of which the model has not read everything that has left short-term.
async fn unread(stage: &Stage, last: i64) -> anyhow::Result<i64> {
    Ok(sqlx::query_scalar(
        "select count(*) from account_chats c where c.telegram_chat_id <= $1 and exists (
             select from chat_history h left join conversations v on v.telegram_chat_id = c.telegram_chat_id and v.thread_id = 0
             where h.telegram_chat_id = c.telegram_chat_id and h.id > coalesce(v.read_through, 0)
               and h.timestamp < now() - interval '6 hours 59 minutes')",
    )
    .bind(last)
    .fetch_one(&stage.pool)
    .await?)
}
