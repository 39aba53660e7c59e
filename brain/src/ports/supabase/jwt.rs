//! Says who an access token is of, without asking the project: signature, issuer, audience, time and role.

use chrono::{DateTime, TimeDelta};
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use secrecy::{ExposeSecret, SecretString};
use serde::Deserialize;
use sqlx::types::Uuid;

use super::jwks::{Jwks, Key};
use crate::{clock::Clock, config::SupabaseConfig, db::api::Identity};

/// How far the project's clock may be from this one.
const LEEWAY: TimeDelta = TimeDelta::seconds(10);

/// Checks a project's access tokens.
pub struct Verifier {
    keys: Keys,
    issuer: String,
    clock: Clock,
}

/// One way only: a project whose tokens have a shared secret is not believed with a published key, nor the other way round.
enum Keys {
    Shared(Key),
    Published(Jwks),
}

/// Why a token says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It has run out: the session is to be renewed.
    #[error("the token has run out")]
    Expired,
    /// It is not this project's token of a signed-in person.
    #[error("the token is refused: {0}")]
    Refused(&'static str),
    /// The project publishes no key that signatures can be checked with.
    #[error("the project publishes no keys")]
    NoKeys,
    /// The project's keys cannot be had just now.
    #[error("the project's keys cannot be had")]
    KeysUnavailable,
}

/// What a token says. <https://supabase.com/docs/guides/auth/jwt-fields>
#[derive(Deserialize)]
struct Claims {
    iss: Option<String>,
    aud: Audience,
    exp: i64,
    nbf: Option<i64>,
    role: String,
    sub: String,
    email: Option<String>,
    #[serde(default)]
    is_anonymous: bool,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Several(Vec<String>),
}

impl Verifier {
    /// Checks the configured project's tokens: with `SUPABASE_JWT_SECRET` where it is set, otherwise with the keys that it publishes.
    ///
    /// # Errors
    /// When the HTTP client cannot be made.
    pub fn new(config: &SupabaseConfig, clock: Clock) -> Result<Self, reqwest::Error> {
        let keys = match &config.jwt_secret {
            Some(secret) => Keys::Shared(shared(secret)),
            None => Keys::Published(Jwks::new(config, clock.clone())?),
        };
        Ok(Self { keys, issuer: format!("{}/auth/v1", config.url), clock })
    }

    /// Sees that there is something to check tokens with.
    ///
    /// # Errors
    /// When the project publishes no keys, or does not answer.
    pub async fn check(&self) -> Result<(), TokenError> {
        match &self.keys {
            Keys::Published(keys) if keys.count().await? == 0 => Err(TokenError::NoKeys),
            Keys::Published(_) | Keys::Shared(_) => Ok(()),
        }
    }

    /// Who the token is of. The address is a confirmed one, as long as the project mails a link to whoever signs up.
    ///
    /// # Errors
    /// When the token does not hold.
    pub async fn verify(&self, access: &SecretString) -> Result<Identity, TokenError> {
        let access = access.expose_secret();
        // The token chooses among keys; which algorithm a key is for is not the token's to say.
        let (algorithm, key) = match &self.keys {
            Keys::Shared(key) => key.clone(),
            Keys::Published(keys) => {
                let header = jsonwebtoken::decode_header(access)
                    .map_err(|_| TokenError::Refused("it is no token of a known kind"))?;
                keys.key(&header.kid.ok_or(TokenError::Refused("it names no key"))?).await?
            }
        };
        let claims = jsonwebtoken::decode(access, &key, &signature_only(algorithm))
            .map_err(|_| TokenError::Refused("its signature or its form does not hold"))?
            .claims;
        self.believe(claims)
    }

    fn believe(&self, claims: Claims) -> Result<Identity, TokenError> {
        let refused = |why| Err(TokenError::Refused(why));
        match &claims.iss {
            Some(issuer) if *issuer == self.issuer => {}
            // Only this project has the secret, so that a token that names nobody is its own: some servers name none.
            None if matches!(self.keys, Keys::Shared(_)) => {}
            _ => return refused("another issued it"),
        }
        let is_for_us = match &claims.aud {
            Audience::One(audience) => audience == "authenticated",
            Audience::Several(audiences) => audiences.iter().any(|audience| audience == "authenticated"),
        };
        if !is_for_us {
            return refused("it is for another audience");
        }
        if claims.role != "authenticated" || claims.is_anonymous {
            return refused("it is not a signed-in person's");
        }
        let now = self.clock.now();
        let Some(expiry) = DateTime::from_timestamp(claims.exp, 0) else {
            return refused("its end is no time");
        };
        if now - LEEWAY >= expiry {
            return Err(TokenError::Expired);
        }
        if claims.nbf.is_some_and(|from| (now + LEEWAY).timestamp() < from) {
            return refused("it does not hold yet");
        }
        let Ok(user) = Uuid::parse_str(&claims.sub) else { return refused("it names nobody") };
        match claims.email {
            Some(email) if !email.is_empty() => Ok(Identity { user: Some(user), email }),
            _ => refused("it has no address"),
        }
    }
}

fn shared(secret: &SecretString) -> Key {
    (Algorithm::HS256, DecodingKey::from_secret(secret.expose_secret().as_bytes()))
}

/// The rest is checked here, by our clock.
fn signature_only(algorithm: Algorithm) -> Validation {
    let mut validation = Validation::new(algorithm);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

#[cfg(test)]
mod tests;
