//! The product, running: web server and worker in this process, fakes around it, and people who write to it.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::Duration,
};

use brain::{
    Brain,
    clock::Clock,
    config::{BrainConfig, DatabaseConfig, EncryptionConfig, Env, Role, ServerConfig, TelegramConfig},
    db::{backlog, connect},
    other_memory::OtherMemory,
    seal::Seal,
};
use chrono::{DateTime, Utc};
use legacy_memory::LegacyMemory;
use serde_json::{Value, json};
use sqlx::PgPool;
use tokio::{net::TcpListener, task::JoinHandle};
use tokio_util::sync::CancellationToken;

use super::{
    browser::Browser,
    database::Database,
    reading::Shown,
    updates::{self, Person},
};
use crate::fakes::{
    llm::FakeLlm,
    telegram::{Call, FakeTelegram, Sent},
};

/// The bot of the tests, and the fake Telegram's name for it.
pub const TOKEN: &str = "4242:test";
/// What stored secrets are sealed with: 32 zeros.
pub const KEY: &str = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=";
/// How long a test waits for what should take milliseconds, on a machine that is busy with other tests.
pub const PATIENCE: Duration = Duration::from_mins(1);

/// A running product.
pub struct App {
    pub database: Database,
    pub pool: PgPool,
    pub telegram: FakeTelegram,
    pub llm: FakeLlm,
    pub clock: Clock,
    pub env: Env,
    pub variables: Vec<(&'static str, String)>,
    http: reqwest::Client,
    secret: String,
    webs: Vec<String>,
    stopping: CancellationToken,
    workers: Vec<JoinHandle<()>>,
    next_update: AtomicI64,
    next_message: AtomicI64,
}

/// What to start, and how.
pub struct Builder {
    database: Option<Database>,
    variables: Vec<(&'static str, String)>,
    workers: usize,
    webs: usize,
    clock: Clock,
}

impl App {
    /// One web server, one worker.
    pub async fn start() -> Self {
        Self::builder().start().await
    }

    pub fn builder() -> Builder {
        let clock = Clock::standing_at("2026-11-22T12:00:00Z".parse().expect("a time"));
        Builder { database: None, variables: Vec::new(), workers: 1, webs: 1, clock }
    }

    /// No workers: the test starts processes of its own, which live by the machine's clock.
    pub fn for_processes() -> Builder {
        Builder { clock: Clock::system(), ..Self::builder() }.workers(0)
    }

    /// What the product seals secrets with.
    pub fn seal(&self) -> Seal {
        Seal::from_keys(&EncryptionConfig::from_env(&self.env).expect("the variables are right"))
    }

    /// The time now, by the product's clock.
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// A browser that has not been here before.
    pub fn browser(&self) -> Browser {
        Browser::at(&self.webs[0])
    }

    /// The address of a web server.
    pub fn web(&self, number: usize) -> &str {
        &self.webs[number]
    }

    /// An update with a number of its own around `kind: content`.
    pub fn update(&self, kind: &str, content: &Value) -> Value {
        json!({"update_id": self.next_update.fetch_add(1, Ordering::Relaxed), kind: content})
    }

    /// A message of `from` in `chat`, not handed in yet.
    pub fn message(&self, from: Person, chat: &Value, text: &str, extra: &Value) -> Value {
        let id = self.next_message.fetch_add(1, Ordering::Relaxed);
        updates::message(id, from, chat, text, self.now(), extra)
    }

    /// Hands a body to the webhook of web server `web`, as Telegram does, and returns the status.
    pub async fn post_to(&self, web: usize, body: impl Into<reqwest::Body>) -> u16 {
        self.post(web, Some(&self.secret), body).await.expect("the web server answers").status().as_u16()
    }

    /// Hands a body to the webhook with another secret, or none.
    pub async fn post_with_secret(&self, secret: Option<&str>, body: impl Into<reqwest::Body>) -> u16 {
        self.post(0, secret, body).await.expect("the web server answers").status().as_u16()
    }

    /// Hands a body to the webhook and returns whatever comes of it.
    pub async fn post(
        &self,
        web: usize,
        secret: Option<&str>,
        body: impl Into<reqwest::Body>,
    ) -> reqwest::Result<reqwest::Response> {
        let mut request = self.http.post(format!("{}/telegram/webhook", self.webs[web])).body(body);
        if let Some(secret) = secret {
            request = request.header("x-telegram-bot-api-secret-token", secret);
        }
        request.send().await
    }

