//! `pykhbrain doctor`: looks at everything that has to work, and says what does not and what to do.

use anyhow::Context as _;
use brain::{
    clock::Clock,
    config::{Env, LlmConfig, Role, SupabaseConfig, TelegramConfig},
    db::{
        api::RestServer,
        migrate,
        sealed::{self, COLUMNS},
    },
    ports::{
        llm::Llm,
        supabase::{Auth, TokenError, Verifier},
        telegram::Telegram,
    },
};

use crate::config;

pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let checks = [
        ("database", database(env).await),
        ("Telegram", telegram(env).await),
        ("model", model(env).await),
        ("ENCRYPTION_KEY", secrets(env).await),
        ("Supabase", supabase(env).await),
    ];
    let mut failed = 0;
    for (name, result) in &checks {
        match result {
            Ok(words) => println!("ok    {name}: {words}"),
            Err(error) => {
                failed += 1;
                println!("FAIL  {name}: {error:#}");
            }
        }
    }
    anyhow::ensure!(failed == 0, "{failed} of {} do not work", checks.len());
    Ok(())
}

async fn database(env: &Env) -> anyhow::Result<String> {
    let pool = config::pool(env, Role::Command)?;
    let readiness = migrate::readiness(&pool).await?;
    anyhow::ensure!(readiness.is_current, "the schema is older than this program: run `pykhbrain migrate`");
    Ok(match readiness.silence {
        Some(seconds) if seconds < 30.0 => "schema current, a worker is alive".into(),
        Some(seconds) => {
            format!("schema current, but no worker for {seconds:.0} s: start `pykhbrain worker`")
        }
        None => "schema current, but no worker has ever run: start `pykhbrain worker`".into(),
    })
}

async fn telegram(env: &Env) -> anyhow::Result<String> {
    let telegram = Telegram::new(&TelegramConfig::from_env(env)?)?;
    let bot = telegram.get_me().await?;
    let webhook = telegram.webhook_info().await?;
    let delivery = match (webhook.url.as_str(), webhook.last_error_message) {
        ("", _) => "no webhook (only `dev` gets updates)".to_owned(),
        (url, None) => format!("delivers to {url}"),
        (url, Some(error)) => format!("delivers to {url}, last error: {error}"),
    };
    Ok(format!("@{}, {delivery}", bot.username))
}

async fn model(env: &Env) -> anyhow::Result<String> {
    let config = LlmConfig::from_env(env)?;
    let llm = Llm::from_config(&config)?;
    let name = llm.display_name(&config.model).to_owned();
    Ok(match llm.shutdown_date(&config.model).await? {
        None => name,
        Some(day) => {
            format!("{name}, which goes away on {day}: choose another with OPENAI_MODEL before")
        }
    })
}

async fn secrets(env: &Env) -> anyhow::Result<String> {
    let (seal, pool) = (config::seal(env)?, config::pool(env, Role::Command)?);
    let (mut open, mut old) = (0, 0);
    for column in &COLUMNS {
        let standing = sealed::look(&pool, &seal, column).await?;
        let (name, closed) = (format!("{}.{}", column.table, column.column), standing.closed);
        anyhow::ensure!(closed.is_empty(), "opens not all of {name}: not of rows {}", closed.join(", "));
        open += standing.current + standing.old;
        old += standing.old;
    }
    Ok(match old {
        0 => format!("opens all {open} stored secrets"),
        _ => format!(
            "opens all {open} stored secrets, {old} of them with an old key: run `pykhbrain rotate-keys`"
        ),
    })
}

async fn supabase(env: &Env) -> anyhow::Result<String> {
    let Some(config) = SupabaseConfig::from_env(env)? else {
        return Ok("none, people sign in by links of our own".into());
    };
    let auth = Auth::new(&config)?;
    // First what tells a wrong publishable key from a hidden schema.
    let confirms_by_itself = auth.confirms_by_itself().await.context("with SUPABASE_PUBLISHABLE_KEY")?;
    anyhow::ensure!(
        !confirms_by_itself,
        "the project takes an address for granted that nobody has confirmed: switch \"Confirm email\" on"
    );
    auth.check_secret_key().await.context("with SUPABASE_SECRET_KEY")?;
    RestServer::new(&config)?.check().await?;
    match Verifier::new(&config, Clock::system())?.check().await {
        Err(TokenError::NoKeys) => {
            anyhow::bail!("the project publishes no keys: set SUPABASE_JWT_SECRET, or give it signing keys")
        }
        checked => checked?,
    }
    Ok(format!("{}, shows the schema api, keys work", config.url))
}
