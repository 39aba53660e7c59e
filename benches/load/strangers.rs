//! Accounts with model servers of their own that take every call and answer late: what everybody else waits meanwhile.

use std::time::Duration;

use brain::{
    config::{EncryptionConfig, Env},
    ids::AccountId,
    model::key_context,
    seal::Seal,
};
use pykhbrain::cluster::Cluster;

use crate::{
    fakes::llm::Fault,
    report::Report,
    stage::{ENCRYPTION_KEY, Setting, Stage},
    timeline::answers,
};

const PLACES: usize = 8;
/// Accounts with such a server, a chat each: the first ones. The last chat is unrelated.
const STRANGERS: i64 = 16;
const LATE: Duration = Duration::from_secs(25);
const KEY: &str = "sk-of-a-stranger";
const RATE: f64 = 5.0;

pub async fn measure(cluster: &Cluster, report: &mut Report) -> anyhow::Result<()> {
    let setting = Setting { places: Some(PLACES), ..Setting::default() };
    let stage = Stage::set(cluster, setting, STRANGERS + 1).await?;
    own_models(&stage).await?;
    stage.llm.on_request(|request| (request.key.as_deref() == Some(KEY)).then_some(Fault::Late(LATE)));
    let mut begun = Vec::new();
    for chat in 1..=STRANGERS {
        begun.push(stage.asker.ask(chat).await);
    }
    tokio::time::sleep(Duration::from_secs(2)).await;
    let mut asked = Vec::new();
    for _ in 0..100 {
        asked.push(stage.asker.ask(STRANGERS + 1).await);
        tokio::time::sleep(Duration::from_secs_f64(1.0 / RATE)).await;
    }
    let sent = answers(&stage, &asked, Duration::from_mins(1)).await?;
    let times = sent.times(&asked);
    report.at_most(
        "answers beside 16 accounts whose own servers take 25 s, 8 places, p99",
        times.percentile(99),
        1000.0,
        "ms",
    );
    report.note("  all of them", times.summary());
    let most = stage.llm.max_concurrent_by(|request| request.key.as_deref() == Some(KEY));
    report.at_most("places that their servers held at once", u32::try_from(most)?.into(), 4.0, "");
    Ok(())
}

/// The first accounts become permanent, with a server of their own that their chats have agreed to.
async fn own_models(stage: &Stage) -> anyhow::Result<()> {
    let env: Env = [("ENCRYPTION_KEY", ENCRYPTION_KEY)].into_iter().collect();
    let (seal, base_url) = (Seal::from_keys(&EncryptionConfig::from_env(&env)?), stage.llm.base_url());
    let accounts: Vec<i64> =
        sqlx::query_scalar("select account_id from account_chats where telegram_chat_id <= $1")
            .bind(STRANGERS)
            .fetch_all(&stage.pool)
            .await?;
    for account in accounts {
        let key = seal.seal(&key_context(AccountId(account), &base_url), KEY.as_bytes());
        sqlx::query(
            "with permanent as (delete from temporary_accounts where account_id = $1),
                  agreed as (insert into model_consents (telegram_chat_id, account_id, host, asked_at, agreed, decided_at)
                             select telegram_chat_id, account_id, '127.0.0.1', now(), true, now() from account_chats
                             where account_id = $1)
             insert into account_models (account_id, api_key, key_hint, base_url, model) values ($1, $2, '', $3, 'own')",
        )
        .bind(account)
        .bind(&key)
        .bind(&base_url)
        .execute(&stage.pool)
        .await?;
    }
    Ok(())
}
