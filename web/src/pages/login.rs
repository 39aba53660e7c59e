//! `/login`: an address is typed, a link is sent. Whether anybody knows the address shows in no answer and in no time.

use std::sync::Arc;

use askama::Template;
use brain::{db::sign_in, sign_in as rules};
use salvo::{http::StatusCode, prelude::*};

use super::page::{Message, go_to, render, sent, unavailable};
use crate::{
    auth::{Origin, Visitor},
    site::Site,
};

#[derive(Template)]
#[template(path = "login.html")]
struct Login<'a> {
    form: String,
    email: &'a str,
    problem: Option<String>,
}

/// `GET /login`.
pub(super) struct Show(pub(super) Arc<Site>);

#[handler]
impl Show {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        match Visitor::of(&self.0, request, response).await {
            Ok(visitor) if visitor.session.is_some() => go_to(response, "/account"),
            Ok(visitor) => {
                let page = Login { form: visitor.form_token(&self.0), email: "", problem: None };
                render(response, StatusCode::OK, &page);
            }
            Err(error) => unavailable(response, error),
        }
    }
}

/// `POST /login`.
pub(super) struct Send(pub(super) Arc<Site>);

#[handler]
impl Send {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let site = &self.0;
        let Some((visitor, form)) = sent(site, request, response).await else { return };
        let typed = form.text("email");
        let again =
            |problem: String| Login { form: visitor.form_token(site), email: typed, problem: Some(problem) };
        let Some(email) = rules::address(typed) else {
            let page = again("That is no mail address. It should look like you@example.com.".into());
            return render(response, StatusCode::UNPROCESSABLE_ENTITY, &page);
        };
        let (now, key) = (site.clock.now(), site.origin_key(&Origin::of(request).network()));
        match sign_in::ask_for_link(&site.pool, &site.prover, &email, &key, now).await {
            Ok(None) => {
                let text = "If this address is in an account or invited into one, a link is on its way to it. It works once, within 15 minutes. If you have asked several times in this quarter of an hour, the newest mail that has come is the one to open; look in the spam folder too.";
                Message { title: "Look into your mail", text, next: None }.send(response, StatusCode::OK);
            }
            Ok(Some(until)) => {
                render(response, StatusCode::TOO_MANY_REQUESTS, &again(slow_down(until - now)));
            }
            Err(error) => unavailable(response, error.into()),
        }
    }
}

/// What somebody reads after too many tries.
pub(super) fn slow_down(wait: chrono::Duration) -> String {
    let minutes = wait.num_seconds().max(1).cast_unsigned().div_ceil(60);
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!("Too many tries from your network. Please try again in {minutes} {unit}.")
}
