//! `pykhbrain dev`: everything in one process, on a fresh machine, without an account, a key or any configuration.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr},
    path::{Path, PathBuf},
};

use anyhow::Context as _;
use brain::{
    Brain,
    config::{ConfigError, Env, Reach, Role, ServerConfig, TelegramConfig},
    db::migrate,
    model::Choice,
    ports::{llm::OFFLINE_MODEL, telegram::Telegram},
    sign_in::new_secret,
};
use secrecy::ExposeSecret;
use tokio::{net::TcpListener, task::JoinSet};
use tokio_util::sync::CancellationToken;
use web::{Inbox, playground::Playground};

use crate::{
    cluster::{Cluster, Profile},
    config, home, key,
    local_model::LocalModel,
    polling, process, worker,
};

/// Where `dev` keeps what is its own: the database, the local chat, the key of stored secrets.
pub(crate) const HOME: &str = ".pykhbrain";

/// The file in it that says where a running `dev` listens, for `pykhbrain chat`.
pub(crate) const ADDRESS: &str = "address";

/// Runs until Ctrl-C.
pub(crate) async fn run(env: Env) -> anyhow::Result<()> {
    let format = ServerConfig::from_env(&env)?.log_format;
    process::log(format, "warn,pykhbrain=info");
    let stopping = process::stopped_by_signal()?;
    let dev = Dev::start(env, Path::new(HOME), stopping).await?;
    println!("{}", dev.greeting());
    dev.until_stopped().await
}

/// The whole product in this process.
pub(crate) struct Dev {
    tasks: JoinSet<anyhow::Result<()>>,
    cluster: Option<Cluster>,
    /// Where the page is.
    pub(crate) address: String,
    local_chat: bool,
    database: String,
    model: String,
    model_hint: &'static str,
    bot: String,
    stopping: CancellationToken,
}

impl Dev {
    /// Starts the database where none is configured, the web process and a worker.
    pub(crate) async fn start(
        mut env: Env,
        home: &Path,
        stopping: CancellationToken,
    ) -> anyhow::Result<Self> {
        home::open(home).with_context(|| format!("{} cannot be used", home.display()))?;
        env.set_default("HOST", "127.0.0.1");
        let listener = listen(&env).await?;
        let bound = listener.local_addr()?;
        let (port, reach) = (bound.port(), Reach::of(bound.ip()));
        env.set_default("PUBLIC_URL", format!("http://localhost:{port}"));
        if reach == Reach::ThisMachine {
            env.set_default("SMTP_URL", "print:");
        }
        reach.check_mail(&env)?;
        let local_chat = env.get("TELEGRAM_TOKEN").is_none();
        if local_chat {
            refuse_to_show_it_around(reach)?;
            env.set_default("TELEGRAM_TOKEN", Playground::TOKEN);
            // Everybody knows that token, and no Telegram comes by the webhook here.
            env.set_default("TELEGRAM_WEBHOOK_SECRET", new_secret());
            env.replace("TELEGRAM_API_URL", format!("http://{bound}{}", Playground::BOT_API));
        }
        let telegram = TelegramConfig::from_env(&env)?;
        if !local_chat {
            refuse_to_steal(&telegram).await?;
        }

        if env.get("ENCRYPTION_KEY").is_none() {
            env.set_default("ENCRYPTION_KEY", key::own(home)?.expose_secret());
        }

        let found = LocalModel::find(&env, port).await;
        if let Some(found) = &found {
            found.configure(&mut env);
        }
        let (cluster, database) = database(&mut env, home).await?;
        let pool = config::pool(&env, Role::Dev)?;
        migrate::migrate(&pool)
            .await
            .context("the database could not be brought to this program's schema")?;

        let brain = config::brain(&env, pool.clone(), reach, found.as_ref().map(|found| found.server))?;
        let model = brain.model_name(&Choice::House(None));
        let model_hint = match (found.is_some(), model == OFFLINE_MODEL) {
            (true, _) => " (OPENAI_MODEL=offline asks for the built-in one)",
            (false, true) => " (set OPENAI_API_KEY, or start Ollama, LM Studio or llama.cpp, for a real one)",
            (false, false) => "",
        };
        let inbox = Inbox::new(pool.clone(), telegram.bot_id);
        let playground = local_chat.then(|| Playground::open(home, inbox.clone(), &model)).transpose()?;
        let mut tasks = JoinSet::new();
        if !local_chat {
            tasks.spawn(poll(Telegram::new(&telegram)?, inbox.clone(), stopping.clone()));
        }
        let bot = telegram.bot_id.to_string();
        tasks.spawn(work(brain, stopping.clone()));
        home::write(&home.join(ADDRESS), &format!("http://{}", from_here(bound)))?;
        tasks.spawn(serve(
            listener,
            web::App {
                pool,
                telegram,
                inbox,
                site: config::site(&env)?,
                descriptors: process::raise_descriptors(),
                playground,
            },
            stopping.clone(),
        ));
        Ok(Self {
            tasks,
            cluster,
            address: format!("http://localhost:{port}"),
            local_chat,
            database,
            model,
            model_hint,
            bot,
            stopping,
        })
    }

