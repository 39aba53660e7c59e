//! One message costs the same however long the history behind it is.

use std::time::{Duration, Instant};

use pykhbrain::cluster::Cluster;

use crate::{
    report::{Report, Times},
    stage::{Setting, Stage},
    timeline::answers,
};

const SHORT: i64 = 1_000;
const LONG: i64 = 1_000_000;
const MESSAGES: usize = 150;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let stage = Stage::set(cluster, Setting::default(), 2).await?;
    let begun = Instant::now();
    remember(&stage, 1, SHORT).await?;
    remember(&stage, 2, LONG).await?;
    for upkeep in ["vacuum analyze chat_history", "checkpoint"] {
        sqlx::raw_sql(upkeep).execute(&stage.pool).await?;
    }
    report.note("  the histories were written in", format!("{:.0} s", begun.elapsed().as_secs_f64()));

    let mut asked = [Vec::new(), Vec::new()];
    for _ in 0..MESSAGES {
        for (chat, asked) in (1..).zip(&mut asked) {
            let question = stage.asker.ask(chat).await;
            answers(&stage, std::slice::from_ref(&question), Duration::from_secs(30)).await?;
            asked.push(question);
        }
    }
    let [short, long] = [times(&stage, &asked[0]).await?, times(&stage, &asked[1]).await?];
    report.note("  webhook to sendMessage with 1,000 messages behind it", short.summary());
    report.note("  webhook to sendMessage with 1,000,000 messages behind it", long.summary());
    answers(&stage, &asked[1], Duration::ZERO).await?.explain(&stage, &asked[1], report).await?;
    report.at_most("the second to the first, p50", long.percentile(50) / short.percentile(50), 1.5, "times");
    Ok(())
}

async fn times(stage: &Stage, asked: &[crate::asking::Asked]) -> anyhow::Result<Times> {
    Ok(answers(stage, asked, Duration::ZERO).await?.times(asked))
}

/// A chat's history over two years, 40 messages of it in the last session, of words that questions share.
async fn remember(stage: &Stage, chat: i64, messages: i64) -> anyhow::Result<()> {
    sqlx::query(
        "insert into chat_history (account_id, telegram_chat_id, role, content, memory_type, timestamp, speaker_name)
         select c.account_id, $1, case n % 2 when 1 then 'user' else 'assistant' end,
                (select string_agg(w.word, ' ') from (
                     select (array['birthday','Marta','Kyiv','train','tickets','Saturday','coffee','garden','homework','doctor',
                                   'appointment','recipe','borscht','mother','holiday','Lisbon','passport','weather','bicycle',
                                   'repair','and','with','for','about','we','went','there','because','it','was','very','good'])
                            [1 + (hashint8(n * 31 + place) & 31)] || case when place % 5 = 0 then n % 977 || '' else '' end as word
                     from generate_series(1, 12 + n % 17) place) w),
                case when n > $2 - 40 then 'short_term' else 'whole_history' end,
                case when n > $2 - 40 then now() - interval '1 hour' + (n - $2) * interval '1 second'
                     else now() - interval '1 day' - ($2 - n) * (interval '730 days' / $2) end,
                'Olena'
         from generate_series(1, $2) n, account_chats c where c.telegram_chat_id = $1 order by n",
    )
    .bind(chat)
    .bind(messages)
    .execute(&stage.pool)
    .await?;
    Ok(())
}
