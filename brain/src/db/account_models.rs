//! `account_models`: accounts' own models. Keys are sealed before they come here and opened after they have left.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    ids::{AccountId, ChatId},
    model::{Choice, Consent, Offer, OwnModel, is_key, key_context},
    ports::llm::BaseUrl,
    seal::Seal,
};

/// Calls in a row without an answer in time, after which a server is left alone.
const TIMEOUTS: i32 = 3;
/// Of shorter keys the last four characters would be too large a part.
const HINTED: usize = 16;

/// The account's model as a person gives it, for [`Function::SetModel`](super::api::Function::SetModel).
#[derive(Debug)]
pub struct NewModel<'a> {
    /// Whose it is to be.
    pub account: AccountId,
    /// Its key; `None` keeps the one that is there, if the server stays the same.
    pub api_key: Option<&'a SecretString>,
    /// Where its server is.
    pub base_url: &'a BaseUrl,
    /// Its name there.
    pub model: &'a str,
}

/// The key has characters that no key has, or far too many.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("this is no key: it must be one word of letters, digits and signs")]
pub struct NotAKey;

impl NewModel<'_> {
    /// The call's arguments, with the key sealed.
    ///
    /// # Errors
    /// When the key is none.
    pub fn arguments(&self, seal: &Seal) -> Result<Value, NotAKey> {
        let server = self.base_url.as_str();
        let mut arguments =
            json!({"account": self.account.0, "base_url": server, "model": self.model.trim()});
        if let Some(key) = self.api_key {
            let key = key.expose_secret().trim();
            if !is_key(key) {
                return Err(NotAKey);
            }
            let sealed = seal.seal(&key_context(self.account, server), key.as_bytes());
            arguments["api_key"] = BASE64_STANDARD.encode(sealed).into();
            arguments["key_hint"] = if key.len() < HINTED { "" } else { &key[key.len() - 4..] }.into();
        }
        Ok(arguments)
    }
}

/// A row that was joined to others, and what the chat has said to it.
#[derive(Default)]
pub(super) struct Joined {
    pub(super) base_url: Option<String>,
    pub(super) id: Option<String>,
    pub(super) sealed_key: Option<Vec<u8>>,
    pub(super) changed_at: Option<DateTime<Utc>>,
    pub(super) refused_at: Option<DateTime<Utc>>,
    pub(super) paused_until: Option<DateTime<Utc>>,
    /// Of which server the chat was told or asked.
    pub(super) host: Option<String>,
    pub(super) agreed: Option<bool>,
    pub(super) told_pause: Option<DateTime<Utc>>,
}

impl Joined {
    /// The account's own model, where it has one. What was said to another server was not said to this one.
    pub(super) fn offer(self) -> Option<Offer> {
        let own = OwnModel {
            base_url: self.base_url?,
            id: self.id?,
            sealed_key: self.sealed_key?,
            changed_at: self.changed_at?,
            refused_at: self.refused_at,
            paused_until: self.paused_until,
        };
        let consent = match self.agreed {
            _ if self.host != Some(own.host()) => Consent::Unasked,
            None => Consent::Asked,
            Some(true) => Consent::Agreed,
            Some(false) => Consent::Declined,
        };
        Some(Offer { own, consent, told_pause: self.told_pause })
    }
}

/// Who answers the chat and reads its messages, and the account's own model where it has one.
///
/// # Errors
/// When the database does not answer.
pub async fn of_chat(
    pool: &PgPool,
    account: AccountId,
    chat: ChatId,
) -> sqlx::Result<(Choice, Option<Offer>)> {
    let row = sqlx::query!(
        r#"select s.setting_value #>> '{}' as wish, m.base_url as "base_url?", m.model as "model?", m.api_key as "api_key?",
                  m.changed_at as "changed_at?", m.refused_at, m.paused_until, k.host as "host?", k.agreed, k.told_pause
           from accounts a
           left join account_settings s on s.account_id = a.id and s.setting_key = 'model'
           left join account_models m on m.account_id = a.id
           left join model_consents k on k.account_id = a.id and k.telegram_chat_id = $2
           where a.id = $1"#,
        account.0,
        chat.0,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok((Choice::House(None), None)) };
    let joined = Joined {
        base_url: row.base_url,
        id: row.model,
        sealed_key: row.api_key,
        changed_at: row.changed_at,
        refused_at: row.refused_at,
        paused_until: row.paused_until,
        host: row.host,
        agreed: row.agreed,
        told_pause: row.told_pause,
    };
    let offer = joined.offer();
    Ok((Choice::of_chat(chat, row.wish, offer.as_ref()), offer))
}

/// The account's groups that are to be told which server their words go to.
///
/// # Errors
/// When the database does not answer.
pub async fn groups(pool: &PgPool, account: AccountId) -> sqlx::Result<Vec<ChatId>> {
    let groups = sqlx::query_scalar!(
        "select c.telegram_chat_id from account_chats c join account_models m on m.account_id = c.account_id
         where c.account_id = $1 and c.telegram_chat_id < 0 and c.is_active order by c.telegram_chat_id",
        account.0
    )
    .fetch_all(pool)
    .await?;
    Ok(groups.into_iter().map(ChatId).collect())
}

/// Notes that the server refuses the key, unless the account has changed something meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn note_refused(
    pool: &PgPool,
    account: AccountId,
    model: &OwnModel,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update account_models set refused_at = $3 where account_id = $1 and changed_at = $2 and refused_at is null",
        account.0,
        model.changed_at,
        now,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that the server has answered: all that it did before is forgiven.
///
/// # Errors
/// When the database does not answer.
pub async fn note_answered(pool: &PgPool, account: AccountId, model: &OwnModel) -> sqlx::Result<()> {
    sqlx::query!(
        "update account_models set refused_at = null, timeouts = 0, pauses = 0, paused_until = null
         where account_id = $1 and changed_at = $2
           and (refused_at is not null or timeouts > 0 or pauses > 0)",
        account.0,
        model.changed_at,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that the server has let a call run out of time. After three in a row it is left alone for a minute, and after each
/// one more for twice as long, thirty minutes at most; whichever process asked. Says until when, where a pause begins now.
///
/// # Errors
/// When the database does not answer.
pub async fn note_timeout(
    pool: &PgPool,
    account: AccountId,
    model: &OwnModel,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<DateTime<Utc>>> {
    let until = sqlx::query_scalar!(
        // Of the calls that were open when a pause began, those that end in it say nothing new.
        "update account_models
         set timeouts = case when pauses > 0 or timeouts + 1 >= $4 then 0 else timeouts + 1 end,
             pauses = pauses + (pauses > 0 or timeouts + 1 >= $4)::integer,
             paused_until = case when pauses > 0 or timeouts + 1 >= $4
                                 then $3::timestamptz + least(30, 2 ^ least(pauses, 5)) * interval '1 minute' end
         where account_id = $1 and changed_at = $2 and (paused_until is null or paused_until <= $3)
         returning paused_until",
        account.0,
        model.changed_at,
        now,
        TIMEOUTS,
    )
    .fetch_optional(pool)
    .await?
    .flatten();
    if let Some(until) = until {
        tracing::warn!(account.id = account.0, %until, "an account's own model does not answer; it is left alone");
    }
    Ok(until)
}
