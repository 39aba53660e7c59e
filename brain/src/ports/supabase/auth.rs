//! A client of the project's sign-in (GoTrue): it mails links, takes them back for tokens, and renews and ends sessions.

use std::{fmt, str::FromStr, time::Duration};

use chrono::{DateTime, Utc};
use reqwest::{Method, RequestBuilder};
use secrecy::{ExposeSecret, SecretString};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::{Value, json};

use super::{AuthError, error::Refusal};
use crate::{config::SupabaseConfig, ports::http};

/// The longest that a call may take. The project hands a mail over before it answers.
const CALL_TIMEOUT: Duration = Duration::from_secs(15);

/// A client for one project.
#[derive(Clone)]
pub struct Auth {
    http: reqwest::Client,
    base: String,
    publishable_key: SecretString,
    secret_key: SecretString,
}

/// What a session holds. Each renewal gives a new pair, and the refresh token before is worth nothing.
#[derive(Clone, Debug, Deserialize)]
pub struct Tokens {
    /// Says who the person is, to whoever checks it: `Verifier` here, the data service there.
    #[serde(rename = "access_token")]
    pub access: SecretString,
    /// Good for one renewal.
    #[serde(rename = "refresh_token")]
    pub refresh: SecretString,
    /// When the access token ends.
    #[serde(with = "chrono::serde::ts_seconds")]
    pub expires_at: DateTime<Utc>,
}

/// A sign-in link's token, not mailed: whoever has it is the person.
#[derive(Clone, Debug, Deserialize)]
pub struct OneTimeLink {
    /// What `verify` takes.
    #[serde(rename = "hashed_token")]
    pub token_hash: SecretString,
    /// The kind to say with it.
    #[serde(rename = "verification_type")]
    pub kind: LinkKind,
}

/// What a link was mailed for, as `type` in it says. Others (a new password, another address) are not ours to take.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum LinkKind {
    /// To sign in, to whomever.
    Email,
    /// To sign in.
    MagicLink,
    /// To sign in for the first time.
    Signup,
}

