//! Everything that a worker needs, in one place.

use std::sync::{Arc, PoisonError, RwLock};

use secrecy::SecretString;
use sqlx::PgPool;

use crate::{
    clock::Clock,
    config::{BrainConfig, Limits, LlmConfig, Operators, WorkerConfig},
    db::migration_mapping::Migration,
    ids::ChatId,
    model::{Choice, Models},
    other_memory::{OtherMemory, Recollection},
    ports::{
        llm::Llm,
        mail::{Mail, Unusable},
        supabase::Auth,
        telegram::Telegram,
    },
    reply::Tokenizer,
    seal::Seal,
    sign_in::Prover,
    telegram::BotIdentity,
    texts,
};

/// The pool, the clock, the outside and the limits. Nothing is missing at run time.
pub struct Brain {
    /// The database.
    pub pool: PgPool,
    /// The time.
    pub clock: Clock,
    /// Telegram.
    pub telegram: Telegram,
    /// What Telegram is to send with each update.
    pub webhook_secret: SecretString,
    /// Who the bot is there.
    pub bot: BotName,
    /// Whose model answers whom.
    pub models: Models,
    /// The operator's model.
    pub llm: Llm,
    /// Its name and address.
    pub llm_config: LlmConfig,
    /// How many chats at once, how fast to send.
    pub worker: WorkerConfig,
    /// What a chat may use.
    pub limits: Limits,
    /// Opens and seals the secrets that people have stored.
    pub seal: Seal,
    /// Makes links and codes by which people sign in.
    pub prover: Prover,
    /// Mail.
    pub mail: Mail,
    /// Who runs this.
    pub operators: Operators,
    /// The project that mails the links instead, where people sign in through one.
    pub supabase: Option<Auth>,
    /// The address of the web process, for links.
    pub public_url: String,
    /// What remembers chats outside of the database, where anything does.
    pub other_memory: Option<Box<dyn OtherMemory>>,
    /// Counts tokens.
    pub tokenizer: Tokenizer,
}

/// What a configuration cannot be made into.
#[derive(Debug, thiserror::Error)]
pub enum NotMade {
    /// A client of Telegram or the model.
    #[error(transparent)]
    Client(#[from] reqwest::Error),
    /// The way out for mail.
    #[error(transparent)]
    Mail(#[from] Unusable),
}

impl Brain {
    /// Puts it together.
    ///
    /// # Errors
    /// When an HTTP client cannot be made, or the mail server's address is not understood.
    pub fn new(
        pool: PgPool,
        clock: Clock,
        config: BrainConfig,
        other_memory: Option<Box<dyn OtherMemory>>,
    ) -> Result<Self, NotMade> {
        let (llm, seal) = (Llm::from_config(&config.llm)?, Seal::from_keys(&config.encryption));
        Ok(Self {
            pool,
            clock,
            telegram: Telegram::new(&config.telegram)?,
            bot: BotName::unknown(config.telegram.bot_id),
            webhook_secret: config.telegram.webhook_secret,
            models: Models::new(llm.clone(), config.llm.clone(), seal.clone(), &config.worker)?,
            llm,
            llm_config: config.llm,
            worker: config.worker,
            limits: config.limits,
            prover: Prover::new(&seal),
            seal,
            mail: Mail::new(&config.mail)?,
            operators: config.operators,
            supabase: config.supabase.as_ref().map(Auth::new).transpose()?,
            public_url: config.public_url,
            other_memory,
            tokenizer: Tokenizer,
        })
    }

    /// Whether anything is known of the chat outside of the database. What cannot be read holds nothing; bringing it over says
    /// why.
    pub async fn is_known_elsewhere(&self, chat: ChatId) -> bool {
        match &self.other_memory {
            Some(other) => other.holds(chat, self.clock.now()).await.unwrap_or(false),
            None => false,
        }
    }

    /// What else is known of the chat, as long as its other memory has not come over. Database first, then this.
    pub async fn recollect(
        &self,
        chat: ChatId,
        migration: Option<Migration>,
        question: &str,
    ) -> Option<Recollection> {
        if migration.is_none_or(|migration| migration == Migration::Done) {
            return None;
        }
        let found = self.other_memory.as_ref()?.recollect(chat, question, self.clock.now()).await;
        found.inspect_err(|error| tracing::warn!(chat.id = chat.0, %error, "old files cannot be read")).ok()
    }

    /// The name of the account's model as people should see it.
    #[must_use]
    pub fn model_name(&self, choice: &Choice) -> String {
        match choice {
            Choice::Own(own) => texts::model::name(own),
            Choice::House(wish) => {
                let name = self.llm.display_name(wish.as_ref().unwrap_or(&self.llm_config.model));
                self.llm_config
                    .found
                    .map_or_else(|| name.to_owned(), |server| texts::model::found(name, server))
            }
        }
    }
}

/// Who the bot is. Its id is in the token; its name is asked of Telegram, and until Telegram answers it is not known, which
/// stops nothing but mentions by name.
#[derive(Clone, Debug)]
pub struct BotName(Arc<RwLock<BotIdentity>>);

impl BotName {
    /// A bot whose name is not known yet.
    #[must_use]
    pub fn unknown(id: i64) -> Self {
        Self(Arc::new(RwLock::new(BotIdentity { id, username: String::new() })))
    }

    /// What is known now.
    #[must_use]
    pub fn get(&self) -> BotIdentity {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Notes what Telegram said.
    pub fn set(&self, identity: BotIdentity) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = identity;
    }
}
