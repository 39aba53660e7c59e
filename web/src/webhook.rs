//! `POST /telegram/webhook`: an update comes in. It is verified, put on disk and acknowledged; everything else is a job.

use std::sync::Arc;

use brain::config::TelegramConfig;
use salvo::{
    http::{HeaderValue, StatusCode, header::RETRY_AFTER},
    prelude::*,
};

use crate::{
    body,
    connections::Peer,
    inbox::{Inbox, InboxError},
};

/// The header by which Telegram proves itself: <https://core.telegram.org/bots/api#setwebhook>.
const SECRET_HEADER: &str = "x-telegram-bot-api-secret-token";
/// Telegram's updates are a few kilobytes.
const MAX_BODY: usize = 1024 * 1024;
/// Seconds after which Telegram should try again.
const RETRY_IN: HeaderValue = HeaderValue::from_static("2");

/// The webhook of one bot.
pub(crate) struct Webhook {
    pub(crate) telegram: TelegramConfig,
    pub(crate) inbox: Inbox,
}

#[handler]
impl Webhook {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        response.status_code(self.take(request).await);
        if response.status_code == Some(StatusCode::SERVICE_UNAVAILABLE) {
            response.headers_mut().insert(RETRY_AFTER, RETRY_IN);
        }
        if response.status_code == Some(StatusCode::OK) {
            // salvo warns of an answer without a type, which would be a line for every update.
            response.render("");
        }
    }
}

impl Webhook {
    async fn take(&self, request: &mut Request) -> StatusCode {
        let secret = request.headers().get(SECRET_HEADER).map_or(&b""[..], |value| value.as_bytes());
        if !self.telegram.is_webhook_secret(secret) {
            return StatusCode::UNAUTHORIZED;
        }
        // Before anything of the body is waited for: from here on nobody else's connection takes its place.
        if let Some(peer) = request.extensions().get::<Arc<Peer>>() {
            peer.has_the_secret();
        }
        let body = match body::read(request, MAX_BODY).await {
            Ok(body) => body,
            Err(status) => return status,
        };
        match self.inbox.accept(body).await {
            Ok(accepted) => {
                tracing::debug!(?accepted, "update");
                StatusCode::OK
            }
            Err(InboxError::NotAnUpdate) => StatusCode::BAD_REQUEST,
            Err(InboxError::Unavailable(error)) => {
                tracing::warn!(error = %error, "an update could not be kept; Telegram will bring it again");
                StatusCode::SERVICE_UNAVAILABLE
            }
        }
    }
}
