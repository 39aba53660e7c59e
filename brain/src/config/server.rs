//! Where the web process listens, where the database is, how logs look.

use std::time::Duration;

use secrecy::SecretString;

use super::{ConfigError, Env, TrustedProxies};

/// How log lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    Text,
    /// One JSON object a line.
    Json,
}

/// The web server.
#[derive(Clone, Debug)]
pub struct ServerConfig {
    /// The address to listen on.
    pub host: String,
    /// The port to listen on; 0 takes a free one.
    pub port: u16,
    /// The address that people and Telegram reach, without a slash at the end.
    pub public_url: String,
    /// Whose word is taken for where a request comes from.
    pub trusted_proxies: TrustedProxies,
    /// What opens `/metrics` from elsewhere than this machine.
    pub metrics_token: Option<SecretString>,
    /// How log lines look.
    pub log_format: LogFormat,
}

impl ServerConfig {
    /// Reads `HOST`, `PORT`, `PUBLIC_URL`, `TRUSTED_PROXIES`, `METRICS_TOKEN` and `LOG_FORMAT`.
    ///
    /// # Errors
    /// When the port is not one, a proxy's address is none, the token can be guessed, or the format is neither `text` nor `json`.
    pub fn from_env(env: &Env) -> Result<Self, ConfigError> {
        let port = env.parse_or("PORT", 8080, "a port number")?;
        let log_format = match env.get("LOG_FORMAT") {
            None | Some("text") => LogFormat::Text,
            Some("json") => LogFormat::Json,
            Some(_) => {
                return Err(ConfigError { variable: "LOG_FORMAT", problem: "must be text or json".into() });
            }
        };
        Ok(Self {
            host: env.get("HOST").unwrap_or("0.0.0.0").to_owned(),
            port,
            public_url: env.get("PUBLIC_URL").map_or_else(
                || format!("http://localhost:{port}"),
                |url| url.trim_end_matches('/').to_owned(),
            ),
            trusted_proxies: TrustedProxies::from_env(env)?,
            metrics_token: metrics_token(env)?,
            log_format,
        })
    }
}

/// The shortest `METRICS_TOKEN`: nothing slows down who guesses.
const TOKEN_LENGTH: usize = 16;

fn metrics_token(env: &Env) -> Result<Option<SecretString>, ConfigError> {
    let Some(token) = env.get("METRICS_TOKEN") else { return Ok(None) };
    if token.len() < TOKEN_LENGTH || !token.bytes().all(|byte| byte.is_ascii_graphic()) {
        let problem = "must be at least 16 letters, digits or signs; make one with `openssl rand -hex 32`";
        return Err(ConfigError { variable: "METRICS_TOKEN", problem: problem.into() });
    }
    Ok(Some(token.into()))
}

/// The database.
#[derive(Clone, Debug)]
pub struct DatabaseConfig {
    /// The variable that names it, for errors.
    pub variable: &'static str,
    /// Where it is, with its password.
    pub url: SecretString,
    /// The most connections that this process opens.
    pub pool_size: u32,
    /// How long somebody waits for one of them before giving up.
    pub patience: Duration,
}

/// What a process is, for its connections: how many it opens where `DB_POOL_SIZE` says nothing, and how long it waits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Somebody waits for an answer now: Telegram, or a person. 3 connections.
    Web,
    /// Work that had better wait than fail. 4 connections.
    Worker,
    /// Both in one process. 7 connections.
    WebWithWorker,
    /// Both in one process, on a database of its own. 16 connections.
    Dev,
    /// A command. 2 connections.
    Command,
}

impl Role {
    /// Supabase's free pool has fifteen sessions, and a rolling deploy doubles what is open.
    const fn pool_size(self) -> u32 {
        match self {
            Self::Web => 3,
            Self::Worker => 4,
            Self::WebWithWorker => 7,
            Self::Dev => 16,
            Self::Command => 2,
        }
    }

    /// Telegram waits a minute and then brings the update again; a worker's job would count as failed.
    const fn patience(self) -> Duration {
        Duration::from_secs(match self {
            Self::Web | Self::WebWithWorker => 3,
            Self::Worker | Self::Dev => 30,
            Self::Command => 10,
        })
    }
}

impl DatabaseConfig {
    /// Reads `DATABASE_URL` and `DB_POOL_SIZE`; for the web process `WEB_DATABASE_URL` where it is set, a login of its own that
    /// can do less.
    ///
    /// # Errors
    /// When the address is missing, is not PostgreSQL's, or points at a transaction-mode pooler (port 6543): prepared
    /// statements give wrong results through it, and notifications never arrive.
    pub fn from_env(env: &Env, role: Role) -> Result<Self, ConfigError> {
        let is_of_web = role == Role::Web && env.get("WEB_DATABASE_URL").is_some();
        let variable = if is_of_web { "WEB_DATABASE_URL" } else { "DATABASE_URL" };
        let url =
            env.require(variable, "give a PostgreSQL address, or run `pykhbrain dev`, which brings its own")?;
        let parsed = url::Url::parse(url)
            .ok()
            .filter(|url| matches!(url.scheme(), "postgres" | "postgresql"))
            .ok_or_else(|| ConfigError {
                variable,
                problem: "must look like postgres://user:password@host:5432/name".into(),
            })?;
        if parsed.port() == Some(6543) {
            return Err(ConfigError {
                variable,
                problem:
                    "points at a transaction-mode pooler (port 6543), which breaks prepared statements and \
                          notifications: use the direct or the session-mode address (port 5432)"
                        .into(),
            });
        }
        let pool_size = env.parse_or("DB_POOL_SIZE", role.pool_size(), "a number of connections")?;
        if pool_size < 2 {
            return Err(ConfigError { variable: "DB_POOL_SIZE", problem: "must be at least 2".into() });
        }
        Ok(Self { variable, url: SecretString::from(url), pool_size, patience: role.patience() })
    }
}

#[cfg(test)]
mod tests {
    use secrecy::ExposeSecret;

    use super::*;

    #[test]
    fn the_web_process_takes_its_own_login_where_there_is_one() {
        let both = [("DATABASE_URL", "postgres://owner@db/p"), ("WEB_DATABASE_URL", "postgres://web@db/p")];
        let env: Env = both.into_iter().collect();
        let url = |role| DatabaseConfig::from_env(&env, role).unwrap().url.expose_secret().to_owned();
        assert_eq!(url(Role::Web), "postgres://web@db/p");
        assert_eq!(url(Role::Worker), "postgres://owner@db/p");
    }

    #[test]
    fn a_token_that_can_be_guessed_is_refused_without_being_shown() {
        let read = |token: &str| {
            let env: Env = [("METRICS_TOKEN", token)].into_iter().collect();
            ServerConfig::from_env(&env).map(|config| config.metrics_token.is_some())
        };
        assert_eq!(read(""), Ok(false));
        assert_eq!(read("0123456789abcdef"), Ok(true));
        let error = read("hunter2").unwrap_err().to_string();
        assert!(
            error.starts_with("METRICS_TOKEN must be at least 16") && !error.contains("hunter2"),
            "{error}"
        );
    }

    #[test]
    fn a_transaction_mode_pooler_is_refused_with_the_way_out() {
        let env: Env =
            [("DATABASE_URL", "postgres://u:p@db.example.com:6543/postgres")].into_iter().collect();
        let error = DatabaseConfig::from_env(&env, Role::Worker).unwrap_err().to_string();
        assert!(error.contains("5432"), "{error}");
        assert!(!error.contains("u:p"), "the password must not show: {error}");
    }
}
