//! Memory of a chat that is kept elsewhere and has not come over yet: what is known there, and bringing it into the database.

use std::io;

use chrono::{DateTime, Utc};
use futures::future::BoxFuture;
use sqlx::PgPool;

use crate::{
    clock::Clock,
    ids::ChatId,
    memory::{Remembered, TierStats},
};

/// A place outside of the database that remembers chats.
pub trait OtherMemory: Send + Sync {
    /// Whether it holds anything of the chat.
    ///
    /// # Errors
    /// When it cannot be read.
    fn holds(&self, chat: ChatId, now: DateTime<Utc>) -> BoxFuture<'_, io::Result<bool>>;

    /// What it knows of the chat, with what is relevant to the question.
    ///
    /// # Errors
    /// When it cannot be read.
    fn recollect<'a>(
        &'a self,
        chat: ChatId,
        question: &'a str,
        now: DateTime<Utc>,
    ) -> BoxFuture<'a, io::Result<Recollection>>;

    /// Brings what it holds of the chat into the database: all of it, or nothing. The chat is told what came.
    ///
    /// # Errors
    /// When it did not come, with what to do next. Dropping the future leaves what the next call goes on with.
    fn bring_over<'a>(
        &'a self,
        chat: ChatId,
        pool: &'a PgPool,
        clock: &'a Clock,
    ) -> BoxFuture<'a, Result<(), BringError>>;
}

/// Why a chat's memory did not come over.
#[derive(Debug, thiserror::Error)]
pub enum BringError {
    /// Another one is being brought: try again in a moment.
    #[error("another import is running")]
    Busy,
    /// What was begun is continued by the next call.
    #[error("database: {0}")]
    Database(#[from] sqlx::Error),
    /// It will not get better by itself. The words are for the operator.
    #[error("{0}")]
    Failed(String),
}

/// What another memory says of a chat.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Recollection {
    /// In their order there.
    pub facts: Vec<RecollectedFact>,
    /// Active rules, the weightiest first.
    pub rules: Vec<String>,
    /// Messages that have words of the question, the best first.
    pub relevant: Vec<Remembered>,
    /// The newest messages, oldest first.
    pub newest: Vec<Remembered>,
    /// All messages that it holds.
    pub stats: TierStats,
}

/// A fact that is known there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecollectedFact {
    /// What is known.
    pub text: String,
    /// Since when.
    pub at: DateTime<Utc>,
}

impl Recollection {
    /// The messages in the order in which a prompt takes them: those said after `since`, oldest first, and the older ones,
    /// the relevant first and then the newest.
    #[must_use]
    pub fn remembered(&self, since: DateTime<Utc>) -> (Vec<Remembered>, Vec<Remembered>) {
        let (recent, older): (Vec<_>, Vec<_>) =
            self.newest.iter().cloned().partition(|message| message.said_at > since);
        let relevant = self.relevant.iter().filter(|message| message.said_at <= since).cloned();
        (recent, relevant.chain(older.into_iter().rev()).collect())
    }
}
