//! `account_models`: accounts' own models. Keys are sealed before they come here and opened after they have left.

use base64::{Engine as _, prelude::BASE64_STANDARD};
use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Value, json};
use sqlx::PgPool;

use crate::{
    ids::AccountId,
    model::{Choice, OwnModel, is_key, key_context},
    ports::llm::BaseUrl,
    seal::Seal,
};

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

/// What the account has chosen.
///
/// # Errors
/// When the database does not answer.
pub async fn chosen(pool: &PgPool, account: AccountId) -> sqlx::Result<Choice> {
    let row = sqlx::query!(
        r#"select s.setting_value #>> '{}' as wish, m.base_url as "base_url?", m.model as "model?", m.api_key as "api_key?",
                  m.changed_at as "changed_at?", m.refused_at as "refused_at?"
           from accounts a
           left join account_settings s on s.account_id = a.id and s.setting_key = 'model'
           left join account_models m on m.account_id = a.id
           where a.id = $1"#,
        account.0,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map_or(Choice::House(None), |row| {
        own(row.base_url, row.model, row.api_key, row.changed_at, row.refused_at)
            .map_or(Choice::House(row.wish), Choice::Own)
    }))
}

/// A row that was joined to others, if there was one.
pub(super) fn own(
    base_url: Option<String>,
    id: Option<String>,
    sealed_key: Option<Vec<u8>>,
    changed_at: Option<DateTime<Utc>>,
    refused_at: Option<DateTime<Utc>>,
) -> Option<OwnModel> {
    Some(OwnModel {
        base_url: base_url?,
        id: id?,
        sealed_key: sealed_key?,
        changed_at: changed_at?,
        refused_at,
    })
}

/// Notes that the server refuses the key, or takes it again (`None`), unless the account has changed something meanwhile.
///
/// # Errors
/// When the database does not answer.
pub async fn note_refused(
    pool: &PgPool,
    account: AccountId,
    model: &OwnModel,
    refused_at: Option<DateTime<Utc>>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "update account_models set refused_at = $3
         where account_id = $1 and changed_at = $2 and (refused_at is null) <> ($3::timestamptz is null)",
        account.0,
        model.changed_at,
        refused_at,
    )
    .execute(pool)
    .await?;
    Ok(())
}
