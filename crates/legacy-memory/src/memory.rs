//! The old files as a memory outside of the database: a chat is answered from them until they are imported.

use std::{io, sync::Arc};

use brain::{
    clock::Clock,
    config::{ConfigError, Env, LegacyConfig, LlmConfig},
    ids::ChatId,
    other_memory::{BringError, OtherMemory, Recollection},
};
use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sqlx::PgPool;

use crate::{
    files::Reading,
    import::{ImportError, Order, Status, try_import},
    recollection::Files,
};

/// The old files of all chats.
pub struct LegacyMemory {
    config: LegacyConfig,
    files: Arc<Files>,
    /// The model that answers where the files name none that is still there.
    llm: LlmConfig,
}

impl LegacyMemory {
    /// The files that the environment names; nothing is read yet. `None` where it names none.
    ///
    /// # Errors
    /// When a variable is wrong.
    pub fn from_env(env: &Env) -> Result<Option<Self>, ConfigError> {
        let Some(config) = LegacyConfig::from_env(env)? else { return Ok(None) };
        Ok(Some(Self { files: Arc::new(Files::new(config.clone())), config, llm: LlmConfig::from_env(env)? }))
    }

    /// Imports the chat. Says why its folder failed, where it did.
    async fn import(
        &self,
        chat: ChatId,
        pool: &PgPool,
        clock: &Clock,
    ) -> Result<Option<String>, ImportError> {
        let order = Order {
            dir: &self.config.dir,
            chat: self.config.chat,
            only: Some(chat),
            account: None,
            dry_run: false,
            default_model: (&self.llm.model, &self.llm.base_url),
            // People are answered meanwhile.
            connections: 1,
        };
        let report = try_import(pool, clock, order, &|_| {}).await?;
        for folder in report.folders.iter().filter(|folder| folder.status == Status::Done) {
            tracing::info!(
                chat.id = chat.0,
                account.id = folder.account,
                messages = folder.messages,
                facts = folder.facts,
                "old memory was brought over"
            );
        }
        Ok(report.folders.into_iter().find_map(|folder| folder.problem))
    }

    /// Reads the files on a thread where that may take its time.
    async fn read<T: Send + 'static>(
        &self,
        read: impl FnOnce(&Files) -> io::Result<T> + Send + 'static,
    ) -> io::Result<T> {
        let files = Arc::clone(&self.files);
        tokio::task::spawn_blocking(move || read(&files)).await.map_err(io::Error::other)?
    }
}

impl OtherMemory for LegacyMemory {
    fn holds(&self, chat: ChatId, now: DateTime<Utc>) -> BoxFuture<'_, io::Result<bool>> {
        Box::pin(self.read(move |files| files.holds(chat, Reading { now })))
    }

    fn recollect<'a>(
        &'a self,
        chat: ChatId,
        question: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, io::Result<Recollection>> {
        let question = question.to_owned();
        Box::pin(self.read(move |files| files.recollect(chat, &question, Reading { now })))
    }

    fn bring_over<'a>(
        &'a self,
        chat: ChatId,
        pool: &'a PgPool,
        clock: &'a Clock,
    ) -> BoxFuture<'a, Result<(), BringError>> {
        Box::pin(async move {
            match self.import(chat, pool, clock).await {
                Ok(None) => Ok(()),
                Ok(Some(problem)) => Err(BringError::Failed(problem)),
                Err(ImportError::Busy) => Err(BringError::Busy),
                Err(ImportError::Database(error)) => Err(BringError::Database(error)),
                Err(error) => Err(BringError::Failed(error.to_string())),
            }
        })
    }
}
