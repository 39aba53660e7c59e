//! `/invitations`: what the person was asked into. It gives nothing before the button here is pressed, which says what it would give to whom.

use std::sync::Arc;

use askama::Template;
use brain::{
    db::{
        api::{Api, ApiError, Function},
        invitations::Invitation,
    },
    texts::joining,
};
use salvo::{http::StatusCode, prelude::*};
use serde_json::json;

use super::{
    account::{call, day, read, signed_out},
    page::{Message, go_to, render, sent, unavailable},
};
use crate::{
    auth::{Origin, Unavailable, Visitor},
    site::Site,
};

#[derive(Template)]
#[template(path = "invitations.html")]
struct Page {
    form: String,
    email: String,
    invitations: Vec<Invitation>,
}

/// `GET /invitations`.
pub(super) struct Show(pub(super) Arc<Site>);

#[handler]
impl Show {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let visitor = match Visitor::of(&self.0, request, response).await {
            Ok(visitor) => visitor,
            Err(error) => return unavailable(response, error),
        };
        if let Err(error) = show(&self.0, &visitor, &Origin::of(request), response).await {
            unavailable(response, error);
        }
    }
}

async fn show(
    site: &Site,
    visitor: &Visitor,
    origin: &Origin,
    response: &mut Response,
) -> Result<(), Unavailable> {
    let Some(session) = &visitor.session else {
        go_to(response, "/login");
        return Ok(());
    };
    let Some(api) = site.api(session, visitor.secret(), &origin.text()).await? else {
        return signed_out(site, visitor, response).await;
    };
    let invitations: Vec<Invitation> = match api.call(Function::MyInvitations, json!({})).await {
        Err(ApiError::SignedOut) => return signed_out(site, visitor, response).await,
        answer => read(Function::MyInvitations, answer)?,
    };
    if invitations.is_empty() {
        return nothing_waits(&*api, response).await;
    }
    let page = Page { form: visitor.form_token(site), email: session.email.clone(), invitations };
    render(response, StatusCode::OK, &page);
    Ok(())
}

/// Who is in no account finds none on the account page either.
async fn nothing_waits(api: &dyn Api, response: &mut Response) -> Result<(), Unavailable> {
    let accounts: Vec<serde_json::Value> = call(api, Function::MyAccounts, json!({})).await?;
    let next = if accounts.is_empty() { ("/logout", "Sign out") } else { ("/account", "Go to the account") };
    let text =
        "No invitation waits for you. One that was declined, taken back or older than 14 days is gone.";
    Message { title: "No invitations", text, next: Some(next) }.send(response, StatusCode::OK);
    Ok(())
}

/// `POST /invitations/answer`.
pub(super) struct Answer(pub(super) Arc<Site>);

#[handler]
impl Answer {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let Some((visitor, form)) = sent(&self.0, request, response).await else { return };
        let accept = match form.text("answer") {
            "accept" => true,
            "decline" => false,
            _ => {
                response.status_code(StatusCode::BAD_REQUEST);
                return;
            }
        };
        let given = Given { invitation: form.number("invitation"), account: form.number("account"), accept };
        if let Err(error) = answer(&self.0, &visitor, &Origin::of(request), &given, response).await {
            unavailable(response, error);
        }
    }
}

/// What was answered to what.
struct Given {
    invitation: Option<i64>,
    account: Option<i64>,
    accept: bool,
}

async fn answer(
    site: &Site,
    visitor: &Visitor,
    origin: &Origin,
    given: &Given,
    response: &mut Response,
) -> Result<(), Unavailable> {
    let Some(session) = &visitor.session else {
        go_to(response, "/login");
        return Ok(());
    };
    let Some(api) = site.api(session, visitor.secret(), &origin.text()).await? else {
        return signed_out(site, visitor, response).await;
    };
    let args = json!({"invitation": given.invitation, "accept": given.accept});
    let answered = match api.call(Function::AnswerInvitation, args).await {
        Err(ApiError::SignedOut) => return signed_out(site, visitor, response).await,
        answer => read::<bool>(Function::AnswerInvitation, answer)?,
    };
    if !answered {
        let text =
            "This invitation is not there any more: it was answered, taken back, or is older than 14 days.";
        Message { title: "Nothing to answer", text, next: Some(("/account", "Go on")) }
            .send(response, StatusCode::CONFLICT);
    } else if given.accept {
        go_to(response, &format!("/account?account={}&done=accept", given.account.unwrap_or_default()));
    } else {
        let text =
            "You have declined. Nothing has changed, and nothing of it is kept but that somebody declined.";
        Message { title: "Declined", text, next: Some(("/invitations", "Go on")) }
            .send(response, StatusCode::OK);
    }
    Ok(())
}
