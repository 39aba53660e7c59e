//! A client of the Bot API. Method payloads and error wordings are teloxide's; the transport is ours, because teloxide's own
//! sleeps ten seconds on a 5xx and loses a message that was accepted when the answer lacks a field.

use std::time::{Duration, Instant};

use reqwest::multipart;
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use teloxide::{
    payloads,
    requests::Payload,
    types::{self, InlineKeyboardButton, InlineKeyboardMarkup, ParseMode, Recipient, ReplyMarkup},
};

use super::TelegramError;
use crate::{
    config::TelegramConfig,
    ids::{ChatId, Conversation},
    ports::{
        http,
        reason::{Reason, Sent},
    },
    reply::Keyboard,
    telegram::BotIdentity,
};

/// The longest that a call other than sending may take.
const CALL_TIMEOUT: Duration = Duration::from_secs(10);
/// The longest that sending a file may take: 50 MB at four megabits a second.
const UPLOAD_TIMEOUT: Duration = Duration::from_secs(100);

/// A client for one bot.
#[derive(Clone)]
pub struct Telegram {
    http: reqwest::Client,
    base: SecretString,
}

/// What Telegram knows of the webhook.
#[derive(Clone, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(default)]
pub struct WebhookInfo {
    /// Where updates go; empty: nowhere.
    pub url: String,
    /// Updates that wait at Telegram.
    pub pending_update_count: i64,
    /// Why the last delivery failed.
    pub last_error_message: Option<Reason>,
}

