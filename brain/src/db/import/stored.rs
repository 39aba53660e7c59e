//! What is stored after the messages are written, for whoever compares it with the files.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use futures::TryStreamExt as _;
use sqlx::PgConnection;

use super::{Importer, ids, index};
use crate::{ids::ChatId, memory::SessionLength};

/// Stored messages of one part.
const PART: i64 = 10_000;

/// A stored message that a file's row has become.
pub struct Stored {
    /// The file's number.
    pub file: usize,
    /// The message's chat.
    pub chat: ChatId,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// `user` or `assistant`.
    pub role: String,
    /// The text.
    pub content: String,
}

/// A file's rows whose messages have numbers from `first` on, up to the next part.
#[derive(Clone, Copy, Debug)]
pub struct Part {
    file: i16,
    first: i64,
    last: i64,
}

impl Importer {
    /// The files' rows in parts.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn parts(&mut self) -> sqlx::Result<Vec<Part>> {
        sqlx::query_as!(
            Part,
            r#"select file, min(history_id) as "first!", max(history_id) as "last!"
               from (select file, history_id, row_number() over (order by file, history_id) / $1 as part
                     from private.import_matches) numbered
               group by file, part order by file, part"#,
            PART
        )
        .fetch_all(&mut self.0)
        .await
    }
}

/// Shows each of a part's stored messages. Holds one at a time.
///
/// # Errors
/// When the database does not answer.
pub async fn each_stored(
    connection: &mut PgConnection,
    part: Part,
    mut show: impl FnMut(&Stored),
) -> sqlx::Result<()> {
    let mut rows = sqlx::query!(
        "select h.telegram_chat_id, h.timestamp, h.role, h.content
         from private.import_matches m join chat_history h on h.id = m.history_id
         where m.file = $1 and m.history_id between $2 and $3",
        part.file,
        part.first,
        part.last,
    )
    .fetch(connection);
    while let Some(row) = rows.try_next().await? {
        show(&Stored {
            file: index(part.file),
            chat: ChatId(row.telegram_chat_id),
            at: row.timestamp,
            role: row.role,
            content: row.content,
        });
    }
    Ok(())
}

/// How long the chats' sessions are.
///
/// # Errors
/// When the database does not answer.
pub async fn sessions(
    connection: &mut PgConnection,
    chats: &[ChatId],
) -> sqlx::Result<BTreeMap<ChatId, SessionLength>> {
    let rows = sqlx::query!(
        "select telegram_chat_id, session_length from account_chats where telegram_chat_id = any($1)",
        &ids(chats) as &[i64]
    )
    .fetch_all(connection)
    .await?;
    let length = |name: &str| SessionLength::parse(name).unwrap_or_default();
    Ok(rows.into_iter().map(|row| (ChatId(row.telegram_chat_id), length(&row.session_length))).collect())
}
