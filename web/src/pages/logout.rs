//! `/logout`: a page with a button, so that no picture on somebody's page can sign anybody out; its button ends the session.

use std::sync::Arc;

use askama::Template;
use brain::db::web_sessions;
use salvo::{http::StatusCode, prelude::*};

use super::page::{Message, go_to, render, sent, unavailable};
use crate::{
    auth::{Visitor, forget_session},
    site::Site,
};

#[derive(Template)]
#[template(path = "logout.html")]
struct Page {
    form: String,
    email: String,
}

/// `GET /logout`.
pub(super) struct Show(pub(super) Arc<Site>);

#[handler]
impl Show {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        match Visitor::of(&self.0, request, response).await {
            Ok(visitor) => match &visitor.session {
                Some(session) => {
                    let page = Page { form: visitor.form_token(&self.0), email: session.email.clone() };
                    render(response, StatusCode::OK, &page);
                }
                None => go_to(response, "/login"),
            },
            Err(error) => unavailable(response, error),
        }
    }
}

/// `POST /logout`.
pub(super) struct End(pub(super) Arc<Site>);

#[handler]
impl End {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let site = &self.0;
        let Some((visitor, _)) = sent(site, request, response).await else { return };
        if visitor.session.is_some() {
            if let Some(supabase) = &site.supabase {
                supabase.end(&site.pool, &site.clock, visitor.secret()).await;
            }
            if let Err(error) = web_sessions::end(&site.pool, visitor.secret()).await {
                return unavailable(response, error.into());
            }
        }
        forget_session(site, response.headers_mut());
        let text = "You are signed out in this browser.";
        Message { title: "Signed out", text, next: Some(("/login", "Sign in again")) }
            .send(response, StatusCode::OK);
    }
}
