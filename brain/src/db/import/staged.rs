//! Rows of old files in `private.import_rows`: staged as they are read, given to chats, kept or left out.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::PgConnection;

use super::{Importer, ids, index, number, role};
use crate::{ids::ChatId, memory::Author};

/// A row to be staged: a message, its place in the file, and a digest of its text.
pub struct Staged {
    /// The row's number.
    pub place: u64,
    /// Its chat, where the row or an earlier one named one.
    pub chat: Option<ChatId>,
    /// When it was said.
    pub at: DateTime<Utc>,
    /// Who said it.
    pub author: Author,
    /// The text.
    pub content: String,
    /// Of role and text.
    pub digest: [u8; 16],
}

/// Stages rows of a file, in one transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn stage(connection: &mut PgConnection, file: usize, rows: &[Staged]) -> sqlx::Result<()> {
    let places: Vec<i64> = rows.iter().map(|row| row.place.cast_signed()).collect();
    let chats: Vec<Option<i64>> = rows.iter().map(|row| row.chat.map(|chat| chat.0)).collect();
    let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.at).collect();
    let roles: Vec<&str> = rows.iter().map(|row| role(row.author)).collect();
    let texts: Vec<&str> = rows.iter().map(|row| row.content.as_str()).collect();
    let digests: Vec<&[u8]> = rows.iter().map(|row| row.digest.as_slice()).collect();
    sqlx::query!(
        "insert into private.import_rows (file, place, chat, at, role, content, digest)
         select $1, * from unnest($2::bigint[], $3::bigint[], $4::timestamptz[], $5::text[], $6::text[], $7::bytea[])",
        number(file),
        &places,
        &chats as &[Option<i64>],
        &times,
        &roles as &[&str],
        &texts as &[&str],
        &digests as &[&[u8]],
    )
    .execute(connection)
    .await?;
    Ok(())
}

impl Importer {
    /// Gives the file's rows that follow no row with a chat to this one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn belong(&mut self, file: Option<usize>, chat: ChatId) -> sqlx::Result<u64> {
        let done = sqlx::query!(
            "update private.import_rows set chat = $2 where chat is null and ($1::smallint is null or file = $1)",
            file.map(number),
            chat.0,
        )
        .execute(&mut self.0)
        .await?;
        Ok(done.rows_affected())
    }

    /// How many rows of each file and chat are staged.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn staged(&mut self) -> sqlx::Result<BTreeMap<(usize, Option<ChatId>), i64>> {
        let rows = sqlx::query!(
            r#"select file, chat, count(*) as "count!" from private.import_rows group by file, chat"#
        )
        .fetch_all(&mut self.0)
        .await?;
        Ok(rows.into_iter().map(|row| ((index(row.file), row.chat.map(ChatId)), row.count)).collect())
    }

    /// Takes the rows away that their chats have forgotten since they were said. How many of each file.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn leave_out_forgotten(&mut self) -> sqlx::Result<Vec<(usize, u64)>> {
        let rows = sqlx::query!(
            r#"with gone as (
                   delete from private.import_rows r using migration_mapping m
                   where m.old_chat_id = r.chat and r.at <= m.forgotten_at returning r.file
               )
               select file, count(*) as "count!" from gone group by file"#
        )
        .fetch_all(&mut self.0)
        .await?;
        Ok(rows.into_iter().map(|row| (index(row.file), row.count.cast_unsigned())).collect())
    }

    /// Takes all rows away that are not of these chats.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn keep_only(&mut self, chats: &[ChatId]) -> sqlx::Result<()> {
        sqlx::query!(
            "delete from private.import_rows where chat is null or chat <> all($1)",
            &ids(chats) as &[i64]
        )
        .execute(&mut self.0)
        .await?;
        Ok(())
    }
}