impl Auth {
    /// A client for the configured project.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(config: &SupabaseConfig) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client(&config.url)?,
            base: format!("{}/auth/v1", config.url),
            publishable_key: config.publishable_key.clone(),
            secret_key: config.secret_key.clone(),
        })
    }

    /// Has a sign-in link mailed. It leads to `redirect_to`, where the project's settings allow that address.
    ///
    /// # Errors
    /// When the project sends none, or nobody knows whether it does.
    pub async fn send_link(
        &self,
        email: &str,
        create_user: bool,
        redirect_to: &str,
    ) -> Result<(), AuthError> {
        let redirect: String = url::form_urlencoded::byte_serialize(redirect_to.as_bytes()).collect();
        let request = self
            .post(&format!("otp?redirect_to={redirect}"), &self.publishable_key)
            .json(&json!({"email": email, "create_user": create_user}));
        self.run(request).await?.map_err(Refusal::into_error)?;
        Ok(())
    }

    /// Takes a link's token for a session. Uses the link up.
    ///
    /// # Errors
    /// [`AuthError::LinkOver`] when the link does not hold, or the project did not answer.
    pub async fn verify(&self, token_hash: &str, kind: LinkKind) -> Result<Tokens, AuthError> {
        let request =
            self.post("verify", &self.publishable_key).json(&json!({"token_hash": token_hash, "type": kind}));
        read(&self.run(request).await?.map_err(|refusal| refusal.into_error_or(AuthError::LinkOver))?)
    }

    /// Renews a session. Of several calls with the same token all but the first can end the session: the caller makes one at a time.
    ///
    /// # Errors
    /// [`AuthError::SessionOver`] when the token does not hold, or the project did not answer.
    pub async fn refresh(&self, refresh: &SecretString) -> Result<Tokens, AuthError> {
        let request = self
            .post("token?grant_type=refresh_token", &self.publishable_key)
            .json(&json!({"refresh_token": refresh.expose_secret()}));
        read(&self.run(request).await?.map_err(|refusal| refusal.into_error_or(AuthError::SessionOver))?)
    }

    /// Ends the session that the access token is of, and no other of the person. One that is over already is fine.
    ///
    /// # Errors
    /// When the project did not answer.
    pub async fn sign_out(&self, access: &SecretString) -> Result<(), AuthError> {
        let request =
            self.post("logout?scope=local", &self.publishable_key).bearer_auth(access.expose_secret());
        match self.run(request).await?.map_err(|refusal| refusal.into_error_or(AuthError::SessionOver)) {
            Ok(_) | Err(AuthError::SessionOver) => Ok(()),
            Err(error) => Err(error),
        }
    }

    /// A sign-in link without a mail, for who has been recognized another way. Makes the person where the project knows none.
    ///
    /// # Errors
    /// When the project refuses or does not answer.
    pub async fn one_time_link(&self, email: &str) -> Result<OneTimeLink, AuthError> {
        let request = self
            .post("admin/generate_link", &self.secret_key)
            .json(&json!({"type": LinkKind::MagicLink, "email": email}));
        read(&self.run(request).await?.map_err(Refusal::into_error)?)
    }

    /// Whether the project signs people in without a mail to their address (its setting "Confirm email" is off): then an address in a
    /// token proves nothing.
    ///
    /// # Errors
    /// When the project does not know the key, or does not answer.
    pub async fn confirms_by_itself(&self) -> Result<bool, AuthError> {
        #[derive(Deserialize)]
        struct Settings {
            mailer_autoconfirm: bool,
        }
        let request = self.request(Method::GET, "settings", &self.publishable_key);
        let settings: Settings = read(&self.run(request).await?.map_err(Refusal::into_error)?)?;
        Ok(settings.mailer_autoconfirm)
    }

    /// Sees that the secret key is one.
    ///
    /// # Errors
    /// When it is not, or the project does not answer.
    pub async fn check_secret_key(&self) -> Result<(), AuthError> {
        let request = self.request(Method::GET, "admin/users?page=1&per_page=1", &self.secret_key);
        self.run(request).await?.map_err(Refusal::into_error)?;
        Ok(())
    }

    fn post(&self, path: &str, key: &SecretString) -> RequestBuilder {
        self.request(Method::POST, path, key)
    }

    /// The key goes into `apikey` and nowhere else: as Bearer, where a person's token belongs, the project refuses it.
    fn request(&self, method: Method, path: &str, key: &SecretString) -> RequestBuilder {
        self.http
            .request(method, format!("{}/{path}", self.base))
            .timeout(CALL_TIMEOUT)
            .header("apikey", key.expose_secret())
    }

    /// The body of a 2xx, or the refusal.
    async fn run(&self, request: RequestBuilder) -> Result<Result<Vec<u8>, Refusal>, AuthError> {
        let (mut response, asked) = http::send(request).await?;
        let (status, headers) = (response.status(), response.headers().clone());
        if status.is_success() {
            return Ok(Ok(response.bytes().await?.into()));
        }
        let body = http::refusal(&mut response).await;
        Ok(Err(Refusal::read(status, &headers, &body, asked.sent())))
    }
}

fn read<T: DeserializeOwned>(body: &[u8]) -> Result<T, AuthError> {
    // serde's own words can quote the body, which holds tokens.
    serde_json::from_slice(body)
        .map_err(|_| AuthError::Unavailable("the answer is not what was asked for".into()))
}

impl FromStr for LinkKind {
    type Err = AuthError;

    /// Reads the `type` of a link.
    fn from_str(kind: &str) -> Result<Self, AuthError> {
        serde_json::from_value(Value::from(kind)).map_err(|_| AuthError::LinkOver)
    }
}

impl fmt::Display for LinkKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.serialize(f)
    }
}
