//! What an update came to: remembered, answered, noted and finished in one atomic statement, under the turn's fence.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    db::llm_usage::Usage,
    export::Document,
    ids::{AccountId, Conversation, Fence, UpdateRef},
    queue,
    reply::{Keyboard, Part, plain_parts},
    sign_in::Secret,
};

/// A message of a person, to be remembered.
#[derive(Clone, Debug)]
pub struct SaidByPerson {
    /// The text.
    pub text: String,
    /// When, by Telegram's clock.
    pub at: DateTime<Utc>,
    /// Telegram's id of the message within its chat.
    pub message_id: i64,
    /// Who said it.
    pub speaker_id: i64,
    /// And by which name.
    pub speaker_name: String,
}

/// Everything that an update changes. What is `None` or empty is left out.
#[derive(Clone, Debug)]
pub struct Outcome<'a> {
    /// The account that it belongs to; `None` for an update that touches no memory.
    pub account: Option<AccountId>,
    /// One word for operators: `telegram_updates.outcome`.
    pub word: &'static str,
    /// What was said.
    pub said: Option<&'a SaidByPerson>,
    /// The bot's answer to what was said, as it is remembered. Its row follows the person's in time and number.
    pub answer: Option<&'a str>,
    /// What is to be sent.
    pub parts: &'a [Part],
    /// The message that is answered, shown as a quote.
    pub reply_to: Option<i64>,
    /// Keys under the last part.
    pub keyboard: Option<&'a Keyboard>,
    /// What is put into the last part when it is sent.
    pub secret: Option<&'a Secret>,
    /// A file to send. Where it goes to another chat, that chat's turn is called.
    pub document: Option<&'a Document>,
    /// Whether what Telegram sent is not kept: it may hold a code or a link, or quote what was to be forgotten.
    pub drops_body: bool,
    /// The message whose keys have been pressed for the last time.
    pub settles: Option<i64>,
    /// The model's call behind it, which ends here.
    pub usage: Option<&'a Usage>,
    /// The time now.
    pub now: DateTime<Utc>,
}

/// Records the outcome. `false`: the turn is no longer ours (or the update was finished before), and nothing was written.
///
/// # Errors
/// When the database does not answer. Whether it was recorded is then unknown; the update's own state tells.
pub async fn record(
    pool: &PgPool,
    at: Conversation,
    fence: Fence,
    update: UpdateRef,
    outcome: &Outcome<'_>,
) -> sqlx::Result<bool> {
    let html: Vec<String> = outcome.parts.iter().map(|part| part.html.clone()).collect();
    let plain: Vec<String> = outcome.parts.iter().map(|part| part.plain.clone()).collect();
    let caption = outcome.document.and_then(|document| plain_parts(&document.caption).into_iter().next());
    let finished = sqlx::query!(
        r#"with turn as (
               select telegram_chat_id from chat_turns where telegram_chat_id = $1 and fence = $3 for update
           ), finished as (
               update telegram_updates set outcome = $5, finished_at = clock_timestamp(),
                   body = case when $26 then '' else body end
               where id = $4 and outcome is null and exists (select from turn)
               returning id
           ), said as (
               insert into chat_history (account_id, telegram_chat_id, thread_id, role, content, timestamp,
                                         telegram_message_id, speaker_id, speaker_name)
               select $6, $1, $2, 'user', $7,
                      greatest($8, (select h.timestamp from chat_history h where h.telegram_chat_id = $1
                                    order by h.timestamp desc, h.id desc limit 1)),
                      $9, $10, $11
               from finished where $7::text is not null
               returning timestamp
           ), spoken_in as (
               insert into conversations (account_id, telegram_chat_id, thread_id) select $6, $1, $2 from said
               on conflict do nothing
           ), answered as (
               insert into chat_history (account_id, telegram_chat_id, thread_id, role, content, timestamp)
               select $6, $1, $2, 'assistant', $12, greatest($13, said.timestamp)
               from said where $12::text is not null
               returning id
           ), posted as (
               insert into outgoing_messages (telegram_chat_id, thread_id, update_ref, history_id, html, plain, reply_to, keyboard, secret)
               select $1, $2, $4, (select id from answered), part.html, part.plain, case when part.place = 1 then $16::bigint end,
                      case when part.place = cardinality($14::text[]) then $18::jsonb end,
                      case when part.place = cardinality($14::text[]) then $25::jsonb end
               from finished, unnest($14::text[], $15::text[]) with ordinality as part (html, plain, place)
               order by part.place
           ), documented as (
               insert into outgoing_messages (telegram_chat_id, thread_id, update_ref, html, plain, document)
               select $19, case when $19 = $1 then $2 else 0 end, $4, $20, $21, $22 from finished where $19::bigint is not null
               returning telegram_chat_id
           ), settled as (
               update outgoing_messages o set keyboard = null from finished
               where o.telegram_chat_id = $1 and o.telegram_message_id = $24
           )
           select id, (select private.schedule_turn(telegram_chat_id, $23) from documented where telegram_chat_id <> $1) as called,
                  case when $17::jsonb is not null
                       then private.end_call($6, $1, $4, $17, (select id from answered)) end as noted
           from finished"#,
        at.chat.0,
        at.thread.0,
        fence.0,
        update.0,
        outcome.word,
        outcome.account.map(|account| account.0),
        outcome.said.map(|said| said.text.as_str()),
        outcome.said.map(|said| said.at),
        outcome.said.map(|said| said.message_id),
        outcome.said.map(|said| said.speaker_id),
        outcome.said.map(|said| said.speaker_name.as_str()),
        outcome.answer,
        outcome.now,
        &html,
        &plain,
        outcome.reply_to,
        outcome.usage.map(|usage| json!(usage)),
        outcome.keyboard.map(|keyboard| json!(keyboard)),
        outcome.document.map(|document| document.to.0),
        caption.as_ref().map_or("", |caption| caption.html.as_str()),
        caption.as_ref().map_or("", |caption| caption.plain.as_str()),
        outcome.document.map(|document| json!(document.export)),
        queue::new_job_id(),
        outcome.settles,
        outcome.secret.map(|secret| json!(secret)),
        outcome.drops_body,
    )
    .fetch_optional(pool)
    .await?;
    Ok(finished.is_some())
}
