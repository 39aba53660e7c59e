//! Every address that the web process answers.

use std::sync::Arc;

use salvo::prelude::*;
use tokio_util::sync::CancellationToken;

use crate::{
    auth::NotMade,
    health::{Metrics, Ready, alive},
    pages,
    server::App,
    site::Site,
    webhook::Webhook,
};

/// The routes of `app`. Streams end with `stopping`.
///
/// # Errors
/// When what the pages need cannot be made.
pub(crate) fn routes(app: App, stopping: CancellationToken) -> Result<Router, NotMade> {
    let pool = app.pool.clone();
    let site = Arc::new(Site::new(pool.clone(), app.site)?);
    let playground = app.playground.map(|playground| playground.routes(pool, stopping));
    let routes = Router::new()
        .push(Router::with_path("healthz").get(alive))
        .push(Router::with_path("readyz").get(Ready(app.pool.clone())))
        .push(Router::with_path("metrics").get(Metrics(app.pool)))
        .push(
            Router::with_path("telegram/webhook").post(Webhook { telegram: app.telegram, inbox: app.inbox }),
        );
    let routes = routes.push(pages::routes(&site));
    Ok(match playground {
        Some(playground) => routes.push(playground),
        None => routes.push(pages::front()),
    })
}
