//! The server, on a database of its own, and the clients that the product has for it.

use std::{path::Path, process::Stdio, time::Duration};

use brain::{
    clock::Clock,
    config::{Env, SupabaseConfig},
    db::api::{Identity, RestServer},
    ports::supabase::{Auth, Tokens, Verifier},
};
use serde_json::json;
use sqlx::{Executor, PgPool};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::{
    fakes::smtp::{FakeSmtp, Mail},
    support::database::Database,
};

/// How long something that takes a moment may take on a machine that is busy.
pub const PATIENCE: Duration = Duration::from_mins(1);
/// Where sign-in links lead.
pub const REDIRECT: &str = "http://127.0.0.1:1/auth/confirm?from=mail";
/// Where the person's browser is.
pub const HERE: &str = "203.0.113.7";
pub const PUBLISHABLE: &str = "sb_publishable_of_the_tests";
pub const SECRET: &str = "sb_secret_of_the_tests";
pub const JWT_SECRET: &str = "Zk7-pWq2uM9xTb4vLs8eRy1cHd6nGj3f";

/// A running server, and what talks to it.
pub struct Lite {
    pub pool: PgPool,
    pub url: String,
    mails: FakeSmtp,
    pub config: SupabaseConfig,
    pub auth: Auth,
    pub verifier: Verifier,
    pub rest: RestServer,
    _server: Child,
}

impl Lite {
    /// On a new database with the current schema, of which it shows `api`.
    pub async fn start() -> Self {
        Self::showing("api").await
    }

    /// The same, showing another schema.
    pub async fn showing(schema: &str) -> Self {
        let database = Database::create().await;
        Self::on(&database, schema).await
    }

    /// On a database that nobody has migrated.
    pub async fn on_nothing() -> Self {
        let database = Database::create().await;
        let (server, name) = database.url.rsplit_once('/').unwrap();
        let empty = format!("{name}_empty");
        database.pool().execute(sqlx::AssertSqlSafe(format!("create database {empty}"))).await.unwrap();
        Self::on(&Database { url: format!("{server}/{empty}") }, "api").await
    }

    async fn on(database: &Database, schema: &str) -> Self {
        let mails = FakeSmtp::start().await;
        let (server, port) = serve(&database.url, &mails.url(), schema).await;
        let config = config(port, PUBLISHABLE);
        Self {
            pool: database.pool(),
            url: database.url.clone(),
            mails,
            auth: Auth::new(&config).unwrap(),
            verifier: Verifier::new(&config, Clock::system()).unwrap(),
            rest: RestServer::new(&config).unwrap(),
            config,
            _server: server,
        }
    }

    /// Has a link mailed, and opens the mail.
    pub async fn link_for(&self, email: &str) -> String {
        let before = self.mails.mails().len();
        self.auth.send_link(email, true, REDIRECT).await.unwrap();
        let mail = self.mails.mail(before + 1).await;
        assert_eq!(mail.to, email);
        href(&mail)
    }

    /// The link in the mail that came as the `count`th.
    pub async fn mailed(&self, count: usize) -> String {
        href(&self.mails.mail(count).await)
    }

    /// Signs somebody in as the sign-in does: a link by mail, taken for a session.
    pub async fn sign_in(&self, email: &str) -> (Tokens, Identity) {
        let (token_hash, kind) = token_of(&self.link_for(email).await);
        let tokens = self.auth.verify(&token_hash, kind.parse().unwrap()).await.unwrap();
        let identity = self.verifier.verify(&tokens.access).await.unwrap();
        assert_eq!(identity.email, email);
        (tokens, identity)
    }
}

/// The address in a mail's page, which comes in quoted-printable (RFC 2045, 6.7) and has nothing but ASCII in it.
fn href(mail: &Mail) -> String {
    let page = mail.text.replace("=\n", "").replace("=3D", "=");
    let (_, rest) = page.split_once("href=\"").unwrap_or_else(|| panic!("a link in {page}"));
    rest.split('"').next().unwrap().replace("&amp;", "&")
}

/// Token and kind of a link.
pub fn token_of(link: &str) -> (String, String) {
    let link: url::Url = link.parse().unwrap();
    let part = |wanted: &str| {
        let found = link.query_pairs().find(|(name, _)| name == wanted);
        found.unwrap_or_else(|| panic!("{wanted} in {link}")).1.into_owned()
    };
    (part("token_hash"), part("type"))
}

/// The settings for a server on this port.
pub fn config(port: u16, publishable: &str) -> SupabaseConfig {
    let env: Env = [
        ("SUPABASE_URL", format!("http://127.0.0.1:{port}")),
        ("SUPABASE_PUBLISHABLE_KEY", publishable.into()),
        ("SUPABASE_SECRET_KEY", SECRET.into()),
        ("SUPABASE_JWT_SECRET", JWT_SECRET.into()),
    ]
    .into_iter()
    .collect();
    SupabaseConfig::from_env(&env).unwrap().unwrap()
}

/// Starts it, and says on which port it listens. It ends with its standard input, so also when this process is killed.
async fn serve(database: &str, mail_server: &str, schema: &str) -> (Child, u16) {
    let home = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("supabase");
    assert!(home.join("node_modules").exists(), "the packages are missing: .ci/run supabase brings them");
    // Beside the packages, because that is where node looks for them.
    let script = home.join("server.mjs");
    std::fs::write(&script, include_str!("server.mjs")).unwrap();
    let given = json!({
        "database": database, "mail_server": mail_server, "schemas": [schema], "redirect_to": REDIRECT,
        "jwt_secret": JWT_SECRET, "publishable_key": PUBLISHABLE, "secret_key": SECRET,
        "template": concat!(env!("CARGO_MANIFEST_DIR"), "/supabase/templates/magic_link.html"),
    });
    let mut server = Command::new("node")
        .arg(script)
        .env("LITE", given.to_string())
        .env("LITE_TELEMETRY", "0")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .kill_on_drop(true)
        .spawn()
        .expect("node starts");
    let mut lines = BufReader::new(server.stdout.take().unwrap()).lines();
    let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("it starts in time");
    let port = line.unwrap().expect("it listens").rsplit(' ').next().unwrap().parse().unwrap();
    // What it prints later is not read, but must find a reader.
    tokio::spawn(async move { while let Ok(Some(_)) = lines.next_line().await {} });
    (server, port)
}
