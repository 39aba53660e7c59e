//! The file of `/export`: what every table keeps of a chat, row by row, as PostgreSQL writes it in JSON. `docs/export.md` says
//! what each part means.

use chrono::{DateTime, Utc};
use futures::{Stream, TryStreamExt};
use serde_json::json;
use sqlx::PgPool;

use crate::{
    export::{Export, MOST_BYTES, Made, Sheet, TooBig},
    sign_in::PLACE,
};

/// Why a file was not finished.
enum Stopped {
    TooBig,
    Database(sqlx::Error),
}

impl From<TooBig> for Stopped {
    fn from(_: TooBig) -> Self {
        Self::TooBig
    }
}

impl From<sqlx::Error> for Stopped {
    fn from(error: sqlx::Error) -> Self {
        Self::Database(error)
    }
}

/// Makes the file from one view of the database. Rows are taken as they come: what is in memory is the file, never a table.
///
/// # Errors
/// When the database does not answer.
pub async fn make(pool: &PgPool, export: &Export, now: DateTime<Utc>) -> sqlx::Result<Made> {
    match write(pool, export, now).await {
        Ok(made) => Ok(made),
        Err(Stopped::TooBig) => Ok(Made::TooBig),
        Err(Stopped::Database(error)) => Err(error),
    }
}

async fn write(pool: &PgPool, export: &Export, now: DateTime<Utc>) -> Result<Made, Stopped> {
    let chat = export.chat.0;
    let is_group = export.chat.is_group();
    let mut tx = pool.begin_with("begin isolation level repeatable read, read only").await?;
    sqlx::query!("select set_config('timezone', 'UTC', true)").fetch_one(&mut *tx).await?;
    let account =
        sqlx::query_scalar!("select account_id from account_chats where telegram_chat_id = $1", chat)
            .fetch_optional(&mut *tx)
            .await?;
    let Some(account) = account else { return Ok(Made::Nothing) };

    let mut sheet = Sheet::new(MOST_BYTES);
    let scope = if is_group { "group" } else { "private" };
    let head =
        json!({"format": "pykhbrain-export", "version": 1, "exported_at": now, "scope": scope}).to_string();
    sheet.write(head.trim_end_matches('}')).await?;
    let mut writer = Writer { sheet, tx, account, chat, is_group };
    writer.about().await?;
    writer.words().await?;
    writer.learned().await?;
    writer.dealings().await?;
    let Writer { mut sheet, .. } = writer;
    sheet.write("\n}\n").await?;
    Ok(sheet.finish(format!("pykhbrain-export-{}.json", now.format("%Y-%m-%d"))))
}

/// A file that is being written: of which chat, from which view of the database.
struct Writer<'a> {
    sheet: Sheet,
    tx: sqlx::Transaction<'a, sqlx::Postgres>,
    account: i64,
    chat: i64,
    is_group: bool,
}

