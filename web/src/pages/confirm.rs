//! `/auth/confirm`: the page behind a link. Opening it uses nothing, because mail programs open links before people do; its button does.

use std::sync::Arc;

use askama::Template;
use brain::{
    db::sign_in::{
        self, Account, Browser, LinkState, Outcome, Peeked, Proof, Registering, Session, SignedIn,
    },
    sign_in as rules,
};
use salvo::{
    http::{StatusCode, header::USER_AGENT},
    prelude::*,
};
use sqlx::types::Uuid;

use super::{
    login::slow_down,
    page::{Message, go_to, refused, render, unavailable},
};
use crate::{
    auth::{Form, Origin, Unavailable, Visitor, keep_session},
    site::Site,
};

/// What is in a link's address.
struct Link {
    token: String,
    kind: String,
    registration: Option<Uuid>,
}

impl Link {
    fn registration_text(&self) -> String {
        self.registration.map(|registration| registration.to_string()).unwrap_or_default()
    }
}

#[derive(Template)]
#[template(path = "confirm.html")]
struct Page<'a> {
    form: String,
    link: &'a Link,
    chat: Option<Chat>,
    email: Option<String>,
    problem: Option<&'a str>,
}

/// The chat that is to be registered, in words.
struct Chat {
    kind: &'static str,
    name: String,
}

#[derive(Template)]
#[template(path = "choose.html")]
struct Choose<'a> {
    form: String,
    chat: &'a str,
    registration: Uuid,
    code: &'a str,
    accounts: &'a [Account],
}

/// `GET /auth/confirm`.
pub(super) struct Show(pub(super) Arc<Site>);

#[handler]
impl Show {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let field = |name| request.query::<String>(name).unwrap_or_default();
        let link =
            Link { token: field("token_hash"), kind: field("type"), registration: field("r").parse().ok() };
        if let Err(error) = show(&self.0, &link, None, request, response).await {
            unavailable(response, error);
        }
    }
}

async fn show(
    site: &Site,
    link: &Link,
    problem: Option<&str>,
    request: &Request,
    response: &mut Response,
) -> Result<(), Unavailable> {
    let visitor = Visitor::of(site, request, response).await?;
    let peeked = sign_in::peek(&site.pool, &link.token, link.registration, site.clock.now()).await?;
    if peeked.link != LinkState::Good {
        dead_link(response, visitor.session.is_some());
        return Ok(());
    }
    let status = if problem.is_some() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let form = visitor.form_token(site);
    let page = Page { form, link, problem, email: peeked.email.clone(), chat: chat(peeked) };
    render(response, status, &page);
    Ok(())
}

fn chat(peeked: Peeked) -> Option<Chat> {
    let kind = if peeked.kind.as_deref() == Some("private") { "the private chat of" } else { "the group" };
    peeked.needs_code.then(|| Chat { kind, name: peeked.chat.unwrap_or_default() })
}

fn dead_link(response: &mut Response, is_signed_in: bool) {
    let text = "This link was used, or it is older than 15 minutes. A link works once.";
    let next = if is_signed_in { ("/account", "Go to the account") } else { ("/login", "Get a new one") };
    Message { title: "This link is over", text, next: Some(next) }.send(response, StatusCode::GONE);
}

/// `POST /auth/confirm`: with a link's secret, or signed in and with the choice of an account.
pub(super) struct Confirm(pub(super) Arc<Site>);

#[handler]
impl Confirm {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let visitor = match Visitor::of(&self.0, request, response).await {
            Ok(visitor) => visitor,
            Err(error) => return unavailable(response, error),
        };
        let form = match Form::read(&self.0, request, &visitor).await {
            Ok(form) => form,
            Err(reason) => return refused(response, reason),
        };
        if let Err(error) = confirm(&self.0, visitor, &form, request, response).await {
            unavailable(response, error);
        }
    }
}

