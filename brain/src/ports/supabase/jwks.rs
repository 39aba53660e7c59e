//! The keys that a project publishes, kept for ten minutes (JWKS).

use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::{DateTime, TimeDelta, Utc};
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, PublicKeyUse},
};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;

use super::TokenError;
use crate::{clock::Clock, config::SupabaseConfig, ports::http};

/// How long keys are good for without asking.
const KEPT: TimeDelta = TimeDelta::minutes(10);
/// How long after asking it is not asked again, whatever strangers' tokens name.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// The longest that asking may take.
const TIMEOUT: Duration = Duration::from_secs(5);

/// A key, and the one algorithm that it is for.
pub(super) type Key = (Algorithm, DecodingKey);

/// The keys of one project.
pub(super) struct Jwks {
    http: reqwest::Client,
    address: String,
    clock: Clock,
    known: RwLock<Arc<Known>>,
    /// Held by who asks, so that the others wait for that answer.
    last_asked: Mutex<Option<DateTime<Utc>>>,
}

#[derive(Default)]
struct Known {
    keys: HashMap<String, Key>,
    since: Option<DateTime<Utc>>,
}

impl Jwks {
    pub(super) fn new(config: &SupabaseConfig, clock: Clock) -> Result<Self, reqwest::Error> {
        Ok(Self {
            http: http::client(&config.url)?,
            address: format!("{}/auth/v1/.well-known/jwks.json", config.url),
            clock,
            known: RwLock::default(),
            last_asked: Mutex::default(),
        })
    }

    /// The key of this name. The project is asked where the keys are old or the name is new; while it does not answer, the keys that
    /// are known stay good.
    pub(super) async fn key(&self, name: &str) -> Result<Key, TokenError> {
        let known = self.known();
        if self.is_fresh(&known)
            && let Some(key) = known.keys.get(name)
        {
            return Ok(key.clone());
        }
        let mut last_asked = self.last_asked.lock().await;
        let known = self.known();
        // Somebody may have asked while this waited.
        let is_wanted = !self.is_fresh(&known) || !known.keys.contains_key(name);
        let now = self.clock.now();
        if is_wanted && last_asked.is_none_or(|asked| now - asked >= PAUSE) {
            *last_asked = Some(now);
            match self.ask().await {
                Ok(keys) => self.learn(Known { keys, since: Some(now) }),
                Err(error) => tracing::warn!(%error, "the project's keys cannot be had"),
            }
        }
        let known = self.known();
        match known.keys.get(name) {
            Some(key) => Ok(key.clone()),
            // Without an answer nobody knows whose key it is.
            None if !self.is_fresh(&known) => Err(TokenError::KeysUnavailable),
            None => Err(TokenError::Refused("it is signed with a key that the project does not publish")),
        }
    }

    /// How many keys the project publishes now.
    pub(super) async fn count(&self) -> Result<usize, TokenError> {
        self.ask().await.map(|keys| keys.len()).map_err(|_| TokenError::KeysUnavailable)
    }

    fn known(&self) -> Arc<Known> {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn learn(&self, known: Known) {
        *self.known.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(known);
    }

    fn is_fresh(&self, known: &Known) -> bool {
        known.since.is_some_and(|since| self.clock.now() - since < KEPT)
    }

    async fn ask(&self) -> Result<HashMap<String, Key>, reqwest::Error> {
        #[derive(Deserialize)]
        struct Published {
            keys: Vec<Value>,
        }
        let answer = self.http.get(&self.address).timeout(TIMEOUT).send().await?.error_for_status()?;
        let published: Published = answer.json().await?;
        Ok(published.keys.into_iter().filter_map(usable).collect())
    }

    /// As if the project had just answered with these.
    #[cfg(test)]
    pub(super) fn learn_published(&self, keys: Vec<Value>) {
        let keys = keys.into_iter().filter_map(usable).collect();
        self.learn(Known { keys, since: Some(self.clock.now()) });
    }
}

/// A public key to check signatures with; others, and kinds that nobody here knows, are passed over.
fn usable(key: Value) -> Option<(String, Key)> {
    let key: Jwk = serde_json::from_value(key).ok()?;
    let algorithm = match &key.algorithm {
        AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => Algorithm::ES256,
        AlgorithmParameters::RSA(_) => Algorithm::RS256,
        _ => return None,
    };
    let said = match algorithm {
        Algorithm::ES256 => KeyAlgorithm::ES256,
        _ => KeyAlgorithm::RS256,
    };
    let is_for_this = key.common.key_algorithm.is_none_or(|given| given == said)
        && key.common.public_key_use.as_ref().is_none_or(|given| *given == PublicKeyUse::Signature);
    let name = key.common.key_id.clone().filter(|_| is_for_this)?;
    Some((name, (algorithm, DecodingKey::from_jwk(&key).ok()?)))
}
