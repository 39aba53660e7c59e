//! Which model answers for an account, and with whose key: the one place that decides.
//!
//! 1. The account's own server, model and key (`account_models`), for answers and for readings. Nothing of it falls back to
//!    the operator's key.
//!    A private chat's words go there only after its person has agreed in that chat ([`Consent`]).
//! 2. Else the operator's server: for answers with the model that the account wants there (the setting `model`), for readings
//!    with the operator's.
//!
//! The settings `temperature`, `max_tokens` and `providers`, which come with old files, decide nothing: many models refuse the
//! first, answers have a limit of their own, and a provider without its key answers nobody.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use url::Url;

use crate::{
    config::{LlmConfig, WorkerConfig},
    ids::{AccountId, ChatId},
    places::{Place, Places},
    ports::{
        llm::{BaseUrl, Llm, OwnServers},
        reason::Reason,
    },
    seal::Seal,
};

/// Who answers a chat, and so who pays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Choice {
    /// The operator's server, and the model that the account wants there.
    House(Option<String>),
    /// A server of its own.
    Own(OwnModel),
}

impl Choice {
    /// The account's own model in its groups and in private chats that have agreed, else the operator's server, with the model
    /// that the account wants there.
    #[must_use]
    pub fn of_chat(chat: ChatId, wish: Option<String>, offer: Option<&Offer>) -> Self {
        match offer {
            Some(offer) if chat.is_group() || offer.consent == Consent::Agreed => {
                Self::Own(offer.own.clone())
            }
            _ => Self::House(wish),
        }
    }

    /// Whether the call is the operator's to pay, and so under the operator's limits.
    #[must_use]
    pub const fn is_operators(&self) -> bool {
        matches!(self, Self::House(_))
    }
}

/// The account's own model, as one of its chats stands to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Offer {
    /// The model.
    pub own: OwnModel,
    /// What the chat has said to it.
    pub consent: Consent,
    /// The end of the last pause of its server that the chat was told of.
    pub told_pause: Option<DateTime<Utc>>,
}

/// What a chat has said to its words going to this server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Consent {
    /// It has not been asked; of a group: it has not been told.
    Unasked,
    /// It has been asked and has not answered; of a group, whose words are the account's: it has been told.
    Asked,
    /// Yes.
    Agreed,
    /// No, or not any more.
    Declined,
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
    /// Until when the server is left alone, because it timed out several times in a row.
    pub paused_until: Option<DateTime<Utc>>,
}

impl OwnModel {
    /// The server's name, as people know it.
    #[must_use]
    pub fn host(&self) -> String {
        let url = Url::parse(&self.base_url).ok();
        url.and_then(|url| url.host_str().map(str::to_owned)).unwrap_or_else(|| self.base_url.clone())
    }
}

/// A model that can be asked, with a place to wait for it.
pub struct Model {
    /// Its server.
    pub llm: Llm,
    /// Its name there.
    pub id: String,
    /// Where it is an account's own: as it was when it was asked for.
    pub own: Option<OwnModel>,
    _place: Option<Place>,
}

/// Why an account's own model cannot even be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Unusable {
    /// It is no address of a public server.
    #[error("the address of the account's own model is not one that may be called")]
    Address,
    /// No key of this program opens it, or it is none that could be sent.
    #[error("the key of the account's own model does not open")]
    Key,
}

impl From<&Unusable> for Reason {
    fn from(why: &Unusable) -> Self {
        Self::of(why)
    }
}

/// Why no model is asked now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NoModel {
    /// Until somebody changes something.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// The account has as many calls open as it may, or all own models together have. To be tried again in a moment.
    #[error("as many calls are open as may be")]
    Busy,
    /// Its server timed out several times in a row, and is left alone until then.
    #[error("the server of the account's own model is left alone for a while")]
    Paused(DateTime<Utc>),
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
    /// Answers of the operator's server: half of the places for one account.
    house_answers: Arc<Places>,
    /// Answers of own servers: half of the places for all together, a quarter for one account. They are strangers', and may let
    /// everybody wait.
    own_answers: Arc<Places>,
    /// The same of readings; of these an account has one at a time anyway.
    own_readings: Arc<Places>,
}

impl Models {
    /// The operator's, and nobody else's yet.
    ///
    /// # Errors
    /// When an HTTP client cannot be made.
    pub fn new(
        house: Llm,
        config: LlmConfig,
        seal: Seal,
        worker: &WorkerConfig,
    ) -> Result<Self, reqwest::Error> {
        let own = OwnServers::new(&config)?;
        let places = worker.concurrency;
        Ok(Self {
            house,
            config,
            own,
            seal,
            house_answers: Places::new(places, places.div_ceil(2)),
            own_answers: Places::new(places / 2, places.div_ceil(4)),
            own_readings: Places::new(WorkerConfig::READINGS / 2, 1),
        })
    }

    /// The model that answers the account's people.
    ///
    /// # Errors
    /// When none can be asked now.
    pub fn answering(
        &self,
        account: AccountId,
        choice: &Choice,
        now: DateTime<Utc>,
    ) -> Result<Model, NoModel> {
        match choice {
            Choice::Own(own) => self.own(account, own, &self.own_answers, now),
            Choice::House(wish) => {
                let place = self.house_answers.take(account).ok_or(NoModel::Busy)?;
                let id = wish.as_ref().unwrap_or(&self.config.model).clone();
                Ok(Model { llm: self.house.clone(), id, own: None, _place: Some(place) })
            }
        }
    }

    /// The model that reads the account's messages for facts.
    ///
    /// # Errors
    /// When none can be asked now.
    pub fn reading(&self, account: AccountId, choice: &Choice, now: DateTime<Utc>) -> Result<Model, NoModel> {
        match choice {
            Choice::Own(own) => self.own(account, own, &self.own_readings, now),
            Choice::House(_) => Ok(self.operators()),
        }
    }

    /// The operator's model.
    #[must_use]
    pub fn operators(&self) -> Model {
        Model { llm: self.house.clone(), id: self.config.model.clone(), own: None, _place: None }
    }

    /// Drops what is known of the account's own server, with its key: the account has none any more.
    pub fn forget(&self, account: AccountId) {
        self.own.forget(account);
    }

    fn own(
        &self,
        account: AccountId,
        own: &OwnModel,
        places: &Arc<Places>,
        now: DateTime<Utc>,
    ) -> Result<Model, NoModel> {
        if let Some(until) = own.paused_until.filter(|until| *until > now) {
            return Err(NoModel::Paused(until));
        }
        let address = BaseUrl::parse(&own.base_url, &self.config.base_url).map_err(|_| Unusable::Address)?;
        let client = self.own.of(account, own.changed_at, &address, || self.open(account, own))?;
        let place = places.take(account).ok_or(NoModel::Busy)?;
        Ok(Model { llm: Llm::Own(client), id: own.id.clone(), own: Some(own.clone()), _place: Some(place) })
    }

    fn open(&self, account: AccountId, own: &OwnModel) -> Result<SecretString, Unusable> {
        let key = self.seal.open(&key_context(account, &own.base_url), &own.sealed_key).map_err(|error| {
            tracing::error!(account.id = account.0, %error, "the key of an account's own model does not open");
            Unusable::Key
        })?;
        let key = std::str::from_utf8(key.expose_secret()).ok().filter(|key| is_key(key));
        key.map(SecretString::from).ok_or(Unusable::Key)
    }
}
