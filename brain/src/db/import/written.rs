//! The new messages, from staging into `chat_history`, a batch at a time.

use chrono::{DateTime, Utc};
use sqlx::{Connection, PgConnection};

use super::{LOCKS, WRITES};
use crate::ids::AccountId;

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
    // A batch's rows are looked up one by one: a hash join would read all that is staged for each batch.
    sqlx::query!(
        "select pg_advisory_xact_lock_shared($1, $2), set_config('synchronous_commit', 'off', true) as durable,
                set_config('enable_hashjoin', 'off', true) as hashed, set_config('enable_mergejoin', 'off', true) as merged",
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
