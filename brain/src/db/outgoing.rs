//! `outgoing_messages`, the outbox: what is to be sent, sent or refused, in each chat's order.

use std::time::Duration;

use sqlx::{PgPool, types::Json};

use crate::{
    export::Export,
    ids::{ChatId, Conversation, Fence, ThreadId, UpdateRef},
    ports::reason::Reason,
    reply::{Keyboard, Part},
    sign_in::Secret,
};

/// A message that its holder has claimed for sending.
#[derive(Clone, Debug)]
pub struct Claimed {
    /// `outgoing_messages.id`.
    pub id: i64,
    /// The topic that it goes to.
    pub thread: ThreadId,
    /// The text.
    pub part: Part,
    /// What is to be put into it.
    pub secret: Option<Secret>,
    /// The message that it answers, in groups.
    pub reply_to: Option<i64>,
    /// The keys under it.
    pub keyboard: Option<Keyboard>,
    /// What the file is made from that it brings; the text is then what stands below it.
    pub document: Option<Export>,
    /// How long it has waited.
    pub age: Duration,
}

/// Claims the chat's lowest unsent message under our fence. `None` where there is none, or the fence is no longer ours.
///
/// A row in state `sending` under an older fence is claimed too: its sender died, and whether Telegram had it nobody knows.
/// For the same reason it is not waited for until the claim is on disk: without it the row would be claimed again just so.
///
/// # Errors
/// When the database does not answer.
pub async fn claim_next(pool: &PgPool, chat: ChatId, fence: Fence) -> sqlx::Result<Option<Claimed>> {
    let row = sqlx::query!(
        r#"update outgoing_messages set state = 'sending', fence = $2
         where id = (
             select id from outgoing_messages
             where telegram_chat_id = $1 and state in ('waiting', 'sending') order by id limit 1
         )
           and exists (
               select from chat_turns
               where telegram_chat_id = $1 and fence = $2 and lease_expires_at > clock_timestamp()
           )
         returning id, thread_id, html, plain, reply_to, keyboard as "keyboard: Json<Keyboard>",
                   document as "document: Json<Export>", secret as "secret: Json<Secret>", set_config('synchronous_commit', 'off', true),
                   greatest(0, extract(epoch from clock_timestamp() - created_at))::float8 as "age!""#,
        chat.0,
        fence.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| Claimed {
        id: row.id,
        thread: ThreadId(row.thread_id),
        part: Part { html: row.html, plain: row.plain },
        secret: row.secret.map(|secret| secret.0),
        reply_to: row.reply_to,
        keyboard: row.keyboard.map(|keyboard| keyboard.0),
        document: row.document.map(|document| document.0),
        age: Duration::from_secs_f64(row.age),
    }))
}

/// How a message's sending ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Sent {
    /// Telegram has it, under this message id (absent where its answer did not name one).
    Delivered(Option<i64>),
    /// Telegram will never take it.
    Refused(Reason),
    /// Not now: it waits again.
    Later,
}

/// Notes how the sending ended. Says whether the chat has more to send.
///
/// # Errors
/// When the database does not answer.
pub async fn note_sent(pool: &PgPool, chat: ChatId, id: i64, sent: &Sent) -> sqlx::Result<bool> {
    let (state, message_id, error) = match sent {
        Sent::Delivered(message_id) => ("sent", *message_id, None),
        Sent::Refused(error) => ("failed", None, Some(error.as_str())),
        Sent::Later => ("waiting", None, None),
    };
    sqlx::query_scalar!(
        r#"with noted as (
               update outgoing_messages set state = $3, telegram_message_id = $4, error = $5,
                   sent_at = case when $3 = 'sent' then clock_timestamp() end
               where id = $2 and state = 'sending'
               returning history_id
           ), remembered as (
               update chat_history h set telegram_message_id = $4 from noted
               where h.id = noted.history_id and h.telegram_message_id is null and $4::bigint is not null
           )
           select exists (
               select from outgoing_messages where telegram_chat_id = $1 and id > $2 and state in ('waiting', 'sending')
           ) as "more!""#,
        chat.0,
        id,
        state,
        message_id,
        error,
    )
    .fetch_one(pool)
    .await
}