impl Writer<'_> {
    /// Whose memory it is, and how it is set up.
    async fn about(&mut self) -> Result<(), Stopped> {
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('id', a.id, 'name', case when not $2 then a.name end, 'created_at', a.created_at,
                                        'temporary_until', t.expires_at)::text as "row!"
               from accounts a left join temporary_accounts t on t.account_id = a.id where a.id = $1"#,
            self.account,
            self.is_group,
        );
        section(&mut self.sheet, "account", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('telegram_chat_id', telegram_chat_id, 'name', chat_name, 'kind', kind,
                                        'is_active', is_active, 'session_length', session_length, 'respond_to', respond_to,
                                        'notify_facts', notify_facts, 'narrative', narrative, 'narrative_at', narrative_at,
                                        'created_at', created_at,
                                        'own_model', (select json_build_object('host', k.host, 'asked_at', k.asked_at, 'agreed', k.agreed,
                                                                               'decided_at', k.decided_at)
                                                      from model_consents k where k.telegram_chat_id = $1))::text as "row!"
               from account_chats where telegram_chat_id = $1"#,
            self.chat,
        );
        section(&mut self.sheet, "chat", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('thread_id', thread_id, 'cleared_through', cleared_through, 'read_through', read_through,
                                        'read_at', read_at)::text as "row!"
               from conversations where telegram_chat_id = $1 order by thread_id"#,
            self.chat,
        );
        section(&mut self.sheet, "conversations", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('category', category, 'text', content, 'priority', priority, 'is_active', is_active,
                                        'created_at', created_at)::text as "row!"
               from bot_rules where account_id = $1 and not $2 order by priority desc, id"#,
            self.account,
            self.is_group,
        );
        section(&mut self.sheet, "rules", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('key', setting_key, 'value', setting_value)::text as "row!"
               from account_settings where account_id = $1 and not $2 order by setting_key"#,
            self.account,
            self.is_group,
        );
        section(&mut self.sheet, "settings", rows.fetch(&mut *self.tx)).await
    }

    /// What was said.
    async fn words(&mut self) -> Result<(), Stopped> {
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('id', id, 'thread_id', thread_id, 'role', role, 'speaker_id', speaker_id,
                                        'speaker', speaker_name, 'said_at', timestamp, 'edited_at', edited_at, 'tier', memory_type,
                                        'telegram_message_id', telegram_message_id, 'text', content)::text as "row!"
               from chat_history where telegram_chat_id = $1 order by timestamp, id"#,
            self.chat,
        );
        section(&mut self.sheet, "messages", rows.fetch(&mut *self.tx)).await?;
        // The groups of the same account, and of them only the words of the person whose private chat this is.
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('telegram_chat_id', h.telegram_chat_id, 'chat', c.chat_name, 'id', h.id, 'said_at', h.timestamp,
                                        'edited_at', h.edited_at, 'text', h.content)::text as "row!"
               from account_chats c join chat_history h on h.telegram_chat_id = c.telegram_chat_id
               where not $3 and c.account_id = $1 and c.kind <> 'private' and h.account_id = $1
                 and h.speaker_id = $2 and h.role = 'user'
               order by h.telegram_chat_id, h.timestamp, h.id"#,
            self.account,
            self.chat,
            self.is_group,
        );
        section(&mut self.sheet, "said_in_groups", rows.fetch(&mut *self.tx)).await
    }

    /// What was learned from it.
    async fn learned(&mut self) -> Result<(), Stopped> {
        // What was learned here, and of it also what is true no more; numbers of facts that were learned elsewhere are left out.
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('number', f.number, 'text', f.content, 'kind', f.kind, 'about', f.about, 'scope', f.scope,
                                        'valid_from', f.valid_from, 'valid_to', f.valid_to, 'learned_at', f.created_at,
                                        'confirmed', f.confirmed, 'imported_from', f.imported_from,
                                        'followed_by', (select n.number from history_context n
                                                        where n.id = f.superseded_by and n.telegram_chat_id = $2),
                                        'sources', (select coalesce(json_agg(s.history_id order by s.history_id), '[]')
                                                    from fact_sources s join chat_history h on h.id = s.history_id
                                                    where s.fact_id = f.id and h.telegram_chat_id = $2))::text as "row!"
               from history_context f where f.account_id = $1 and f.telegram_chat_id = $2 order by f.number"#,
            self.account,
            self.chat,
        );
        section(&mut self.sheet, "facts", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('forgotten_at', forgotten_at, 'words', cardinality(words))::text as "row!"
               from forgotten_facts where account_id = $1 and telegram_chat_id = $2 order by forgotten_at"#,
            self.account,
            self.chat,
        );
        section(&mut self.sheet, "forgotten", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('message', history_id, 'edited_at', edited_at)::text as "row!"
               from edited_messages where telegram_chat_id = $1 order by history_id"#,
            self.chat,
        );
        section(&mut self.sheet, "to_read_again", rows.fetch(&mut *self.tx)).await
    }

    /// What came in and went out, and what it took.
    async fn dealings(&mut self) -> Result<(), Stopped> {
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('received_at', received_at, 'outcome', outcome, 'error', last_error,
                                        'body', translate(encode(body, 'base64'), E'\n', ''))::text as "row!"
               from telegram_updates where telegram_chat_id = $1 order by seq"#,
            self.chat,
        );
        section(&mut self.sheet, "received", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('created_at', created_at, 'sent_at', sent_at, 'state', state, 'error', error,
                                        'thread_id', thread_id, 'telegram_message_id', telegram_message_id, 'message', history_id,
                                        'text', replace(plain, $2, '…'), 'keyboard', keyboard, 'document', document)::text as "row!"
               from outgoing_messages where telegram_chat_id = $1 order by id"#,
            self.chat,
            PLACE,
        );
        section(&mut self.sheet, "sent", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('at', created_at, 'purpose', purpose, 'model', model, 'tokens_in', tokens_in,
                                        'tokens_cached', tokens_cached, 'tokens_out', tokens_out, 'latency_ms', latency_ms,
                                        'outcome', outcome, 'answer', answer_id, 'prompt', prompt)::text as "row!"
               from llm_usage where account_id = $1 and telegram_chat_id = $2 order by id"#,
            self.account,
            self.chat,
        );
        section(&mut self.sheet, "model_calls", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('day', day, 'answers', messages + own_messages, 'tokens', tokens + own_tokens)::text as "row!"
               from usage_days where account_id = $1 and not $2 order by day"#,
            self.account,
            self.is_group,
        );
        section(&mut self.sheet, "days", rows.fetch(&mut *self.tx)).await?;
        let rows = sqlx::query_scalar!(
            r#"select json_build_object('at', created_at, 'action', action, 'details', details)::text as "row!"
               from audit_log where account_id = $1 and telegram_chat_id = $2 order by id"#,
            self.account,
            self.chat,
        );
        section(&mut self.sheet, "audit", rows.fetch(&mut *self.tx)).await
    }
}

/// A list under its name, one row a line.
async fn section(
    sheet: &mut Sheet,
    name: &str,
    mut rows: impl Stream<Item = sqlx::Result<String>> + Unpin,
) -> Result<(), Stopped> {
    sheet.write(&format!(",\n\"{name}\":[")).await?;
    let mut separator = "\n";
    while let Some(row) = rows.try_next().await? {
        sheet.write(separator).await?;
        sheet.write(&row).await?;
        separator = ",\n";
    }
    sheet.write("]").await?;
    Ok(())
}
