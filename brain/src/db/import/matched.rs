//! Which stored message each staged row is, in `private.import_matches`: one that is there already, or a new one.

use std::collections::BTreeMap;

use sqlx::Connection;

use super::{Importer, ids, index};
use crate::ids::ChatId;

/// New messages of one transaction.
const BATCH: i64 = 5_000;

/// Rows of one file and chat after the match.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matched {
    /// New messages.
    pub new: i64,
    /// Messages that are there already, or stand in an earlier file.
    pub known: i64,
}

impl Importer {
    /// Finds for each row the stored message that it is, or makes a number for a new one, in the order of the chat's times.
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
        // Nobody has counted rows that came a moment ago, and a nested loop over a million that were taken for one has no end.
        sqlx::query!("select set_config('work_mem', '128MB', true) as memory, set_config('enable_nestloop', 'off', true) as nested")
            .fetch_one(&mut *tx)
            .await?;
        sqlx::query!("analyze private.import_rows").execute(&mut *tx).await?;
        let span =
            sqlx::query!("select min(at), max(at) from private.import_rows").fetch_one(&mut *tx).await?;
        sqlx::query!(
            r#"with numbered as (
                   select file, place, chat, at, digest,
                          row_number() over (partition by chat, at, digest, file order by place) as nth
                   from private.import_rows
               ), messages as (
                   select *, row_number() over (partition by chat, at, digest, nth order by file, place) = 1 as is_first
                   from numbered
               ), known as materialized (
                   select h.id, h.telegram_chat_id as chat, h.timestamp as at, d.digest,
                          row_number() over (partition by h.telegram_chat_id, h.timestamp, d.digest order by h.id) as nth
                   from chat_history h,
                        substring(sha256(convert_to(h.role || ':' || h.content, 'UTF8')) for 16) as d (digest)
                   where h.telegram_chat_id = any($2) and h.thread_id = 0 and h.timestamp between $3 and $4
               ), ordered as (
                   select m.*, k.id as known, m.is_first and k.id is null as is_new
                   from messages m left join known k using (chat, at, digest, nth)
                   order by m.chat, m.at, m.file, m.place
               ), identified as (
                   select o.*,
                          case when is_new and $5 then -row_number() over (order by chat, at)
                               when is_new then nextval('public.chat_history_id_seq') else known end as id,
                          count(*) filter (where is_new) over (order by chat, at) / $1 as batch
                   from ordered o
               )
               insert into private.import_matches (file, place, chat, history_id, batch)
               select file, place, chat, first_value(id) over (partition by chat, at, digest, nth order by file, place),
                      case when is_new then batch end
               from identified"#,
            BATCH,
            &ids(chats) as &[i64],
            span.min,
            span.max,
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
