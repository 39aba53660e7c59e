//! `/healthz` (the process lives), `/readyz` (it can do its work) and `/metrics` (Prometheus).

use std::fmt::Write as _;

use brain::db::migrate::{self, Readiness};
use salvo::{http::StatusCode, prelude::*};
use serde_json::json;
use sqlx::PgPool;

/// A worker that has been silent for longer is thought dead.
const SILENCE: f64 = 30.0;

/// `/healthz`.
#[handler]
pub(crate) async fn alive(response: &mut Response) {
    response.render("ok\n");
}

/// `/readyz`: 200, or 503 with the reasons.
pub(crate) struct Ready(pub(crate) PgPool);

#[handler]
impl Ready {
    async fn handle(&self, response: &mut Response) {
        let problems = problems(&self.0).await;
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

/// `/metrics`: what waits, and whether anybody works on it.
pub(crate) struct Metrics(pub(crate) PgPool);

#[handler]
impl Metrics {
    async fn handle(&self, response: &mut Response) {
        match gather(&self.0).await {
            Ok(text) => {
                response.render(Text::Plain(text));
            }
            Err(_) => {
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
