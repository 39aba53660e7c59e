//! `/account`: chats, people and one's own sessions. What is shown passes through the database's own rules for who sees what.

use std::sync::Arc;

use askama::Template;
use brain::db::{
    api::{Api, ApiError, Function},
    invitations::Invitation,
    web_sessions,
};
use chrono::{DateTime, Utc};
use salvo::{http::StatusCode, prelude::*};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::page::{Message, go_to, render, unavailable};
use crate::{
    auth::{Origin, Unavailable, Visitor, forget_session},
    site::Site,
};

#[derive(Deserialize)]
struct Account {
    id: i64,
    name: Option<String>,
    is_admin: bool,
}

impl Account {
    fn name(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("Account")
    }
}

#[derive(Deserialize)]
struct Chat {
    telegram_chat_id: i64,
    name: Option<String>,
    kind: String,
    is_active: bool,
    created_at: DateTime<Utc>,
    joined_at: Option<DateTime<Utc>>,
}

impl Chat {
    fn name(&self) -> &str {
        self.name.as_deref().filter(|name| !name.is_empty()).unwrap_or("Without a name")
    }

    fn since(&self) -> String {
        day(self.joined_at.unwrap_or(self.created_at))
    }
}

/// Somebody who was asked in and has not answered.
#[derive(Deserialize)]
struct Invited {
    id: i64,
    email: String,
    is_admin: bool,
    expires_at: DateTime<Utc>,
}

impl Invited {
    fn until(&self) -> String {
        day(self.expires_at)
    }
}

#[derive(Deserialize)]
struct Person {
    id: i64,
    email: String,
    is_admin: bool,
    created_at: DateTime<Utc>,
}

impl Person {
    fn since(&self) -> String {
        day(self.created_at)
    }
}

#[derive(Deserialize)]
struct Model {
    #[serde(rename = "model")]
    name: String,
    base_url: String,
    key_hint: String,
    refused_at: Option<DateTime<Utc>>,
}

#[derive(Deserialize)]
struct SignedIn {
    id: i64,
    agent: String,
    address: String,
    created_at: DateTime<Utc>,
    seen_at: DateTime<Utc>,
}

impl SignedIn {
    fn since(&self) -> String {
        moment(self.created_at)
    }

    fn seen(&self) -> String {
        moment(self.seen_at)
    }

    /// What people call their browser. The order matters: most claim to be several.
    fn browser(&self) -> String {
        let first = |table: &[(&str, &'static str)]| {
            table.iter().find(|(mark, _)| self.agent.contains(mark)).map(|(_, name)| *name)
        };
        let program = first(&[
            ("Edg", "Edge"),
            ("OPR/", "Opera"),
            ("Firefox/", "Firefox"),
            ("FxiOS/", "Firefox"),
            ("Chrome/", "Chrome"),
            ("CriOS/", "Chrome"),
            ("Safari/", "Safari"),
        ]);
        let system = first(&[
            ("iPhone", "iPhone"),
            ("iPad", "iPad"),
            ("Android", "Android"),
            ("Windows", "Windows"),
            ("Mac OS X", "macOS"),
            ("Linux", "Linux"),
        ]);
        match (program, system) {
            (Some(program), Some(system)) => format!("{program} on {system}"),
            (Some(name), None) | (None, Some(name)) => name.into(),
            (None, None) => "Some program".into(),
        }
    }
}

#[derive(Template)]
#[template(path = "account.html")]
struct Page<'a> {
    form: String,
    email: String,
    this_session: i64,
    account: &'a Account,
    accounts: &'a [Account],
    chats: Vec<Chat>,
    people: Vec<Person>,
    invited: Vec<Invited>,
    /// How many invitations wait for the person's own answer.
    waiting: usize,
    sessions: Vec<SignedIn>,
    model: Option<Model>,
    code: Option<&'a str>,
    done: Option<&'a str>,
    problem: Option<&'a str>,
}

pub(super) fn day(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y").to_string()
}

fn moment(time: DateTime<Utc>) -> String {
    time.format("%-d %B %Y, %H:%M UTC").to_string()
}

/// `GET /account`.
pub(super) struct Show(pub(super) Arc<Site>);

#[handler]
impl Show {
    async fn handle(&self, request: &mut Request, response: &mut Response) {
        let visitor = match Visitor::of(&self.0, request, response).await {
            Ok(visitor) => visitor,
            Err(error) => return unavailable(response, error),
        };
        let done = request.query::<String>("done");
        let told = Told { done: done.as_deref().and_then(words), ..Told::default() };
        let wanted = request.query("account");
        if let Err(error) = show(&self.0, &visitor, &Origin::of(request), wanted, &told, response).await {
            unavailable(response, error);
        }
    }
}