    /// Hands an update to the webhook and sees it accepted.
    pub async fn deliver(&self, update: &Value) {
        assert_eq!(self.post_to(0, update.to_string()).await, 200);
    }

    /// Somebody writes to the bot in private; the message's id.
    pub async fn says(&self, from: Person, text: &str) -> i64 {
        self.says_in(from, &from.chat(), text, &json!({})).await
    }

    /// Somebody writes in a chat; the message's id.
    pub async fn says_in(&self, from: Person, chat: &Value, text: &str, extra: &Value) -> i64 {
        let message = self.message(from, chat, text, extra);
        self.deliver(&self.update("message", &message)).await;
        message["message_id"].as_i64().expect("messages have ids")
    }

    /// Somebody presses the key with this word on it, under a message of the bot's; the id of the press.
    pub async fn presses(&self, from: Person, message: &Sent, word: &str) -> String {
        let data = message.key(word).unwrap_or_else(|| panic!("there is no key \"{word}\": {message:?}"));
        self.presses_data(from, message, data).await
    }

    /// The same with any data, as a client can be made to send it.
    pub async fn presses_data(&self, from: Person, message: &Sent, data: &str) -> String {
        let chat = if message.chat_id < 0 { updates::group(message.chat_id) } else { from.chat() };
        let id = self.next_message.fetch_add(1, Ordering::Relaxed);
        let press = updates::press(id, from, &chat, (message.message_id, &message.text), data);
        self.deliver(&self.update("callback_query", &press)).await;
        press["id"].as_str().expect("presses have ids").to_owned()
    }

    /// Waits until the press is confirmed; the words that came with it.
    pub async fn toast(&self, press: &str) -> Option<String> {
        let is_it = |call: &Call| {
            call.done
                && call.is_of("answerCallbackQuery")
                && call.form.text("callback_query_id") == Some(press)
        };
        let calls = self.telegram.wait_for_calls(|calls| calls.iter().any(is_it), PATIENCE).await;
        let calls = calls.expect("the press is confirmed");
        calls.iter().find(|call| is_it(call))?.form.text("text").map(str::to_owned)
    }

