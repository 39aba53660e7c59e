//! `/auth/confirm`: the page behind a link. Opening it uses nothing, because mail programs open links before people do; its button does.

use std::{sync::Arc, time::Duration};

use askama::Template;
use brain::{
    db::{
        account_summary::AccountSummary,
        api::Identity,
        invitations::Invitation,
        sign_in::{self, Browser, Code, LinkState, Outcome, Peeked, Proof, Registering, SignedIn},
        web_sessions::{SealedTokens, Session},
    },
    sign_in as rules,
    texts::joining,
};
use salvo::{
    http::{StatusCode, header::USER_AGENT},
    prelude::*,
};
use sqlx::types::Uuid;

use super::{
    login::slow_down,
    page::{Message, go_to, render, sent, unavailable},
};
use crate::{
    auth::{Form, Origin, Unavailable, Visitor, keep_session},
    site::Site,
};

/// How long a database that did not answer is left alone.
const AGAIN_IN: Duration = Duration::from_millis(500);

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
    is_group: bool,
    registration: Uuid,
    code: &'a str,
    accounts: &'a [AccountSummary],
    invitations: &'a [Invitation],
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
    // Another service's link is not looked into before it is used.
    let is_foreign = site.supabase.is_some() && peeked.link == LinkState::Unknown && !link.token.is_empty();
    if peeked.link != LinkState::Good && !is_foreign {
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
        let Some((visitor, form)) = sent(&self.0, request, response).await else { return };
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
    let (origin, now, code) = (Origin::of(request), site.clock.now(), form.text("code"));
    // Who is signed in is not kept from anything by others of their network; nor is who holds a link of ours that is good, which nobody
    // guesses.
    let asker = match &visitor.session {
        Some(session) if link.token.is_empty() => format!("session:{}", session.id),
        _ => site.origin_key(&origin.network()),
    };
    if let Some(until) = sign_in::count_try(&site.pool, &asker, now).await?
        && sign_in::peek(&site.pool, &link.token, None, now).await?.link != LinkState::Good
    {
        let text = slow_down(until - now);
        Message { title: "Too many tries", text: &text, next: None }
            .send(response, StatusCode::TOO_MANY_REQUESTS);
        return Ok(());
    }
    // Who signs in gets a new secret, whatever the browser had before.
    let secret = rules::new_secret();
    let proof = match prove(site, &visitor, &link, code, &secret).await? {
        Ok(proof) => proof,
        Err(outcome) => {
            return answer(site, visitor, &link, code, &SignedIn::without(outcome), request, response).await;
        }
    };
    let (identity, tokens) = match &proof {
        Proven::Token => (None, None),
        Proven::Session(identity) => (Some(identity), None),
        Proven::Elsewhere(identity, tokens) => (Some(identity), Some(tokens)),
    };
    let browser = Browser {
        secret: (!matches!(proof, Proven::Session(_))).then_some(secret.as_str()),
        agent: request.headers().get(USER_AGENT).and_then(|agent| agent.to_str().ok()).unwrap_or_default(),
        origin: &origin.text(),
        tokens,
    };
    let registering = Registering { registration: link.registration, code, account: form.number("account") };
    let proof = identity.map_or(Proof::Token(&link.token), Proof::Known);
    let signing_in = || sign_in::sign_in(&site.pool, &site.prover, &proof, &registering, &browser, now);
    let mut done = signing_in().await;
    // Another service's link is used up by now: what is only a moment's trouble should not cost a new one.
    for _ in 0..if tokens.is_some() { 2 } else { 0 } {
        if done.is_err() {
            tokio::time::sleep(AGAIN_IN).await;
            done = signing_in().await;
        }
    }
    let done = match done {
        Ok(done) => done,
        Err(error) if tokens.is_some() => {
            tracing::warn!(%error, "somebody could not be signed in after their link was taken");
            let text = "Our database did not answer, and the link is used now. Nothing else has happened: please ask for a new link in a moment.";
            Message { title: "Not right now", text, next: Some(("/login", "Get a new one")) }
                .send(response, StatusCode::SERVICE_UNAVAILABLE);
            return Ok(());
        }
        Err(error) => return Err(error.into()),
    };
    let visitor = match (done.session, &done.email) {
        (Some(id), Some(email)) => {
            keep_session(site, response.headers_mut(), &secret);
            let user = identity.and_then(|identity| identity.user);
            Visitor::signed_in(Session { id, email: email.clone(), user }, secret.clone())
        }
        _ => visitor,
    };
    answer(site, visitor, &link, code, &done, request, response).await
}