async fn confirm(
    site: &Site,
    visitor: Visitor,
    form: &Form,
    request: &Request,
    response: &mut Response,
) -> Result<(), Unavailable> {
    let link = Link {
        token: form.text("token_hash").to_owned(),
        kind: form.text("type").to_owned(),
        registration: form.text("r").parse().ok(),
    };
    let known = visitor.session.as_ref().filter(|_| link.token.is_empty()).map(Session::identity);
    let proof = known.as_ref().map_or(Proof::Token(&link.token), Proof::Known);
    // Who signs in gets a new secret, whatever the browser had before.
    let secret = rules::new_secret();
    let origin = Origin::of(request);
    let browser = Browser {
        secret: known.is_none().then_some(secret.as_str()),
        agent: request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
        origin: &origin.text(),
        origin_key: &site.origin_key(&origin.network()),
    };
    let code = form.text("code");
    let registering = Registering { registration: link.registration, code, account: form.number("account") };
    let now = site.clock.now();
    let done = sign_in::sign_in(&site.pool, &site.prover, &proof, &registering, &browser, now).await?;
    let visitor = match (done.session, &done.email) {
        (Some(id), Some(email)) => {
            keep_session(site, response.headers_mut(), &secret);
            let user = known.and_then(|identity| identity.user);
            Visitor::signed_in(Session { id, email: email.clone(), user }, secret)
        }
        _ => visitor,
    };
    match (done.outcome, link.registration) {
        (Outcome::WrongCode, _) => {
            let problem = "That is not the code. It is the four digits that the bot has shown in the chat where you asked.";
            show(site, &link, Some(problem), request, response).await?;
        }
        (Outcome::Choose, Some(registration)) => {
            let accounts = done.accounts.as_deref().unwrap_or_default();
            let chat = done.chat.as_deref().unwrap_or_default();
            let page = Choose { form: visitor.form_token(site), chat, registration, code, accounts };
            render(response, StatusCode::OK, &page);
        }
        _ => ended(&done, now, visitor.session.is_some(), response),
    }
    Ok(())
}

/// Where it leads when there is nothing more to ask.
fn ended(done: &SignedIn, now: chrono::DateTime<chrono::Utc>, is_signed_in: bool, response: &mut Response) {
    let next = is_signed_in.then_some(("/account", "Go to the account"));
    let mut say = |status, title, text: &str, next| Message { title, text, next }.send(response, status);
    match done.outcome {
        Outcome::SignedIn => go_to(response, "/account"),
        Outcome::Permanent => go_to(response, "/account?done=permanent"),
        Outcome::Joined => go_to(response, "/account?done=joined"),
        Outcome::Already => go_to(response, "/account?done=already"),
        Outcome::Elsewhere => {
            let text = "This chat belongs to another permanent account already: somebody has registered it before you. They can unlink it there, or invite you.";
            say(StatusCode::CONFLICT, "The chat is taken", text, next);
        }
        Outcome::Gone => {
            let text = "The chat's temporary account has ended, and what was kept of it is deleted. Write in the chat again to start anew, then give /register there.";
            say(StatusCode::GONE, "Too late for this chat", text, next);
        }
        Outcome::Closed => {
            let text = "Five wrong codes were typed, so this link does not work any more. Give /register in the chat again for a new one.";
            say(StatusCode::FORBIDDEN, "This link is closed", text, None);
        }
        Outcome::Nobody => {
            let text = "This address is in no account any more. Ask an administrator of the account to invite you again, or give /register in a chat with the bot.";
            say(StatusCode::FORBIDDEN, "No account", text, None);
        }
        Outcome::SlowDown => {
            let wait = done.until.map_or(chrono::Duration::minutes(10), |until| until - now);
            say(StatusCode::TOO_MANY_REQUESTS, "Too many tries", &slow_down(wait), None);
        }
        Outcome::Late | Outcome::BadLink | Outcome::Choose | Outcome::WrongCode => {
            dead_link(response, is_signed_in);
        }
    }
}