    /// What people read after the start.
    fn greeting(&self) -> String {
        let chat = if self.local_chat {
            format!("local, at {}/playground (set TELEGRAM_TOKEN for the real one)", self.address)
        } else {
            format!("bot {}, by long polling", self.bot)
        };
        format!(
            "\n  PykhBrain is running.\n\n  Chat      {chat}\n  Model     {}{}\n  Database  {}\n\n  Ctrl-C stops all of it.\n",
            self.model, self.model_hint, self.database
        )
    }

    /// Runs until the word to stop, then puts everything away.
    pub(crate) async fn until_stopped(mut self) -> anyhow::Result<()> {
        let mut result = Ok(());
        while let Some(ended) = self.tasks.join_next().await {
            self.stopping.cancel();
            result = result.and(ended?);
        }
        if let Some(cluster) = self.cluster.take() {
            cluster.stop().await;
        }
        result
    }
}

/// The configured port; if another program has it and nobody asked for it, any free one.
async fn listen(env: &Env) -> anyhow::Result<TcpListener> {
    let server = ServerConfig::from_env(env)?;
    match TcpListener::bind((server.host.as_str(), server.port)).await {
        Err(error) if error.kind() == std::io::ErrorKind::AddrInUse && env.get("PORT").is_none() => {
            Ok(TcpListener::bind((server.host.as_str(), 0)).await?)
        }
        result => result.with_context(|| format!("cannot listen on {}:{}", server.host, server.port)),
    }
}

/// The configured database, or a private cluster of our own.
pub(crate) async fn database(env: &mut Env, home: &Path) -> anyhow::Result<(Option<Cluster>, String)> {
    if env.get("DATABASE_URL").is_some() {
        return Ok((None, "yours (DATABASE_URL)".into()));
    }
    home::open(home)?;
    let home: PathBuf = std::path::absolute(home)?;
    let cluster = Cluster::start(&home, Profile::Durable).await?;
    env.set_default("DATABASE_URL", cluster.url("postgres"));
    Ok((Some(cluster), format!("its own, kept in {}", home.display())))
}

/// The local chat lets in whoever can reach it, and shows everything.
fn refuse_to_show_it_around(reach: Reach) -> Result<(), ConfigError> {
    if reach == Reach::ThisMachine {
        return Ok(());
    }
    let problem = "must be this machine's own for the local chat, which lets in whoever can reach it: set HOST=127.0.0.1, or TELEGRAM_TOKEN \
                   for a real bot";
    Err(ConfigError { variable: "HOST", problem: problem.into() })
}

/// Where this machine reaches what listens there.
fn from_here(bound: SocketAddr) -> SocketAddr {
    let ip = match bound.ip() {
        IpAddr::V4(ip) if ip.is_unspecified() => Ipv4Addr::LOCALHOST.into(),
        IpAddr::V6(ip) if ip.is_unspecified() => Ipv6Addr::LOCALHOST.into(),
        ip => ip,
    };
    SocketAddr::new(ip, bound.port())
}

/// Telegram gives updates to a webhook or to who asks, never both: taking them here would silence a bot that runs elsewhere.
async fn refuse_to_steal(telegram: &TelegramConfig) -> anyhow::Result<()> {
    let webhook = Telegram::new(telegram)?.webhook_info().await.context("Telegram does not answer")?;
    anyhow::ensure!(
        webhook.url.is_empty(),
        "this bot delivers to a webhook at {}: use another bot's token here, or run `pykhbrain webhook delete` first",
        webhook.url
    );
    Ok(())
}

async fn poll(telegram: Telegram, inbox: Inbox, stopping: CancellationToken) -> anyhow::Result<()> {
    polling::poll(telegram, inbox, stopping).await;
    Ok(())
}

async fn work(brain: std::sync::Arc<Brain>, stopping: CancellationToken) -> anyhow::Result<()> {
    worker::work(brain, stopping).await;
    Ok(())
}

async fn serve(listener: TcpListener, app: web::App, stopping: CancellationToken) -> anyhow::Result<()> {
    Ok(web::serve(listener, app, stopping).await?)
}
