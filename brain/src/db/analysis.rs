//! `analysis_requests`: who asked for an analysis and is told what it came to, once.

use sqlx::PgPool;

use crate::{
    ids::{AccountId, ChatId, Conversation, ThreadId},
    queue,
    reply::Part,
};

/// A conversation that waits for the result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// Who asked.
    pub at: Conversation,
    /// What the account's readings since then came to.
    pub totals: Totals,
}

/// What readings came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Totals {
    /// New facts.
    pub added: i64,
    /// Facts with new words.
    pub changed: i64,
    /// Facts that are past now.
    pub retired: i64,
}

/// Asks for the result of the account's next analysis. Asking twice is asking once.
///
/// # Errors
/// When the database does not answer.
pub async fn request(pool: &PgPool, account: AccountId, at: Conversation) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into analysis_requests (telegram_chat_id, thread_id, account_id, after_usage)
         select $1, $2, $3, coalesce(max(id), 0) from llm_usage where account_id = $3
         on conflict do nothing",
        at.chat.0,
        at.thread.0,
        account.0,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Who waits for the account's analysis, each with what it came to.
///
/// # Errors
/// When the database does not answer.
pub async fn requests(pool: &PgPool, account: AccountId) -> sqlx::Result<Vec<Request>> {
    let rows = sqlx::query!(
        r#"select r.telegram_chat_id, r.thread_id,
                  coalesce(sum((u.prompt #>> '{operations,added}')::bigint), 0)::bigint as "added!",
                  coalesce(sum((u.prompt #>> '{operations,changed}')::bigint), 0)::bigint as "changed!",
                  coalesce(sum((u.prompt #>> '{operations,retired}')::bigint), 0)::bigint as "retired!"
           from analysis_requests r
           -- How much was learned in a private chat is for that chat.
           left join llm_usage u on u.account_id = r.account_id and u.id > r.after_usage
                                and (u.telegram_chat_id < 0 or u.telegram_chat_id = r.telegram_chat_id)
           where r.account_id = $1 group by 1, 2"#,
        account.0
    )
    .fetch_all(pool)
    .await?;
    Ok(rows
        .into_iter()
        .map(|row| Request {
            at: Conversation { chat: ChatId(row.telegram_chat_id), thread: ThreadId(row.thread_id) },
            totals: Totals { added: row.added, changed: row.changed, retired: row.retired },
        })
        .collect())
}

/// Tells the conversation the result: the request goes, the message goes into the outbox, together.
///
/// # Errors
/// When the database does not answer.
pub async fn report(pool: &PgPool, at: Conversation, parts: &[Part]) -> sqlx::Result<()> {
    let html: Vec<String> = parts.iter().map(|part| part.html.clone()).collect();
    let plain: Vec<String> = parts.iter().map(|part| part.plain.clone()).collect();
    sqlx::query!(
        "with request as (
             delete from analysis_requests where telegram_chat_id = $1 and thread_id = $2 returning telegram_chat_id
         ), posted as (
             insert into outgoing_messages (telegram_chat_id, thread_id, html, plain)
             select $1, $2, part.html, part.plain
             from request, unnest($3::text[], $4::text[]) with ordinality as part (html, plain, place) order by part.place
         )
         select private.schedule_turn(telegram_chat_id, $5) from request",
        at.chat.0,
        at.thread.0,
        &html,
        &plain,
        queue::new_job_id(),
    )
    .fetch_optional(pool)
    .await?;
    Ok(())
}