impl Telegram {
    /// A client for the configured bot.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(config: &TelegramConfig) -> Result<Self, reqwest::Error> {
        let http = http::client(&config.api_url)?;
        let base = SecretString::from(format!("{}/bot{}", config.api_url, config.token.expose_secret()));
        Ok(Self { http, base })
    }

    /// Who the bot is.
    ///
    /// # Errors
    /// When Telegram does not answer or does not know the token.
    pub async fn get_me(&self) -> Result<BotIdentity, TelegramError> {
        #[derive(Deserialize)]
        struct Me {
            id: i64,
            #[serde(default)]
            username: String,
        }
        let me: Me = self.call_as("GetMe", &json!({}), CALL_TIMEOUT).await?;
        Ok(BotIdentity { id: me.id, username: me.username })
    }

    /// Sends a text, as HTML or plain, with keys under it, and returns the message's id where Telegram names it. The request is not begun after
    /// `deadline` and not waited for beyond it, however long this process was asleep in between.
    ///
    /// # Errors
    /// When Telegram refused, or nobody knows whether it has the message.
    pub async fn send(
        &self,
        to: Conversation,
        text: &str,
        is_html: bool,
        reply_to: Option<i64>,
        keyboard: Option<&Keyboard>,
        deadline: Instant,
    ) -> Result<Option<i64>, TelegramError> {
        let mut payload = payloads::SendMessage::new(Recipient::Id(types::ChatId(to.chat.0)), text);
        payload.parse_mode = is_html.then_some(ParseMode::Html);
        payload.message_thread_id = i32::try_from(to.thread.0)
            .ok()
            .filter(|thread| *thread != 0)
            .map(|thread| types::ThreadId(types::MessageId(thread)));
        payload.reply_parameters = reply_to
            .and_then(|id| i32::try_from(id).ok())
            .map(|id| types::ReplyParameters::new(types::MessageId(id)).allow_sending_without_reply());
        payload.reply_markup = keyboard.map(inline_keyboard);
        let left = deadline.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(TelegramError::Unavailable("no time was left to send".into()));
        }
        let call = self.call(payloads::SendMessage::NAME, &payload, left);
        let message = while_it_may(|| Instant::now() < deadline, call).await?;
        Ok(message["message_id"].as_i64())
    }

    /// Sends a file with a caption (plain, at most 1,024 characters) and returns the message's id where Telegram names it. Takes
    /// as long as it takes, but each step of it only while it `may`.
    ///
    /// # Errors
    /// When Telegram refused, or nobody knows whether it has the file.
    pub async fn send_document(
        &self,
        to: Conversation,
        name: String,
        bytes: Vec<u8>,
        caption: String,
        may: impl Fn() -> bool,
    ) -> Result<Option<i64>, TelegramError> {
        let sent = Sent::default().and(name.as_str()).and(caption.as_str());
        let mut form = multipart::Form::new()
            .text("chat_id", to.chat.to_string())
            .text("caption", caption)
            .part("document", multipart::Part::bytes(bytes).file_name(name));
        if to.thread.0 != 0 {
            form = form.text("message_thread_id", to.thread.to_string());
        }
        let request = self.post("SendDocument").multipart(form).timeout(UPLOAD_TIMEOUT);
        let message: Value = while_it_may(may, answer_to(request, sent)).await?;
        Ok(message["message_id"].as_i64())
    }

    /// Ends the waiting of a pressed key, with a few words (at most 200 characters) where there are any.
    ///
    /// # Errors
    /// When Telegram refused, mostly because the press was too long ago; nobody needs to mind.
    pub async fn answer_callback_query(&self, id: &str, text: Option<&str>) -> Result<(), TelegramError> {
        let mut params = json!({"callback_query_id": id});
        if let Some(text) = text {
            params["text"] = json!(text);
        }
        self.call("AnswerCallbackQuery", &params, CALL_TIMEOUT).await.map(drop)
    }

    /// Takes the keys away from under a message of ours.
    ///
    /// # Errors
    /// When Telegram refused, mostly because they are gone; nobody needs to mind.
    pub async fn edit_message_reply_markup(
        &self,
        chat: ChatId,
        message_id: i64,
    ) -> Result<(), TelegramError> {
        let params = json!({"chat_id": chat, "message_id": message_id});
        self.call("EditMessageReplyMarkup", &params, CALL_TIMEOUT).await.map(drop)
    }

    /// Shows "typing" for a few seconds.
    ///
    /// # Errors
    /// When Telegram refused; nobody needs to mind.
    pub async fn send_typing(&self, to: Conversation) -> Result<(), TelegramError> {
        let mut params = json!({"chat_id": to.chat, "action": "typing"});
        if to.thread.0 != 0 {
            params["message_thread_id"] = json!(to.thread);
        }
        self.call("SendChatAction", &params, CALL_TIMEOUT).await.map(drop)
    }

    /// Whether the person administers the chat.
    ///
    /// # Errors
    /// When Telegram does not say.
    pub async fn is_administrator(&self, chat: ChatId, person: i64) -> Result<bool, TelegramError> {
        let member =
            self.call("GetChatMember", &json!({"chat_id": chat, "user_id": person}), CALL_TIMEOUT).await?;
        Ok(matches!(member["status"].as_str(), Some("creator" | "administrator")))
    }

    /// Registers the commands that clients offer, for private chats or for groups: name and description.
    ///
    /// # Errors
    /// When Telegram refused.
    pub async fn set_commands(&self, groups: bool, commands: &[(&str, &str)]) -> Result<(), TelegramError> {
        let scope = if groups { "all_group_chats" } else { "all_private_chats" };
        let commands: Vec<Value> = commands
            .iter()
            .map(|(command, description)| json!({"command": command, "description": description}))
            .collect();
        let params = json!({"commands": commands, "scope": {"type": scope}});
        self.call("SetMyCommands", &params, CALL_TIMEOUT).await.map(drop)
    }

    /// Has updates delivered to `url`, with `secret` in their header.
    ///
    /// # Errors
    /// When Telegram refused.
    pub async fn set_webhook(&self, url: &str, secret: &SecretString) -> Result<(), TelegramError> {
        let params = json!({
            "url": url,
            "secret_token": secret.expose_secret(),
            "allowed_updates": ALLOWED_UPDATES,
            "max_connections": 40,
        });
        self.call("SetWebhook", &params, CALL_TIMEOUT).await.map(drop)
    }

    /// Has updates delivered nowhere; they wait at Telegram.
    ///
    /// # Errors
    /// When Telegram refused.
    pub async fn delete_webhook(&self) -> Result<(), TelegramError> {
        self.call("DeleteWebhook", &json!({}), CALL_TIMEOUT).await.map(drop)
    }

    /// What Telegram knows of the webhook.
    ///
    /// # Errors
    /// When Telegram does not answer.
    pub async fn webhook_info(&self) -> Result<WebhookInfo, TelegramError> {
        self.call_as("GetWebhookInfo", &json!({}), CALL_TIMEOUT).await
    }

    /// Waits up to `wait` for updates from `offset` on. Each comes as Telegram wrote it.
    ///
    /// # Errors
    /// When Telegram does not answer, or a webhook is set.
    pub async fn get_updates(
        &self,
        offset: i64,
        wait: Duration,
    ) -> Result<Vec<Box<serde_json::value::RawValue>>, TelegramError> {
        let params = json!({"offset": offset, "timeout": wait.as_secs(), "allowed_updates": ALLOWED_UPDATES});
        self.call_as("GetUpdates", &params, wait + CALL_TIMEOUT).await
    }

    async fn call(
        &self,
        method: &str,
        params: &impl Serialize,
        timeout: Duration,
    ) -> Result<Value, TelegramError> {
        self.call_as(method, params, timeout).await
    }

    async fn call_as<T: for<'de> Deserialize<'de>>(
        &self,
        method: &str,
        params: &impl Serialize,
        timeout: Duration,
    ) -> Result<T, TelegramError> {
        answer_to(self.post(method).json(params).timeout(timeout), Sent::default()).await
    }

    fn post(&self, method: &str) -> reqwest::RequestBuilder {
        self.http.post(format!("{}/{method}", self.base.expose_secret()))
    }
}