/// What a page says of the form before it.
#[derive(Default)]
pub(super) struct Told<'a> {
    pub(super) done: Option<&'a str>,
    pub(super) problem: Option<(StatusCode, &'a str)>,
    pub(super) code: Option<&'a str>,
}

/// What was done, by the word in the address: nothing of an address is shown as it is.
fn words(done: &str) -> Option<&'static str> {
    Some(match done {
        "permanent" => "The chat's account is permanent now. All that is remembered is still there.",
        "joined" => {
            "The chat belongs to this account now, with everything that is remembered there. Its administrators are told."
        }
        "already" => "The chat belongs to this account already.",
        "unlink" => "The chat has left, with all that was said and learned there.",
        "remove" => "The person is out of the account.",
        "invite" => {
            "A mail is on its way to them. They are in when they accept; the invitation waits for 14 days."
        }
        "invite_unmailed" => {
            "The invitation waits for them for 14 days, but enough mails went to this address today: tell them yourself that they can sign in here with it and accept."
        }
        "withdraw" => "The invitation is taken back.",
        "accept" => "You are in this account now.",
        "end_session" => "That session is over.",
        "set_model" => "Answers come from this model from the next message on.",
        "remove_model" => "Answers come from the bot's own model again, and the key is deleted.",
        _ => return None,
    })
}

/// Shows the wanted account, or the first that the person is in.
pub(super) async fn show(
    site: &Site,
    visitor: &Visitor,
    origin: &Origin,
    wanted: Option<i64>,
    told: &Told<'_>,
    response: &mut Response,
) -> Result<(), Unavailable> {
    let Some(session) = &visitor.session else {
        go_to(response, "/login");
        return Ok(());
    };
    let Some(api) = site.api(session, visitor.secret(), &origin.text()).await? else {
        return signed_out(site, visitor, response).await;
    };
    let accounts: Vec<Account> = match api.call(Function::MyAccounts, json!({})).await {
        Err(ApiError::SignedOut) => return signed_out(site, visitor, response).await,
        answer => read(Function::MyAccounts, answer)?,
    };
    let invitations: Vec<Invitation> = call(&*api, Function::MyInvitations, json!({})).await?;
    if accounts.is_empty() && !invitations.is_empty() {
        go_to(response, "/invitations");
        return Ok(());
    }
    let Some(account) = accounts.iter().find(|account| Some(account.id) == wanted).or(accounts.first())
    else {
        let text = "You are in no account any more. Give /register in a chat with the bot, or ask to be invited again.";
        Message { title: "No account", text, next: Some(("/logout", "Sign out")) }
            .send(response, StatusCode::OK);
        return Ok(());
    };
    let of_account = json!({"account": account.id});
    let page = Page {
        form: visitor.form_token(site),
        email: session.email.clone(),
        this_session: session.id,
        chats: call(&*api, Function::ChatsOf, of_account.clone()).await?,
        people: call(&*api, Function::PeopleOf, of_account.clone()).await?,
        invited: call(&*api, Function::InvitationsOf, of_account.clone()).await?,
        waiting: invitations.len(),
        model: call(&*api, Function::ModelOf, of_account).await?,
        sessions: call(&*api, Function::MySessions, json!({})).await?,
        account,
        accounts: &accounts,
        code: told.code,
        done: told.done,
        problem: told.problem.map(|(_, problem)| problem),
    };
    render(response, told.problem.map_or(StatusCode::OK, |(status, _)| status), &page);
    Ok(())
}

/// The session is over where it came from: here too, then.
pub(super) async fn signed_out(
    site: &Site,
    visitor: &Visitor,
    response: &mut Response,
) -> Result<(), Unavailable> {
    web_sessions::end(&site.pool, visitor.secret()).await?;
    forget_session(site, response.headers_mut());
    go_to(response, "/login");
    Ok(())
}

/// Calls a function whose arguments come from us, so that whatever is wrong is wrong with the database.
pub(super) async fn call<T: DeserializeOwned>(
    api: &dyn Api,
    function: Function,
    args: Value,
) -> Result<T, Unavailable> {
    read(function, api.call(function, args).await)
}

pub(super) fn read<T: DeserializeOwned>(
    function: Function,
    answer: Result<Value, ApiError>,
) -> Result<T, Unavailable> {
    let answer = answer.map_err(|error| {
        tracing::warn!(error = %error, ?function, "a page does not get what it shows");
        Unavailable
    })?;
    serde_json::from_value(answer).map_err(|error| {
        tracing::error!(error = %error, ?function, "the database gave something else");
        Unavailable
    })
}
