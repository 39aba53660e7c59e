//! `accounts` and what hangs on them: chats, temporary accounts, settings, daily usage.

use chrono::{DateTime, Utc};
use serde_json::json;
use sqlx::{PgConnection, PgPool};

use crate::{
    account::{DailyUse, OwnLimits, RespondTo, Tenancy},
    db::{account_models, migration_mapping::Migration},
    ids::{AccountId, ChatId, Conversation, Fence, HistoryId},
    memory::SessionLength,
    model::{Choice, Offer},
    telegram::ChatKind,
};

/// What is known of a chat before its message is answered.
#[derive(Clone, Debug)]
pub struct ChatAccount {
    /// Whose chat it is.
    pub account: AccountId,
    /// Temporary or permanent.
    pub tenancy: Tenancy,
    /// How long this chat's sessions are.
    pub session: SessionLength,
    /// Whom the bot answers in this chat, if it is a group.
    pub respond_to: RespondTo,
    /// False once Telegram refused to deliver there.
    pub is_active: bool,
    /// Everything up to here was cleared from this conversation.
    pub cleared_through: HistoryId,
    /// What the account has used of the operator's model on the given day.
    pub used: DailyUse,
    /// What it has used of its own.
    pub used_own: DailyUse,
    /// What an operator allows it a day.
    pub limits: OwnLimits,
    /// Who answers here, and pays.
    pub model: Choice,
    /// The account's own model, whether or not it answers here.
    pub own_model: Option<Offer>,
    /// The account's active rules, the weightiest first.
    pub rules: Vec<String>,
    /// The chat's conversation so far, in short.
    pub narrative: Option<String>,
    /// As of when.
    pub narrative_at: Option<DateTime<Utc>>,
    /// Whether new facts are announced here.
    pub notify_facts: bool,
    /// How far its memory in old files has come over; `None` where it had none when it first wrote.
    pub migration: Option<Migration>,
}