/// What a browser has brought.
enum Proven {
    /// The secret of a link of ours, which is looked at in the database.
    Token,
    /// Its session.
    Session(Identity),
    /// Another service's link, used up, and what it gave for the session.
    Elsewhere(Identity, SealedTokens),
}

/// Another service's link is used up here, and so a code is tried before it; `Err` is how that ended.
async fn prove(
    site: &Site,
    visitor: &Visitor,
    link: &Link,
    code: &str,
    secret: &str,
) -> Result<Result<Proven, Outcome>, Unavailable> {
    if let (Some(session), true) = (&visitor.session, link.token.is_empty()) {
        return Ok(Ok(Proven::Session(session.identity())));
    }
    let Some(supabase) = &site.supabase else { return Ok(Ok(Proven::Token)) };
    if let Some(registration) = link.registration {
        match sign_in::try_code(&site.pool, &site.prover, registration, code, site.clock.now()).await? {
            Code::Right => {}
            Code::Wrong => return Ok(Err(Outcome::WrongCode)),
            Code::Closed => return Ok(Err(Outcome::Closed)),
            Code::Late => return Ok(Err(Outcome::BadLink)),
        }
    }
    Ok(match supabase.take(&link.token, &link.kind).await? {
        Some(proved) => {
            let tokens = supabase.sealed(&proved, secret);
            Ok(Proven::Elsewhere(proved.identity, tokens))
        }
        None => Err(Outcome::BadLink),
    })
}

async fn answer(
    site: &Site,
    visitor: Visitor,
    link: &Link,
    code: &str,
    done: &SignedIn,
    request: &Request,
    response: &mut Response,
) -> Result<(), Unavailable> {
    match (done.outcome, link.registration) {
        (Outcome::WrongCode, _) => {
            let problem = "That is not the code. It is the four digits that the bot has shown in the chat where you asked.";
            show(site, link, Some(problem), request, response).await?;
        }
        (Outcome::Choose, Some(registration)) => {
            let accounts = done.accounts.as_deref().unwrap_or_default();
            let chat = done.chat.as_deref().unwrap_or_default();
            let invitations = done.invitations.as_deref().unwrap_or_default();
            let is_group = done.is_group.unwrap_or_default();
            let form = visitor.form_token(site);
            let page = Choose { form, chat, is_group, registration, code, accounts, invitations };
            render(response, StatusCode::OK, &page);
        }
        _ => ended(done, visitor.session.is_some(), response),
    }
    Ok(())
}

/// Where it leads when there is nothing more to ask.
fn ended(done: &SignedIn, is_signed_in: bool, response: &mut Response) {
    let account = done.account.map(|account| format!("&account={account}")).unwrap_or_default();
    let next = is_signed_in.then_some(("/account", "Go to the account"));
    let mut say = |status, title, text: &str, next| Message { title, text, next }.send(response, status);
    match done.outcome {
        Outcome::SignedIn => go_to(response, "/account"),
        Outcome::Permanent => go_to(response, &format!("/account?done=permanent{account}")),
        Outcome::Joined => go_to(response, &format!("/account?done=joined{account}")),
        Outcome::Already => go_to(response, &format!("/account?done=already{account}")),
        Outcome::Elsewhere => {
            let text = "This chat belongs to another permanent account already: somebody has registered it before you. An administrator of that account can unlink it on the dashboard, or invite you; if you are invited, accept that first.";
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
            let text = "This address is in no account, and no invitation waits for it. Ask an administrator of the account to invite you again, or give /register in a chat with the bot.";
            say(StatusCode::FORBIDDEN, "No account", text, None);
        }
        Outcome::Late | Outcome::BadLink | Outcome::Choose | Outcome::WrongCode => {
            dead_link(response, is_signed_in);
        }
    }
}
