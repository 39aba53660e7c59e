//! `private.import_rows` and `private.import_matches`: messages of old files on their way into `chat_history`.
//!
//! One import runs at a time in a database. It holds a connection of its own whose advisory lock ends with the process,
//! however that ends; what it leaves behind is read again by the next one.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection, PgPool};

use crate::{
    ids::{AccountId, ChatId},
    legacy::OldMessage,
    memory::{Author, SessionLength},
};

/// Which of the locks: the one import, and those of its writes that may outlive their process for a moment.
const IMPORT: i32 = 1;
const WRITES: i32 = 2;
/// The first half of both locks' names.
const LOCKS: i32 = 0x6d67;
/// New messages of one transaction.
const BATCH: i64 = 5_000;

/// The right to import, and the connection that holds it.
pub struct Importer(PgConnection);

/// A row to be staged: its number in the file, the message, and a digest of its text.
pub struct Staged {
    /// The row's number.
    pub place: u64,
    /// The message; its chat where the row or an earlier one named one.
    pub message: OldMessage,
    /// Of the text.
    pub digest: [u8; 16],
}

/// Rows of one file and chat after the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched {
    /// New messages.
    pub new: i64,
    /// Messages that are there already, or stand in an earlier file.
    pub known: i64,
}

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

    /// Stages rows of a file, in one transaction.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stage(&mut self, file: usize, rows: &[Staged]) -> sqlx::Result<()> {
        let places: Vec<i64> = rows.iter().map(|row| row.place.cast_signed()).collect();
        let chats: Vec<Option<i64>> = rows.iter().map(|row| row.message.chat.map(|chat| chat.0)).collect();
        let times: Vec<DateTime<Utc>> = rows.iter().map(|row| row.message.at).collect();
        let roles: Vec<&str> = rows.iter().map(|row| role(row.message.author)).collect();
        let texts: Vec<&str> = rows.iter().map(|row| row.message.content.as_str()).collect();
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
        .execute(&mut self.0)
        .await?;
        Ok(())
    }

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

    /// Finds for each row the stored message that it is, or makes a number for a new one, in the order of their times.
    ///
    /// Two rows are the same message where chat, time, role and text are the same; what is said twice at one moment in one
    /// file was said twice. Numbers are only looked at in a `dry_run`, not used up.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn find_matches(
        &mut self,
        chats: &[ChatId],
        dry_run: bool,
    ) -> sqlx::Result<BTreeMap<(usize, ChatId), Matched>> {
        let mut tx = self.0.begin().await?;
        sqlx::query!("select set_config('work_mem', '128MB', true)").fetch_one(&mut *tx).await?;
        sqlx::query!("analyze private.import_rows").execute(&mut *tx).await?;
        sqlx::query!(
            r#"with numbered as materialized (
                   select file, place, chat, at, role, digest,
                          row_number() over (partition by file, chat, at, role, digest order by place) as nth
                   from private.import_rows
               ), span as (
                   select chat, min(at) as first, max(at) as last from private.import_rows group by chat
               ), known as materialized (
                   select h.id, h.telegram_chat_id as chat, h.timestamp as at, h.role,
                          substring(sha256(convert_to(h.content, 'UTF8')) for 16) as digest,
                          row_number() over (
                              partition by h.telegram_chat_id, h.timestamp, h.role, sha256(convert_to(h.content, 'UTF8')) order by h.id
                          ) as nth
                   from span s join chat_history h
                     on h.telegram_chat_id = s.chat and h.thread_id = 0 and h.timestamp between s.first and s.last
               ), messages as materialized (
                   select distinct on (n.chat, n.at, n.role, n.digest, n.nth)
                          n.chat, n.at, n.role, n.digest, n.nth, n.file, n.place
                   from numbered n
                   order by n.chat, n.at, n.role, n.digest, n.nth, n.file, n.place
               ), new as materialized (
                   select o.chat, o.at, o.role, o.digest, o.nth, o.file, o.place, o.rank,
                          case when $2 then -row_number() over (order by o.at, o.file, o.place)
                               else nextval('public.chat_history_id_seq') end as id
                   from (
                       select m.*, rank() over (order by m.at) as rank
                       from messages m left join known k using (chat, at, role, digest, nth)
                       where k.id is null
                       order by m.at, m.file, m.place
                   ) o
               ), found as (
                   select chat, at, role, digest, nth, id, null::smallint as file, null::bigint as place, null::bigint as rank from known
                   union all
                   select chat, at, role, digest, nth, id, file, place, rank from new
               )
               insert into private.import_matches (file, place, chat, history_id, batch)
               select n.file, n.place, n.chat, f.id,
                      case when f.file = n.file and f.place = n.place then f.rank / $1 end
               from numbered n join found f using (chat, at, role, digest, nth)"#,
            BATCH,
            dry_run,
        )
        .execute(&mut *tx)
        .await?;
        sqlx::query!("analyze private.import_matches").execute(&mut *tx).await?;
        let rows = sqlx::query!(
            r#"select file, chat, count(batch) as "new!", count(*) - count(batch) as "known!"
               from private.import_matches where chat = any($1) group by file, chat"#,
            &ids(chats) as &[i64],
        )
        .fetch_all(&mut *tx)
        .await?;
        tx.commit().await?;
        Ok(rows
            .into_iter()
            .map(|row| ((index(row.file), ChatId(row.chat)), Matched { new: row.new, known: row.known }))
            .collect())
    }

    /// The batches of new messages, with how many each has.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn batches(&mut self) -> sqlx::Result<Vec<(i64, i64)>> {
        let rows = sqlx::query!(
            r#"select batch as "batch!", count(*) as "count!" from private.import_matches where batch is not null
               group by batch order by batch"#
        )
        .fetch_all(&mut self.0)
        .await?;
        Ok(rows.into_iter().map(|row| (row.batch, row.count)).collect())
    }
}