/// Looks up the chat's account and settings. `None` for a chat that has none yet.
///
/// # Errors
/// When the database does not answer.
pub async fn of_chat(
    pool: &PgPool,
    at: Conversation,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<ChatAccount>> {
    let row = sqlx::query!(
        r#"select c.account_id, c.is_active, c.session_length, c.respond_to, c.narrative, c.narrative_at, c.notify_facts,
                  array(select r.content from bot_rules r where r.account_id = c.account_id and r.is_active
                        order by r.priority desc, r.id) as "rules!",
                  t.expires_at as "expires_at?",
                  coalesce(v.cleared_through, 0) as "cleared_through!",
                  coalesce(greatest(d.messages, d.calls), 0) as "messages!", coalesce(d.tokens, 0) as "tokens!",
                  coalesce(d.reading_tokens, 0) as "reading_tokens!", coalesce(d.own_messages, 0) as "own_messages!",
                  coalesce(d.own_tokens, 0) as "own_tokens!", a.daily_messages, a.daily_tokens,
                  s.setting_value #>> '{}' as wish, o.base_url as "base_url?", o.model as "model?", o.api_key as "api_key?",
                  o.changed_at as "changed_at?", o.refused_at, o.paused_until, k.host as "host?", k.agreed, k.told_pause,
                  m.migration_status as "migration?"
           from account_chats c
           join accounts a on a.id = c.account_id
           left join temporary_accounts t on t.account_id = c.account_id
           left join conversations v on v.telegram_chat_id = c.telegram_chat_id and v.thread_id = $2
           left join usage_days d on d.account_id = c.account_id and d.day = $3
           left join account_settings s on s.account_id = c.account_id and s.setting_key = 'model'
           left join account_models o on o.account_id = c.account_id
           left join model_consents k on k.account_id = c.account_id and k.telegram_chat_id = c.telegram_chat_id
           left join migration_mapping m on m.old_chat_id = c.telegram_chat_id
           where c.telegram_chat_id = $1"#,
        at.chat.0,
        at.thread.0,
        now.date_naive(),
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let own_model = account_models::Joined {
        base_url: row.base_url,
        id: row.model,
        sealed_key: row.api_key,
        changed_at: row.changed_at,
        refused_at: row.refused_at,
        paused_until: row.paused_until,
        host: row.host,
        agreed: row.agreed,
        told_pause: row.told_pause,
    }
    .offer();
    Ok(Some(ChatAccount {
        account: AccountId(row.account_id),
        tenancy: row.expires_at.map_or(Tenancy::Permanent, |expires_at| Tenancy::Temporary { expires_at }),
        session: SessionLength::parse(&row.session_length).unwrap_or_default(),
        respond_to: if row.respond_to == "all" { RespondTo::All } else { RespondTo::Mention },
        is_active: row.is_active,
        cleared_through: HistoryId(row.cleared_through),
        used: DailyUse {
            messages: u32::try_from(row.messages).unwrap_or(0),
            tokens: u64::try_from(row.tokens).unwrap_or(0),
            reading_tokens: u64::try_from(row.reading_tokens).unwrap_or(0),
        },
        used_own: DailyUse {
            messages: u32::try_from(row.own_messages).unwrap_or(0),
            tokens: u64::try_from(row.own_tokens).unwrap_or(0),
            reading_tokens: 0,
        },
        limits: own_limits(row.daily_messages, row.daily_tokens),
        model: Choice::of_chat(at.chat, row.wish, own_model.as_ref()),
        own_model,
        rules: row.rules,
        narrative: row.narrative,
        narrative_at: row.narrative_at,
        notify_facts: row.notify_facts,
        migration: row.migration.as_deref().and_then(Migration::parse),
    }))
}

/// What kind of account it is and what an operator allows it a day. `None`: there is none any more.
///
/// # Errors
/// When the database does not answer.
pub async fn standing(pool: &PgPool, account: AccountId) -> sqlx::Result<Option<(Tenancy, OwnLimits)>> {
    let row = sqlx::query!(
        r#"select a.daily_messages, a.daily_tokens, t.expires_at as "expires_at?"
           from accounts a left join temporary_accounts t on t.account_id = a.id where a.id = $1"#,
        account.0
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| {
        let tenancy =
            row.expires_at.map_or(Tenancy::Permanent, |expires_at| Tenancy::Temporary { expires_at });
        (tenancy, own_limits(row.daily_messages, row.daily_tokens))
    }))
}

/// Sets what an operator allows the account a day. `false`: there is none.
///
/// # Errors
/// When the database does not answer.
pub async fn set_limits(pool: &PgPool, account: AccountId, limits: OwnLimits) -> sqlx::Result<bool> {
    let set = sqlx::query!(
        "with changed as (
             update accounts set daily_messages = $2, daily_tokens = $3 where id = $1 returning id
         )
         insert into audit_log (account_id, action, details) select id, 'limits_set', $4 from changed",
        account.0,
        limits.messages.map(|messages| i32::try_from(messages).unwrap_or(i32::MAX)),
        limits.tokens.map(|tokens| i64::try_from(tokens).unwrap_or(i64::MAX)),
        json!({"messages": limits.messages, "tokens": limits.tokens}),
    )
    .execute(pool)
    .await?;
    Ok(set.rows_affected() > 0)
}

fn own_limits(messages: Option<i32>, tokens: Option<i64>) -> OwnLimits {
    OwnLimits {
        messages: messages.and_then(|messages| u32::try_from(messages).ok()),
        tokens: tokens.and_then(|tokens| u64::try_from(tokens).ok()),
    }
}

