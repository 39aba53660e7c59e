//! `/healthz` (the process lives), `/readyz` (it can do its work) and `/metrics` (Prometheus).

use std::{fmt::Write as _, time::Duration};

use brain::{
    config::is_secret,
    db::migrate::{self, Readiness},
};
use salvo::{
    http::{
        HeaderMap, HeaderValue, StatusCode,
        header::{AUTHORIZATION, WWW_AUTHENTICATE},
    },
    prelude::*,
};
use secrecy::SecretString;
use serde_json::json;
use sqlx::PgPool;

use crate::{recent::Recent, this_machine};

/// A worker that has been silent for longer is thought dead.
const SILENCE: f64 = 30.0;
/// Anybody may ask whether we are ready, and the database hears of it once in this time.
const READY_EVERY: Duration = Duration::from_secs(1);
/// The numbers take a look at every table that something waits in.
const METRICS_EVERY: Duration = Duration::from_secs(5);

/// `/healthz`.
#[handler]
pub(crate) async fn alive(response: &mut Response) {
    response.render("ok\n");
}

/// `/readyz`: 200, or 503 with the reasons.
pub(crate) struct Ready(Recent<Vec<String>>);

impl Ready {
    pub(crate) fn new(pool: PgPool) -> Self {
        Self(Recent::new(pool, READY_EVERY, |pool| Box::pin(async move { problems(&pool).await })))
    }
}

#[handler]
impl Ready {
    async fn handle(&self, response: &mut Response) {
        let problems = self.0.get().await.unwrap_or_else(|| vec!["the process is ending".into()]);
        if !problems.is_empty() {
            response.status_code(StatusCode::SERVICE_UNAVAILABLE);
        }
        response.render(Json(json!({"ready": problems.is_empty(), "problems": problems})));
    }
}

async fn problems(pool: &PgPool) -> Vec<String> {
    match migrate::readiness(pool).await {
        Err(_) => vec!["the database does not answer".into()],
        Ok(Readiness { is_current: false, .. }) => {
            vec!["the database's schema is older than this program: run `pykhbrain migrate`".into()]
        }
        Ok(Readiness { silence: Some(seconds), .. }) if seconds <= SILENCE => Vec::new(),
        Ok(Readiness { silence: Some(seconds), .. }) => {
            vec![format!("no worker has been heard of for {seconds:.0} s")]
        }
        Ok(Readiness { silence: None, .. }) => {
            vec!["no worker has ever run: start `pykhbrain worker`".into()]
        }
    }
}

/// `/metrics`: what waits, and whether anybody works on it. For this machine, and for who has the token.
pub(crate) struct Metrics {
    numbers: Recent<Option<String>>,
    token: Option<SecretString>,
}

impl Metrics {
    pub(crate) fn new(pool: PgPool, token: Option<SecretString>) -> Self {
        let gather = |pool| -> std::pin::Pin<Box<dyn Future<Output = Option<String>> + Send>> {
            Box::pin(async move { gather(&pool).await.ok() })
        };
        Self { numbers: Recent::new(pool, METRICS_EVERY, gather), token }
    }

    fn has_token(&self, headers: &HeaderMap) -> bool {
        let given = headers.get(AUTHORIZATION).and_then(|value| value.as_bytes().split_at_checked(7));
        let given = given.filter(|(scheme, _)| scheme.eq_ignore_ascii_case(b"bearer "));
        self.token.as_ref().zip(given).is_some_and(|(token, (_, given))| is_secret(given, token))
    }
}

#[handler]
impl Metrics {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let headers = request.headers();
        let is_here = this_machine::is_asking(request.remote_addr().ip(), headers)
            && this_machine::name(headers).is_some();
        if !is_here && !self.has_token(headers) {
            response.status_code(StatusCode::UNAUTHORIZED);
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
            response.render(Text::Plain(
                "The numbers are for this machine, and for who sends METRICS_TOKEN as a bearer token.\n",
            ));
            return;
        }
        match self.numbers.get().await.flatten() {
            Some(text) => {
                response.render(Text::Plain(text));
            }
            None => {
                response.status_code(StatusCode::SERVICE_UNAVAILABLE);
            }
        }
    }
}

async fn gather(pool: &PgPool) -> sqlx::Result<String> {
    let backlog = brain::db::backlog::now(pool).await?;
    let mut text = String::new();
    let mut gauge = |name: &str, help: &str, value: f64| {
        let _ = writeln!(text, "# HELP {name} {help}\n# TYPE {name} gauge\n{name} {value}");
    };
    #[expect(clippy::cast_precision_loss, reason = "counts of rows, far below 2^52")]
    let count = |n: i64| n as f64;
    gauge(
        "pykhbrain_updates_waiting",
        "Updates that are accepted and not answered yet.",
        count(backlog.updates),
    );
    gauge("pykhbrain_updates_oldest_seconds", "How long the oldest of them waits.", backlog.oldest_seconds);
    gauge("pykhbrain_messages_unsent", "Messages that wait to be sent.", count(backlog.unsent));
    gauge("pykhbrain_jobs_waiting", "Jobs that wait or run.", count(backlog.jobs));
    gauge("pykhbrain_jobs_failed", "Jobs that failed for good.", count(backlog.failed_jobs));
    if let Some(seconds) = migrate::readiness(pool).await?.silence {
        gauge("pykhbrain_worker_heartbeat_seconds", "Time since a worker was last heard of.", seconds);
    }
    Ok(text)
}