/// What is written into every new message.
#[derive(Clone, Copy, Debug)]
pub struct Into {
    /// Whose it is.
    pub account: AccountId,
    /// The import's number.
    pub import: i64,
    /// The time now: what was said within the chat's session is short-term.
    pub now: DateTime<Utc>,
}

/// Writes one batch of new messages, in one transaction. What is beyond short-term is whole history until the import is over.
///
/// # Errors
/// When the database does not answer; then nothing of the batch is there.
pub async fn write(connection: &mut PgConnection, into: Into, batch: i64) -> sqlx::Result<()> {
    let mut tx = connection.begin().await?;
    sqlx::query!(
        "select pg_advisory_xact_lock_shared($1, $2), set_config('synchronous_commit', 'off', true)",
        LOCKS,
        WRITES
    )
    .fetch_one(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into chat_history (id, account_id, telegram_chat_id, role, content, memory_type, timestamp, import_id)
         overriding system value
         select m.history_id, $1, r.chat, r.role, r.content,
                case when r.at > $2::timestamptz - case c.session_length
                    when 'short' then interval '3 hours' when 'long' then interval '12 hours' else interval '6 hours' end
                then 'short_term' else 'whole_history' end,
                r.at, $3
         from private.import_matches m
         join private.import_rows r on r.file = m.file and r.place = m.place
         join account_chats c on c.telegram_chat_id = r.chat and c.account_id = $1
         where m.batch = $4
         order by m.history_id",
        into.account.0,
        into.now,
        into.import,
        batch,
    )
    .execute(&mut *tx)
    .await?;
    tx.commit().await
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

/// Reads the stored messages that these files' rows have become, a page at a time: from `after` (file and number) on.
///
/// # Errors
/// When the database does not answer.
pub async fn stored(
    connection: &mut PgConnection,
    after: (usize, i64),
    limit: i64,
) -> sqlx::Result<(Vec<Stored>, Option<(usize, i64)>)> {
    let rows = sqlx::query!(
        "select m.file, m.history_id, h.telegram_chat_id, h.timestamp, h.role, h.content
         from private.import_matches m join chat_history h on h.id = m.history_id
         where (m.file, m.history_id) > ($1, $2) order by m.file, m.history_id limit $3",
        number(after.0),
        after.1,
        limit,
    )
    .fetch_all(connection)
    .await?;
    let last = rows.last().map(|row| (index(row.file), row.history_id));
    let stored = rows
        .into_iter()
        .map(|row| Stored {
            file: index(row.file),
            chat: ChatId(row.telegram_chat_id),
            at: row.timestamp,
            role: row.role,
            content: row.content,
        })
        .collect();
    Ok((stored, last))
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