/// Gives a chat a temporary account of its own, within the caller's transaction. `false`: it has one already, or the fence is
/// no longer ours.
///
/// # Errors
/// When the database does not answer.
pub async fn create_temporary(
    tx: &mut PgConnection,
    chat: ChatId,
    fence: Fence,
    kind: ChatKind,
    name: &str,
    now: DateTime<Utc>,
    expires_at: DateTime<Utc>,
) -> sqlx::Result<bool> {
    let created = sqlx::query!(
        "with turn as (
             select from chat_turns where telegram_chat_id = $1 and fence = $2
               and not exists (select from account_chats where telegram_chat_id = $1) for update
         ), account as (
             insert into accounts (name, created_at) select $3, $5 from turn returning id
         ), rules as (
             insert into bot_rules (account_id, category, content, priority)
             select account.id, r.category, r.content, r.priority from account, private.default_rules() r
         ), chat as (
             insert into account_chats (account_id, telegram_chat_id, chat_name, kind, created_at)
             select id, $1, $3, $4, $5 from account
         )
         insert into temporary_accounts (account_id, telegram_chat_id, created_at, expires_at)
         select id, $1, $5, $6 from account",
        chat.0,
        fence.0,
        name.chars().take(255).collect::<String>(),
        kind_name(kind),
        now,
        expires_at,
    )
    .execute(tx)
    .await?;
    Ok(created.rows_affected() > 0)
}

/// Whether something can be sent to the person in private: they have written to the bot there, and have not blocked it.
///
/// # Errors
/// When the database does not answer.
pub async fn is_reachable(pool: &PgPool, person: i64) -> sqlx::Result<bool> {
    sqlx::query_scalar!(
        r#"select exists (
               select from account_chats where telegram_chat_id = $1 and kind = 'private' and is_active
           ) as "reachable!""#,
        person,
    )
    .fetch_one(pool)
    .await
}

/// Notes whether Telegram delivers to the chat.
///
/// # Errors
/// When the database does not answer.
pub async fn set_active(pool: &PgPool, chat: ChatId, is_active: bool) -> sqlx::Result<()> {
    sqlx::query!(
        "update account_chats set is_active = $2 where telegram_chat_id = $1 and is_active <> $2",
        chat.0,
        is_active
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Sets how long the chat's sessions are. What the longer session holds again is short-term again.
///
/// # Errors
/// When the database does not answer.
pub async fn set_session(
    pool: &PgPool,
    chat: ChatId,
    session: SessionLength,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "with chat as (
             update account_chats set session_length = $2 where telegram_chat_id = $1
         )
         update chat_history h set memory_type = 'short_term'
         where h.telegram_chat_id = $1 and h.memory_type = 'mid_term' and h.timestamp > $3
           and h.id > coalesce((select v.cleared_through from conversations v
                                where v.telegram_chat_id = $1 and v.thread_id = h.thread_id), 0)",
        chat.0,
        session.name(),
        session.began(now),
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Sets whether new facts are announced in the chat.
///
/// # Errors
/// When the database does not answer.
pub async fn set_notify(pool: &PgPool, chat: ChatId, notify: bool) -> sqlx::Result<()> {
    sqlx::query!("update account_chats set notify_facts = $2 where telegram_chat_id = $1", chat.0, notify)
        .execute(pool)
        .await?;
    Ok(())
}

/// Sets whom the bot answers in the group.
///
/// # Errors
/// When the database does not answer.
pub async fn set_respond_to(pool: &PgPool, chat: ChatId, respond_to: RespondTo) -> sqlx::Result<()> {
    sqlx::query!(
        "update account_chats set respond_to = $2 where telegram_chat_id = $1",
        chat.0,
        match respond_to {
            RespondTo::All => "all",
            RespondTo::Mention => "mention",
        }
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Moves everything of a chat to its new id, because Telegram made its group a supergroup. Where the new id has an account of
/// its own already (its first message was quicker), what stands there joins the old chat's account. Safe to run again.
///
/// # Errors
/// When the database does not answer.
pub async fn move_chat(pool: &PgPool, from: ChatId, to: ChatId) -> sqlx::Result<()> {
    sqlx::query!("select private.move_chat($1, $2)", from.0, to.0).execute(pool).await?;
    Ok(())
}

/// A chat's kind in Telegram's words.
const fn kind_name(kind: ChatKind) -> &'static str {
    match kind {
        ChatKind::Private => "private",
        ChatKind::Group => "group",
        ChatKind::Supergroup => "supergroup",
        ChatKind::Channel => "channel",
    }
}
