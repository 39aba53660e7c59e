//! What a figure is measured on: a fresh database, the product's processes around it, Telegram and a model on loopback.

use std::{
    net::{Ipv4Addr, SocketAddr, TcpListener},
    sync::{Arc, mpsc},
    time::Duration,
};

use anyhow::Context as _;
use brain::db::migrate;
use pykhbrain::cluster::Cluster;
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection, PgPool, postgres::PgPoolOptions};

use crate::{
    asking::{Asker, number_of},
    fakes::{llm::FakeLlm, telegram::FakeTelegram},
    program::Program,
};

const DATABASE: &str = "bench";
const SECRET: &str = "the-secret";
/// What stored secrets are sealed with: 32 zeros.
pub const ENCRYPTION_KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// What the model says, before the question's number: as long as answers in a chat are.
const ANSWER: &str = "Of course. The train to **Lisbon** leaves on Saturday at nine, so there is time for a coffee in the garden \
                      before; Marta's birthday is the day after, and I would take the guitar along. Shall I remind you?";

/// Everything runs until this is dropped.
pub struct Stage {
    pub worker: Option<Program>,
    pub web: Program,
    pub telegram: Arc<FakeTelegram>,
    pub llm: Arc<FakeLlm>,
    /// For looking at the database, apart from the product's connections.
    pub pool: PgPool,
    /// Where the database is.
    pub url: String,
    pub asker: Arc<Asker>,
}

/// What differs from one figure to another.
#[derive(Clone, Copy, Default)]
pub struct Setting {
    /// No worker: updates are kept and nobody answers.
    pub without_worker: bool,
    /// `DB_POOL_SIZE` of the web process, where it is not the default.
    pub web_connections: Option<u32>,
    /// `TELEGRAM_RATE`; 0 is no pacing.
    pub telegram_rate: u32,
    /// `SUMMARIES_PER_MINUTE`, where it is not the default.
    pub summaries_per_minute: Option<u32>,
    /// `WORKER_CONCURRENCY`, where it is not the default.
    pub places: Option<usize>,
}

impl Stage {
    /// Sets it up, with `chats` (numbered from 1) that have been welcomed already.
    pub async fn set(cluster: &Cluster, setting: Setting, chats: i64) -> anyhow::Result<Self> {
        let url = cluster.url(DATABASE);
        let mut connection = PgConnection::connect(&cluster.url("postgres")).await?;
        connection.execute(AssertSqlSafe(format!("drop database if exists {DATABASE} with (force)"))).await?;
        connection.execute(AssertSqlSafe(format!("create database {DATABASE}"))).await?;
        let pool = PgPoolOptions::new().max_connections(2).connect(&url).await?;
        migrate::migrate(&pool).await?;
        welcome(&pool, chats).await?;
        connection.execute("checkpoint").await?;

        let (telegram, llm) = fakes()?;
        llm.answer_with(|request| {
            let number = number_of(request.last_user_message()).unwrap_or_default();
            format!("{ANSWER} #{number}")
        });
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?.local_addr()?.port();
        let mut variables = vec![
            ("DATABASE_URL", url.clone()),
            ("HOST", Ipv4Addr::LOCALHOST.to_string()),
            ("PORT", port.to_string()),
            ("TELEGRAM_TOKEN", FakeTelegram::TOKEN.into()),
            ("TELEGRAM_WEBHOOK_SECRET", SECRET.into()),
            ("TELEGRAM_API_URL", telegram.url()),
            ("TELEGRAM_RATE", setting.telegram_rate.to_string()),
            ("OPENAI_API_KEY", "sk-bench".into()),
            ("OPENAI_BASE_URL", llm.base_url()),
            ("ENCRYPTION_KEY", ENCRYPTION_KEY.into()),
            ("TEMP_DAILY_MESSAGES", "1000000000".into()),
            ("TEMP_DAILY_TOKENS", "1000000000000".into()),
        ];
        variables.extend(setting.summaries_per_minute.map(|pace| ("SUMMARIES_PER_MINUTE", pace.to_string())));
        variables.extend(setting.places.map(|places| ("WORKER_CONCURRENCY", places.to_string())));
        let worker = if setting.without_worker { None } else { Some(Program::start("worker", &variables)?) };
        variables
            .extend(setting.web_connections.map(|connections| ("DB_POOL_SIZE", connections.to_string())));
        let web = Program::start("web", &variables)?;
        let asker = Arc::new(Asker::new(SocketAddr::from((Ipv4Addr::LOCALHOST, port)), SECRET));
        let address = if setting.without_worker { "/healthz" } else { "/readyz" };
        tokio::time::timeout(Duration::from_secs(30), asker.until_ready(address))
            .await
            .context("the program is not ready after 30 s; BENCH_LOG=info shows why")?;
        Ok(Self { worker, web, telegram, llm, pool, url, asker })
    }

    /// Processor time of the worker so far.
    pub fn worker_time(&self) -> anyhow::Result<Duration> {
        self.worker.as_ref().context("this stage has no worker")?.processor_time()
    }

    /// Transactions that were committed in the database so far, this look included.
    pub async fn transactions(&self) -> anyhow::Result<i64> {
        // Connections report what they did a second later at the latest.
        tokio::time::sleep(Duration::from_millis(1200)).await;
        let query = "select xact_commit from pg_stat_database where datname = current_database()";
        Ok(sqlx::query_scalar(query).fetch_one(&self.pool).await?)
    }
}

/// Chats with an account each, as a first message would have made them.
async fn welcome(pool: &PgPool, chats: i64) -> anyhow::Result<()> {
    sqlx::query(
        "with account as (
             insert into accounts (name) select 'Person ' || n from generate_series(1, $1) n order by n returning id
         ), chat as (
             insert into account_chats (account_id, telegram_chat_id, chat_name)
             select id, row_number() over (order by id), 'Person' from account
             returning account_id, telegram_chat_id
         )
         insert into temporary_accounts (account_id, telegram_chat_id) select account_id, telegram_chat_id from chat",
    )
    .bind(chats)
    .execute(pool)
    .await?;
    Ok(())
}

/// Telegram and the model, on a thread of their own that ends with this process.
fn fakes() -> anyhow::Result<(Arc<FakeTelegram>, Arc<FakeLlm>)> {
    let (sender, receiver) = mpsc::channel();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    std::thread::spawn(move || {
        runtime.block_on(async {
            let fakes = (Arc::new(FakeTelegram::start().await), Arc::new(FakeLlm::start().await));
            let _ = sender.send(fakes);
            std::future::pending::<()>().await;
        });
    });
    Ok(receiver.recv()?)
}
