//! Moving messages from tier to tier in 1,000 chats with 1,000,000 messages, while people go on asking.

use std::time::{Duration, Instant};

use brain::{clock::Clock, db::tiers};
use pykhbrain::cluster::Cluster;

use crate::{
    report::Report,
    stage::{Setting, Stage},
    timeline::answers,
};

const CHATS: i64 = 1_000;
const MESSAGES: i64 = 1_000;
/// Messages of each chat that have left their session, and as many that have not.
const DUE: i64 = 20;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting::default(), CHATS).await?;
    let begun = Instant::now();
    remember(&stage).await?;
    for upkeep in ["vacuum analyze chat_history", "analyze conversations", "checkpoint"] {
        sqlx::raw_sql(upkeep).execute(&stage.pool).await?;
    }
    report.note("  1,000,000 messages were written in", format!("{:.0} s", begun.elapsed().as_secs_f64()));

    // What the worker's own pass of every minute has moved meanwhile is due again.
    sqlx::query(
        "update chat_history h set memory_type = 'short_term' from (
             select id, row_number() over (partition by telegram_chat_id order by timestamp desc, id desc) as place from chat_history
         ) p where p.id = h.id and p.place <= $1 and h.memory_type <> 'short_term'",
    )
    .bind(2 * DUE)
    .execute(&stage.pool)
    .await?;
    let asking = tokio::spawn({
        let asker = stage.asker.clone();
        async move { asker.ask_at(20.0, Duration::from_secs(6), CHATS).await }
    });
    tokio::time::sleep(Duration::from_secs(2)).await;
    let begun = Instant::now();
    tiers::promote(&stage.pool, None, Clock::system().now()).await?;
    let pass = begun.elapsed().as_secs_f64();
    let asked = asking.await?;
    let times = answers(&stage, &asked, Duration::from_secs(30)).await?.times(&asked);

    report.at_most("one pass over 1,000 chats with 1,000,000 messages", pass, 2.0, "s");
    let moved: i64 = sqlx::query_scalar("select count(*) from chat_history where memory_type = 'mid_term'")
        .fetch_one(&stage.pool)
        .await?;
    report.note("  messages in mid-term after it", moved);
    report.note("  answers at 20 messages/s beside it", times.summary());
    let begun = Instant::now();
    tiers::promote(&stage.pool, None, Clock::system().now()).await?;
    report.note("  a pass that has nothing to move", format!("{:.3} s", begun.elapsed().as_secs_f64()));
    Ok(())
}

/// Two years of each chat: the last 20 messages in its session, the 20 before just out of it, 200 in mid-term, all read.
async fn remember(stage: &Stage) -> anyhow::Result<()> {
    sqlx::query(
        "insert into chat_history (account_id, telegram_chat_id, role, content, memory_type, timestamp, speaker_name)
         select c.account_id, c.telegram_chat_id, case n % 2 when 1 then 'user' else 'assistant' end,
                'We spoke about the garden and the bicycle, number ' || n,
                case when n > $1 - 2 * $2 then 'short_term' when n > $1 - 2 * $2 - 200 then 'mid_term' else 'whole_history' end,
                case when n > $1 - $2 then now() - ($1 - n) * interval '1 minute'
                     else now() - interval '7 hours' - ($1 - n) * (interval '730 days' / $1) end,
                'Olena'
         from generate_series(1, $1) n, account_chats c order by n",
    )
    .bind(MESSAGES)
    .bind(DUE)
    .execute(&stage.pool)
    .await?;
    sqlx::query(
        "insert into conversations (account_id, telegram_chat_id, read_through)
         select account_id, telegram_chat_id, max(id) from chat_history group by 1, 2
         on conflict (telegram_chat_id, thread_id) do update set read_through = excluded.read_through",
    )
    .execute(&stage.pool)
    .await?;
    Ok(())
}
