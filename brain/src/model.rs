//! Which model answers for an account, and with whose key: the one place that decides.
//!
//! 1. The account's own server, model and key (`account_models`), for answers and for readings. Nothing of it falls back to
//!    the operator's key.
//! 2. Else the operator's server: for answers with the model that the account wants there (the setting `model`), for readings
//!    with the operator's.
//!
//! The settings `temperature`, `max_tokens` and `providers`, which come with old files, decide nothing: many models refuse the
//! first, answers have a limit of their own, and a provider without its key answers nobody.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    config::LlmConfig,
    ids::AccountId,
    ports::{
        llm::{BaseUrl, Llm, OwnServers},
        reason::Reason,
    },
    seal::Seal,
};

/// What an account has chosen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The operator's server, and the model that the account wants there.
    House(Option<String>),
    /// A server of its own.
    Own(OwnModel),
}

impl Choice {
    /// Whether the call is the operator's to pay, and so under the operator's limits.
    #[must_use]
    pub const fn is_operators(&self) -> bool {
        matches!(self, Self::House(_))
    }
}

/// An account's own model, with its key still sealed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OwnModel {
    /// Where its server is.
    pub base_url: String,
    /// Its name there.
    pub id: String,
    /// The key.
    pub sealed_key: Vec<u8>,
    /// Since when all this holds.
    pub changed_at: DateTime<Utc>,
    /// Since when the server refuses the key, and the chats have been told so.
    pub refused_at: Option<DateTime<Utc>>,
}

impl OwnModel {
    /// The server's name, as people know it.
    #[must_use]
    pub fn host(&self) -> String {
        let url = Url::parse(&self.base_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| self.base_url.clone())
    }
}

/// A model that can be asked.
#[derive(Clone)]
pub struct Model {
    /// Its server.
    pub llm: Llm,
    /// Its name there.
    pub id: String,
}

/// Why an account's own model cannot even be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// It is no address of a public server.
    #[error("the address of the account's own model is not one that may be called")]
    Address,
    /// No key of this program opens it, or it is none that could be sent.
    #[error("the key of the account's own model does not open")]
    Key,
}

impl From<&NoModel> for Reason {
    fn from(why: &NoModel) -> Self {
        Self::of(why)
    }
}

/// What an account's key is sealed for: the account and the server. Whoever can write to the database cannot have it sent elsewhere.
#[must_use]
pub fn key_context(account: AccountId, base_url: &str) -> String {
    format!("account:{account}:api_key:{base_url}")
}

/// Whether the text can be a key: something that fits an HTTP header.
#[must_use]
pub fn is_key(text: &str) -> bool {
    (1..=1000).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_graphic())
}

/// Everybody's models.
pub struct Models {
    house: Llm,
    config: LlmConfig,
    own: OwnServers,
    seal: Seal,
}

impl Models {
    /// The operator's, and nobody else's yet. `concurrency` is how many chats this process answers at once.
    ///
    /// # Errors
    /// When an HTTP client cannot be made.
    pub fn new(
        house: Llm,
        config: LlmConfig,
        seal: Seal,
        concurrency: usize,
    ) -> Result<Self, reqwest::Error> {
        let own = OwnServers::new(&config, concurrency)?;
        Ok(Self { house, config, own, seal })
    }

    /// The model that answers the account's people.
    ///
    /// # Errors
    /// When the account's own cannot be asked.
    pub fn answering(&self, account: AccountId, choice: &Choice) -> Result<Model, NoModel> {
        match choice {
            Choice::Own(own) => self.own(account, own),
            Choice::House(wish) => {
                self.own.forget(account);
                let id = wish.as_ref().unwrap_or(&self.config.model).clone();
                Ok(Model { llm: self.house.clone(), id })
            }
        }
    }

    /// The model that reads the account's messages for facts.
    ///
    /// # Errors
    /// When the account's own cannot be asked.
    pub fn reading(&self, account: AccountId, choice: &Choice) -> Result<Model, NoModel> {
        match choice {
            Choice::Own(own) => self.own(account, own),
            Choice::House(_) => Ok(self.operators()),
        }
    }

    /// The operator's model.
    #[must_use]
    pub fn operators(&self) -> Model {
        Model { llm: self.house.clone(), id: self.config.model.clone() }
    }

    fn own(&self, account: AccountId, own: &OwnModel) -> Result<Model, NoModel> {
        let address = BaseUrl::parse(&own.base_url, &self.config.base_url).map_err(|_| NoModel::Address)?;
        let client = self.own.of(account, own.changed_at, &address, || self.open(account, own))?;
        Ok(Model { llm: Llm::Own(client), id: own.id.clone() })
    }

    fn open(&self, account: AccountId, own: &OwnModel) -> Result<SecretString, NoModel> {
        let key = self.seal.open(&key_context(account, &own.base_url), &own.sealed_key).map_err(|error| {
            tracing::error!(account.id = account.0, %error, "the key of an account's own model does not open");
            NoModel::Key
        })?;
        let key = std::str::from_utf8(key.expose_secret()).ok().filter(|key| is_key(key));
        key.map(SecretString::from).ok_or(NoModel::Key)
    }
}
