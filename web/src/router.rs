//! Every address that the web process answers.

use salvo::prelude::*;

use crate::{
    health::{Metrics, Ready, alive},
    server::App,
    webhook::Webhook,
};

/// The routes of `app`.
pub(crate) fn routes(app: App) -> Router {
    Router::new()
        .push(Router::with_path("healthz").get(alive))
        .push(Router::with_path("readyz").get(Ready(app.pool.clone())))
        .push(Router::with_path("metrics").get(Metrics(app.pool)))
        .push(Router::with_path("telegram/webhook").post(Webhook { telegram: app.telegram, inbox: app.inbox }))
}
