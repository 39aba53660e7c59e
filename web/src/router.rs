//! Every address that the web process answers.

use std::sync::Arc;

use salvo::{
    http::{HeaderValue, header::STRICT_TRANSPORT_SECURITY},
    prelude::*,
};
use tokio_util::sync::CancellationToken;

use crate::{
    auth::NotMade,
    connections::Connections,
    health::{Metrics, Ready, alive},
    pages,
    server::App,
    site::Site,
    webhook::Webhook,
};

/// A year, for this host: a browser that was here once asks by https only.
const BY_HTTPS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What answers for `app`. Streams end with `stopping`.
///
/// # Errors
/// When what the pages need cannot be made.
pub(crate) fn service(
    app: App,
    connections: &Connections,
    stopping: CancellationToken,
) -> Result<Service, NotMade> {
    let metrics = Metrics::new(app.pool.clone(), app.site.metrics_token.clone());
    let site = Arc::new(Site::new(app.pool.clone(), app.site)?);
    let is_secure = site.is_secure();
    let pool = app.pool.clone();
    let playground = app.playground.map(|playground| playground.routes(pool, stopping));
    let routes = Router::new()
        .push(Router::with_path("healthz").get(alive))
        .push(Router::with_path("readyz").get(Ready::new(app.pool)))
        .push(Router::with_path("metrics").get(metrics))
        .push(
            Router::with_path("telegram/webhook").post(Webhook { telegram: app.telegram, inbox: app.inbox }),
        );
    let routes = routes.push(pages::routes(&site));
    let routes = match playground {
        Some(playground) => routes.push(playground),
        None => routes.push(pages::front()),
    };
    let service = Service::new(routes).hoop(connections.clone());
    Ok(if is_secure { service.hoop(by_https) } else { service })
}

#[handler]
fn by_https(response: &mut Response) {
    response.headers_mut().insert(STRICT_TRANSPORT_SECURITY, BY_HTTPS);
}