/// Sends the request and reads what Telegram says to it. `streamed`: what is sent with it as a stream.
async fn answer_to<T: for<'de> Deserialize<'de>>(
    request: reqwest::RequestBuilder,
    streamed: Sent,
) -> Result<T, TelegramError> {
    #[derive(Deserialize)]
    struct Answer<T> {
        result: T,
    }
    let (mut response, asked) = http::send(request).await.map_err(|error| unavailable(&error))?;
    let status = response.status();
    if !status.is_success() {
        let body = http::refusal(&mut response).await;
        return Err(TelegramError::from_refusal(status.as_u16(), &body, &asked.sent().and_all(streamed)));
    }
    let body = response.bytes().await.map_err(|error| unavailable(&error))?;
    serde_json::from_slice::<Answer<T>>(&body)
        .map(|answer| answer.result)
        .map_err(|_| TelegramError::Unavailable("the answer cannot be read".into()))
}

fn inline_keyboard(keyboard: &Keyboard) -> ReplyMarkup {
    let rows = keyboard.0.iter().map(|row| {
        row.iter().map(|key| InlineKeyboardButton::callback(key.text.as_str(), key.data.as_str()))
    });
    ReplyMarkup::InlineKeyboard(InlineKeyboardMarkup::new(rows))
}

/// The kinds of updates that we ask for.
const ALLOWED_UPDATES: [&str; 4] = ["message", "edited_message", "my_chat_member", "callback_query"];

/// Runs `call`, but asks before each step of it whether it may go on: a process that was stopped and goes on must not send
/// what another has sent meanwhile, and a timer alone is only looked at after the call had its step.
async fn while_it_may<T>(
    may: impl Fn() -> bool,
    call: impl Future<Output = Result<T, TelegramError>>,
) -> Result<T, TelegramError> {
    let mut call = std::pin::pin!(call);
    std::future::poll_fn(|cx| {
        if !may() {
            return std::task::Poll::Ready(Err(TelegramError::Unavailable(
                "the time to send ran out".into(),
            )));
        }
        call.as_mut().poll(cx)
    })
    .await
}

/// The error without its own words: they hold the address, and the address holds the token.
fn unavailable(error: &reqwest::Error) -> TelegramError {
    TelegramError::Unavailable(
        if error.is_timeout() {
            "timed out"
        } else if error.is_connect() {
            "no connection"
        } else {
            "the connection broke"
        }
        .into(),
    )
}
