//! The functions over PostgREST: one request each, with the person's own token, as the project's rules see it.

use std::time::Duration;

use futures::future::BoxFuture;
use reqwest::{StatusCode, header};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{Api, ApiError, Function, ORIGIN_HEADER};
use crate::{
    config::SupabaseConfig,
    ports::{
        http,
        reason::{Reason, Sent},
    },
};

/// The longest that a call may take.
const TIMEOUT: Duration = Duration::from_secs(10);

/// A project's PostgREST. One for the process.
#[derive(Clone)]
pub struct RestServer {
    http: reqwest::Client,
    base: String,
    key: SecretString,
}

/// Calls as the person whose token it has.
pub struct PostgRest {
    server: RestServer,
    access: SecretString,
    origin: String,
}

/// PostgREST did not answer, or not as it should.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PostgRestError {
    /// No connection, nothing in time, half an answer or one that is no JSON. Whether it was done nobody knows.
    #[error("PostgREST did not answer: {0}")]
    Unavailable(Reason),
    /// It refused for a reason that is not the functions' own: SQLSTATE, or PostgREST's code, or the status where there is none.
    /// <https://docs.postgrest.org/en/stable/references/errors.html>
    #[error("PostgREST refused: {0}")]
    Refused(Reason),
    /// The schema `api` is not among those that the project shows.
    #[error("the schema api is not among the project's exposed schemas")]
    SchemaNotExposed,
}

impl RestServer {
    /// The configured project's.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(config: &SupabaseConfig) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client(&config.url)?,
            base: format!("{}/rest/v1/rpc", config.url),
            key: config.publishable_key.clone(),
        })
    }

    /// Calls as the person of this access token, from the browser at `origin`.
    #[must_use]
    pub fn signed_in(&self, access: SecretString, origin: &str) -> PostgRest {
        PostgRest { server: self.clone(), access, origin: origin.to_owned() }
    }

    /// Sees that the key is the project's and the schema exposed, by asking for what nobody gets who is not signed in.
    ///
    /// # Errors
    /// When one of them is not so, or nobody answers.
    pub async fn check(&self) -> Result<(), PostgRestError> {
        let refused = |words: Reason| Err(PostgRestError::Refused(words));
        match self.post(Function::MyAccounts, &json!({}), None).await? {
            Answer::Done(_) => refused("nothing, where it should: strangers may call the schema api".into()),
            // The gateway has no codes: it is the one that looks at the key.
            Answer::Refused(status, Refusal { code: None, .. }) => {
                refused(Reason::status(status.as_u16()).and("and no code: is the key this project's?"))
            }
            Answer::Refused(_, refusal) => match refusal.code.as_deref() {
                Some("42501") => Ok(()),
                Some("PGRST106") => Err(PostgRestError::SchemaNotExposed),
                code => refused(Reason::said(code.unwrap_or_default(), &refusal.sent)),
            },
        }
    }

    async fn post(
        &self,
        function: Function,
        args: &Value,
        caller: Option<&PostgRest>,
    ) -> Result<Answer, PostgRestError> {
        let mut request = self
            .http
            .post(format!("{}/{}", self.base, function.name()))
            .timeout(TIMEOUT)
            .header("apikey", self.key.expose_secret())
            .header("content-profile", "api")
            .header(header::ACCEPT, "application/json")
            .json(&json!({ "args": args }));
        if let Some(caller) = caller {
            request =
                request.bearer_auth(caller.access.expose_secret()).header(ORIGIN_HEADER, &caller.origin);
        }
        let (mut response, asked) = http::send(request).await?;
        let status = response.status();
        if !status.is_success() {
            let refusal = serde_json::from_slice(&http::refusal(&mut response).await).unwrap_or_default();
            return Ok(Answer::Refused(status, Refusal { sent: asked.sent(), ..refusal }));
        }
        let body = response.bytes().await?;
        // serde's own words can quote the answer.
        serde_json::from_slice(&body)
            .map(Answer::Done)
            .map_err(|_| PostgRestError::Unavailable("the answer is no JSON".into()))
    }
}

enum Answer {
    Done(Value),
    Refused(StatusCode, Refusal),
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Refusal {
    code: Option<String>,
    message: String,
    /// What was asked with, which the code may repeat.
    #[serde(skip)]
    sent: Sent,
}

impl Api for PostgRest {
    fn call(&self, function: Function, args: Value) -> BoxFuture<'_, Result<Value, ApiError>> {
        Box::pin(async move {
            match self.server.post(function, &args, Some(self)).await {
                Ok(Answer::Done(answer)) => Ok(answer),
                Ok(Answer::Refused(status, refusal)) => Err(refusal.into_error(status)),
                Err(error) => Err(ApiError::PostgRest(error)),
            }
        })
    }
}

impl Refusal {
    /// The code counts and not the status: what the functions refuse comes as 400, 403 or 500, each by its SQLSTATE.
    fn into_error(self, status: StatusCode) -> ApiError {
        match self.code.as_deref() {
            // Also without a word of the token: who asks with one and is nobody to PostgREST has one that does not hold.
            Some(_) if status == StatusCode::UNAUTHORIZED => ApiError::SignedOut,
            Some("PGRST106") => ApiError::PostgRest(PostgRestError::SchemaNotExposed),
            Some(code) => ApiError::of_refusal(code, &self.message).unwrap_or_else(|| {
                ApiError::PostgRest(PostgRestError::Refused(Reason::said(code, &self.sent)))
            }),
            None if status.is_server_error() => {
                ApiError::PostgRest(PostgRestError::Unavailable(Reason::status(status.as_u16())))
            }
            None => ApiError::PostgRest(PostgRestError::Refused(Reason::status(status.as_u16()))),
        }
    }
}

impl From<reqwest::Error> for PostgRestError {
    fn from(error: reqwest::Error) -> Self {
        Self::Unavailable(http::what_broke(&error).into())
    }
}