    /// Waits until nothing waits: every update answered, every message sent.
    pub async fn run_pending_jobs(&self) {
        let settled = async {
            loop {
                let backlog = backlog::now(&self.pool).await.expect("the database answers");
                if backlog.updates == 0 && backlog.unsent == 0 {
                    return;
                }
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        let in_time = tokio::time::timeout(PATIENCE, settled).await.is_ok();
        assert!(in_time, "work is left: {:?}", backlog::now(&self.pool).await);
    }

    /// Says something and returns what the bot answered to it.
    pub async fn ask(&self, from: Person, text: &str) -> Vec<String> {
        let before = self.telegram.sent_to(from.id).len();
        self.says(from, text).await;
        self.run_pending_jobs().await;
        self.telegram.sent_to(from.id).into_iter().skip(before).map(|sent| sent.text).collect()
    }

    /// Everything that the bot has sent to the chat, as people see it.
    pub fn seen_in(&self, chat: i64) -> Vec<String> {
        self.telegram.sent_to(chat).into_iter().map(|sent: Sent| sent.text).collect()
    }

    /// The prompt of the model's last answer to a person, as one text: `role: content` per message.
    pub fn last_prompt(&self) -> String {
        let requests = self.llm.requests();
        let request =
            requests.iter().rev().find(|request| Shown::of(request).is_none()).expect("the model was asked");
        let lines: Vec<String> =
            request.messages.iter().map(|message| format!("{}: {}", message.role, message.content)).collect();
        lines.join("\n")
    }

    /// Adds a web server that runs elsewhere.
    pub fn add_web(&mut self, url: String) {
        self.webs.push(url);
    }

    /// Starts another worker, with everything of its own.
    pub fn start_worker(&mut self) -> CancellationToken {
        let stopping = self.stopping.child_token();
        let brain = brain(&self.env, self.clock.clone());
        let token = stopping.clone();
        self.workers.push(tokio::spawn(async move {
            workers::run(brain, token).await.expect("the worker starts");
        }));
        stopping
    }

    /// Today's analysis has been, so that the model is asked by nobody but the test.
    async fn mark_daily_analysis_as_done(&self) {
        sqlx::query(
            "insert into apalis.jobs (id, job_type, job, status, attempts, max_attempts, run_at, priority, done_at, idempotency_key)
             values ('analysed', 'analyze_account', '{}', 'Done', 1, 1, now(), 0, now(), 'cron:analyze_account:2026-11-22')
             on conflict do nothing",
        )
        .execute(&self.pool)
        .await
        .expect("marked");
    }

    /// Stops everything in order, as SIGTERM does.
    pub async fn stop(mut self) {
        self.stopping.cancel();
        for worker in self.workers.drain(..) {
            worker.await.expect("the worker ends");
        }
    }

    /// One number of the database.
    pub async fn count(&self, query: &'static str) -> i64 {
        sqlx::query_scalar(query).fetch_one(&self.pool).await.expect("the query is one")
    }
}

impl Drop for App {
    fn drop(&mut self) {
        self.stopping.cancel();
        for worker in &self.workers {
            worker.abort();
        }
    }
}

impl Builder {
    /// Sets a variable.
    pub fn with(mut self, variable: &'static str, value: impl Into<String>) -> Self {
        self.variables.push((variable, value.into()));
        self
    }

    /// So many workers; none at all for tests that drive processes of their own.
    pub fn workers(mut self, workers: usize) -> Self {
        self.workers = workers;
        self
    }

    /// A database that the test has made itself.
    pub fn database(mut self, database: Database) -> Self {
        self.database = Some(database);
        self
    }

    /// So many web servers.
    pub fn webs(mut self, webs: usize) -> Self {
        self.webs = webs;
        self
    }

    pub async fn start(self) -> App {
        let database = match self.database {
            Some(database) => database,
            None => Database::create().await,
        };
        let (telegram, llm) = (FakeTelegram::start().await, FakeLlm::start().await);
        let mut variables = vec![
            ("DATABASE_URL", database.url.clone()),
            ("DB_POOL_SIZE", "6".into()),
            ("TELEGRAM_TOKEN", TOKEN.into()),
            ("TELEGRAM_WEBHOOK_SECRET", "the-secret".into()),
            ("TELEGRAM_API_URL", telegram.url()),
            ("TELEGRAM_RATE", "0".into()),
            ("OPENAI_API_KEY", "sk-test".into()),
            ("OPENAI_BASE_URL", llm.base_url()),
            ("ENCRYPTION_KEY", KEY.into()),
        ];
        variables.extend(self.variables);
        let env: Env = variables.iter().cloned().collect();
        let mut app = App {
            pool: database.pool(),
            database,
            telegram,
            llm,
            clock: self.clock,
            env,
            variables,
            http: reqwest::Client::new(),
            secret: "the-secret".into(),
            webs: Vec::new(),
            stopping: CancellationToken::new(),
            workers: Vec::new(),
            next_update: AtomicI64::new(1),
            next_message: AtomicI64::new(1),
        };
        if app.clock.stands() {
            app.mark_daily_analysis_as_done().await;
        }
        for _ in 0..self.webs {
            let address = serve(&app.env, app.clock.clone(), app.stopping.clone()).await;
            app.webs.push(address);
        }
        for _ in 0..self.workers {
            app.start_worker();
        }
        app
    }
}

async fn serve(env: &Env, clock: Clock, stopping: CancellationToken) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
    let address = format!("http://{}", listener.local_addr().expect("it has an address"));
    let telegram = TelegramConfig::from_env(env).expect("the variables are right");
    let pool = connect::pool(&DatabaseConfig::from_env(env, Role::Web).expect("the variables are right"))
        .expect("an address");
    let inbox = web::Inbox::new(pool.clone(), telegram.bot_id);
    let config = BrainConfig::from_env(env).expect("the variables are right");
    let seal = brain::seal::Seal::from_keys(&config.encryption);
    let server = ServerConfig::from_env(env).expect("the variables are right");
    let site = web::Settings {
        public_url: config.public_url,
        seal,
        clock,
        supabase: config.supabase,
        model_server: config.llm.base_url,
        trusted_proxies: server.trusted_proxies,
        metrics_token: server.metrics_token,
    };
    let app = web::App { pool, telegram, inbox, site, descriptors: 1024, playground: None };
    tokio::spawn(web::serve(listener, app, stopping));
    address
}

fn brain(env: &Env, clock: Clock) -> Arc<Brain> {
    let pool = connect::pool(&DatabaseConfig::from_env(env, Role::Worker).expect("the variables are right"))
        .expect("an address");
    let config = BrainConfig::from_env(env).expect("the variables are right");
    let files = LegacyMemory::from_env(env).expect("the variables are right");
    let other_memory = files.map(|files| Box::new(files) as Box<dyn OtherMemory>);
    let brain = Brain::new(pool, clock, config, other_memory);
    Arc::new(brain.expect("clients can be made"))
}
