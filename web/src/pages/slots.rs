//! How many pages are made at the same time: fewer than the database has connections for, so that one is always left for the webhook.

use std::time::Duration;

use salvo::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    prelude::*,
};
use sqlx::PgPool;
use tokio::sync::Semaphore;

use super::page::{Message, not_read};
use crate::{auth::MAX_FORM, body};

/// How long a page waits for its slot. Longer than that, nobody waits for a page.
const PATIENCE: Duration = Duration::from_secs(3);
const RETRY_IN: HeaderValue = HeaderValue::from_static("5");

/// Every page that asks the database passes here.
pub(super) struct Slots(Semaphore);

impl Slots {
    pub(super) fn beside_the_webhook(pool: &PgPool) -> Self {
        let connections = pool.options().get_max_connections();
        Self(Semaphore::new(usize::try_from(connections.saturating_sub(1).max(1)).unwrap_or(1)))
    }
}

#[async_trait]
impl Handler for Slots {
    async fn handle(
        &self,
        request: &mut Request,
        depot: &mut Depot,
        response: &mut Response,
        ctrl: &mut FlowCtrl,
    ) {
        // First all of the form: nobody holds a slot while they make us wait.
        if let Err(status) = body::read(request, MAX_FORM).await {
            not_read(response, status);
            return ctrl.skip_rest();
        }
        let Ok(Ok(_slot)) = tokio::time::timeout(PATIENCE, self.0.acquire()).await else {
            let text = "So many people want a page right now that yours has to wait. Nothing has happened; please try again in a moment.";
            Message { title: "Not right now", text, next: None }
                .send(response, StatusCode::SERVICE_UNAVAILABLE);
            response.headers_mut().insert(RETRY_AFTER, RETRY_IN);
            return ctrl.skip_rest();
        };
        ctrl.call_next(request, depot, response).await;
    }
}
