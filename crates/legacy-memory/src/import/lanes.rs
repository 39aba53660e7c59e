//! Parts of one work on several connections: each connection takes the next part when it is done with the last.

use std::{
    collections::VecDeque,
    future::Future,
    sync::{Mutex, PoisonError},
};

use brain::db::import::Importer;
use futures::future::join_all;
use sqlx::{Connection as _, PgConnection, PgPool};

/// The importer's connection and others beside it.
pub(super) struct Lanes<'a> {
    pub(super) importer: &'a mut Importer,
    more: Vec<PgConnection>,
}

impl<'a> Lanes<'a> {
    /// Opens as many more as make `count`.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(super) async fn open(pool: &PgPool, importer: &'a mut Importer, count: usize) -> sqlx::Result<Self> {
        let mut more = Vec::new();
        for _ in 1..count {
            more.push(PgConnection::connect_with(&pool.connect_options()).await?);
        }
        Ok(Self { importer, more })
    }

    /// Each of them.
    pub(super) fn each(&mut self) -> impl Iterator<Item = &mut PgConnection> {
        std::iter::once(self.importer.connection()).chain(&mut self.more)
    }
}

/// Parts that wait.
pub(super) struct Parts<P>(Mutex<VecDeque<P>>);

impl<P> Parts<P> {
    /// All of them.
    pub(super) fn new(parts: impl IntoIterator<Item = P>) -> Self {
        Self(Mutex::new(parts.into_iter().collect()))
    }

    /// The next one.
    pub(super) fn next(&self) -> Option<P> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).pop_front()
    }
}

/// Waits for all lanes. None is broken off where another one fails, so that whoever takes everything back finds everything.
///
/// # Errors
/// The first lane's that failed.
pub(super) async fn all(
    lanes: impl IntoIterator<Item = impl Future<Output = sqlx::Result<()>>>,
) -> sqlx::Result<()> {
    join_all(lanes).await.into_iter().collect()
}
