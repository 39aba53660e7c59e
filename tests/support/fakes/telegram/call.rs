//! The way of a call from the connection to its answer, and what is kept of it.

use std::time::Instant;

use hyper::header::CONTENT_TYPE;
use serde_json::json;
use telegram_sandbox::{error::ApiError, form::Form};

use super::{
    super::http::{Answer, Reply, Request},
    Exchange, Incoming,
    fault::Fault,
};

/// One call of a method, whatever came of it.
#[derive(Clone, Debug)]
pub struct Call {
    /// The method's name in lower case: Telegram does not mind the case.
    pub method: String,
    /// Its parameters, whichever way they were encoded.
    pub form: Form,
    /// When it came in.
    pub at: Instant,
    /// Whether Telegram did it. The client may still not know, where its connection was cut.
    pub done: bool,
}

impl Call {
    /// Whether it is one of the named method, in any case.
    pub fn is_of(&self, method: &str) -> bool {
        self.method.eq_ignore_ascii_case(method)
    }

    /// Whether it shows "typing" in the chat.
    pub fn is_typing_in(&self, chat_id: i64) -> bool {
        self.is_of("sendChatAction")
            && self.form.integer("chat_id") == Some(chat_id)
            && self.form.text("action") == Some("typing")
    }
}

impl Exchange {
    /// Answers a request, or does to it what the script says.
    pub(super) async fn answer(&self, request: &Request) -> Reply {
        match self.called(request).await {
            Ok(reply) => reply,
            Err(error) => Reply::Whole(refusal(&error)),
        }
    }

    async fn called(&self, request: &Request) -> Result<Reply, ApiError> {
        let (bot_id, method) = address(request.uri().path()).ok_or_else(ApiError::not_found)?;
        let form = read(request).ok_or_else(|| ApiError::bad_request("can't parse the request's body"))?;
        let call = Call { method: method.clone(), form: form.clone(), at: Instant::now(), done: false };
        let place = self.calls.push(|_| call);

        let fault = self.next_fault(&method, &form);
        match &fault {
            Some(Fault::Hang) => std::future::pending().await,
            Some(Fault::CutBeforeAccept) => return Ok(Reply::Cut),
            Some(Fault::Delay(time)) => tokio::time::sleep(*time).await,
            Some(fault) => fault.refusal().map_or(Ok(()), Err)?,
            None => {}
        }
        let result = self.perform(bot_id, &method, &form).await?;
        self.calls.change(|calls| calls[place].done = true);
        match fault {
            Some(Fault::CutAfterAccept) => return Ok(Reply::Cut),
            Some(Fault::AnswerLate(time)) => tokio::time::sleep(time).await,
            _ => {}
        }
        Ok(Reply::Whole(Answer::json(200, &json!({ "ok": true, "result": result }))))
    }

    fn next_fault(&self, method: &str, form: &Form) -> Option<Fault> {
        let message =
            if matches!(method, "sendmessage" | "senddocument") { Incoming::read(form) } else { None };
        let mut script = self.script.lock().expect("script");
        let scripted = script.take(method, message.as_ref());
        let decide = script.decision();
        drop(script);
        scripted.or_else(|| decide(message.as_ref()?))
    }
}

fn read(request: &Request) -> Option<Form> {
    let kind = request.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
    Form::read(request.uri().query().unwrap_or_default(), kind, request.body())
}

/// A 429 carries its seconds in the header, too.
fn refusal(error: &ApiError) -> Answer {
    let answer = Answer::json(error.code(), &error.body());
    match error.retry_after() {
        Some(seconds) => answer.retry_after(seconds),
        None => answer,
    }
}

/// The bot's id, which is the token's first half, and the method in lower case.
fn address(path: &str) -> Option<(i64, String)> {
    let (token, method) = path.strip_prefix("/bot")?.split_once('/')?;
    let (bot_id, secret) = token.split_once(':')?;
    Some((bot_id.parse().ok().filter(|_| !secret.is_empty())?, method.to_ascii_lowercase()))
}