/// Gives up on everything that waits to be sent to the chat (it blocked or threw out the bot).
///
/// # Errors
/// When the database does not answer.
pub async fn refuse_all(pool: &PgPool, chat: ChatId, error: &Reason) -> sqlx::Result<()> {
    sqlx::query!(
        "update outgoing_messages set state = 'failed', error = $2
         where telegram_chat_id = $1 and state in ('waiting', 'sending')",
        chat.0,
        error.as_str(),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Whether the next message to a chat may go out.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// It may, after this short wait, which is the whole cluster's pace.
    Reserved(Duration),
    /// The chat has had enough; ask again after this.
    Full(Duration),
}

/// Asks for a place in the chat's and the cluster's sending rate.
///
/// # Errors
/// When the database does not answer.
pub async fn reserve(pool: &PgPool, chat: ChatId, rate: u32) -> sqlx::Result<Place> {
    let row = sqlx::query!(
        r#"select reserved as "reserved!", wait_ms as "wait_ms!" from private.reserve_send($1, $2, $3)"#,
        chat.0,
        chat.is_group(),
        i32::try_from(rate).unwrap_or(i32::MAX),
    )
    .fetch_one(pool)
    .await?;
    let wait = Duration::from_millis(u64::try_from(row.wait_ms).unwrap_or(0));
    Ok(if row.reserved { Place::Reserved(wait) } else { Place::Full(wait) })
}

/// Puts a message of ours that answers no update (or not only one) into the outbox. Who does not hold the chat's turn
/// calls it in the same transaction: [`chat_turns::call`](super::chat_turns::call).
///
/// # Errors
/// When the database does not answer.
pub async fn post(
    tx: &mut sqlx::PgConnection,
    to: Conversation,
    part: &Part,
    keyboard: Option<&Keyboard>,
    update: Option<UpdateRef>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outgoing_messages (telegram_chat_id, thread_id, html, plain, keyboard, update_ref)
         values ($1, $2, $3, $4, $5, $6)",
        to.chat.0,
        to.thread.0,
        part.html,
        part.plain,
        keyboard.map(|keyboard| serde_json::json!(keyboard)),
        update.map(|update| update.0),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// The same with a secret, which is put in when it is sent.
///
/// # Errors
/// When the database does not answer.
pub async fn post_secret(
    tx: &mut sqlx::PgConnection,
    to: Conversation,
    part: &Part,
    secret: &Secret,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into outgoing_messages (telegram_chat_id, thread_id, html, plain, secret) values ($1, $2, $3, $4, $5)",
        to.chat.0,
        to.thread.0,
        part.html,
        part.plain,
        serde_json::json!(secret),
    )
    .execute(tx)
    .await?;
    Ok(())
}

/// Whether a sent message shows a link or a code. `false` where nothing is kept of it any more: then it opens nothing any more.
///
/// # Errors
/// When the database does not answer.
pub async fn shows_secret(pool: &PgPool, chat: ChatId, message_id: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from outgoing_messages where telegram_chat_id = $1 and telegram_message_id = $2 and secret is not null
           ) as "shows!""#,
        chat.0,
        message_id,
    )
    .fetch_one(pool)
    .await
}

/// A message of ours under which somebody pressed a key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WithKeys {
    /// The topic in which it stands.
    pub thread: ThreadId,
    /// Its keys; `None` once a press has settled the matter (or it never had any).
    pub keyboard: Option<Keyboard>,
}

/// Looks up a sent message by Telegram's id. `None` where nothing is kept of it any more.
///
/// # Errors
/// When the database does not answer.
pub async fn with_keys(pool: &PgPool, chat: ChatId, message_id: i64) -> sqlx::Result<Option<WithKeys>> {
    let row = sqlx::query!(
        r#"select thread_id, keyboard as "keyboard: Json<Keyboard>" from outgoing_messages
           where telegram_chat_id = $1 and telegram_message_id = $2"#,
        chat.0,
        message_id,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| WithKeys {
        thread: ThreadId(row.thread_id),
        keyboard: row.keyboard.map(|keyboard| keyboard.0),
    }))
}

/// Deletes up to `limit` sent or refused messages that are older than thirty days; the history keeps what was said.
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, limit: i64) -> sqlx::Result<u64> {
    let deleted = sqlx::query!(
        "delete from outgoing_messages where id in (
             select id from outgoing_messages
             where state in ('sent', 'failed') and created_at < now() - interval '30 days' order by created_at limit $1
         )",
        limit
    )
    .execute(pool)
    .await?;
    // The longest window that is counted in one is a day.
    let buckets = sqlx::query!("delete from rate_buckets where used_at < now() - interval '25 hours'")
        .execute(pool)
        .await?;
    Ok(deleted.rows_affected() + buckets.rows_affected())
}
