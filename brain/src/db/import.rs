//! The right to import, and `private.import_rows` and `private.import_matches`: messages of old files on their way into `chat_history`.
//!
//! One import runs at a time in a database. It holds a connection of its own whose advisory lock ends with the process,
//! however that ends; what it leaves behind is read again by the next one.

mod matched;
mod staged;
mod stored;
mod written;

use sqlx::{Connection as _, PgConnection, PgPool};

pub use self::{
    matched::Matched,
    staged::{Staged, stage},
    stored::{Part, Stored, each_stored, sessions},
    written::{Into, write},
};
use crate::{ids::ChatId, memory::Author};

/// Which of the locks: the one import, and those of its writes that may outlive their process for a moment.
const IMPORT: i32 = 1;
const WRITES: i32 = 2;
/// The first half of both locks' names.
const LOCKS: i32 = 0x6d67;

/// The right to import, and the connection that holds it.
pub struct Importer(PgConnection);

impl Importer {
    /// Claims the right to import. `None`: somebody else is importing.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn claim(pool: &PgPool) -> sqlx::Result<Option<Self>> {
        let mut connection = PgConnection::connect_with(&pool.connect_options()).await?;
        // A statement of a process that is gone does not run to its end.
        sqlx::query!("select set_config('client_connection_check_interval', '500ms', false)")
            .fetch_one(&mut connection)
            .await?;
        let claimed =
            sqlx::query_scalar!(r#"select pg_try_advisory_lock($1, $2) as "claimed!""#, LOCKS, IMPORT)
                .fetch_one(&mut connection)
                .await?;
        if !claimed {
            return Ok(None);
        }
        // What a killed one was writing is written or gone from here on.
        sqlx::query!("select pg_advisory_lock($1, $2)", LOCKS, WRITES).fetch_one(&mut connection).await?;
        sqlx::query!("select pg_advisory_unlock($1, $2)", LOCKS, WRITES).fetch_one(&mut connection).await?;
        Ok(Some(Self(connection)))
    }

    /// Its connection.
    pub fn connection(&mut self) -> &mut PgConnection {
        &mut self.0
    }

    /// Empties what is on its way.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn clear(&mut self) -> sqlx::Result<()> {
        sqlx::query!("truncate private.import_rows, private.import_matches").execute(&mut self.0).await?;
        Ok(())
    }
}

/// `user` or `assistant`.
#[must_use]
pub const fn role(author: Author) -> &'static str {
    match author {
        Author::User => "user",
        Author::Assistant => "assistant",
    }
}

pub(super) fn ids(chats: &[ChatId]) -> Vec<i64> {
    chats.iter().map(|chat| chat.0).collect()
}

fn number(file: usize) -> i16 {
    i16::try_from(file).expect("a folder has a dozen files")
}

fn index(file: i16) -> usize {
    usize::try_from(file).unwrap_or_default()
}
