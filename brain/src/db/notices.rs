//! `notices`: words to people about an account. They are written with what they tell of, and go with their sending.

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool};

use super::{account_summary::AccountSummary, invitations::Invitation, sign_in::read};
use crate::ids::ChatId;

/// Something that is to be said.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// `notices.id`.
    pub id: i64,
    /// What has happened.
    pub event: Event,
    /// Where it is said; `None`: by mail.
    pub to_chat: Option<ChatId>,
    /// To which address it goes where there is no chat.
    pub email: Option<String>,
    /// The account.
    pub account: AccountSummary,
}

/// What has happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// The person was asked into the account.
    Invited(Invitation),
    /// Somebody else has put the person out of it.
    Removed,
    /// The chat that is told has joined the account.
    Joined,
    /// A chat has joined it; for the account's administrators.
    ChatJoined(Option<Chat>),
    /// The chat that is told has left it.
    Left,
}

/// A chat in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Chat {
    /// What it is called.
    pub name: String,
    /// Whether it is a group.
    pub is_group: bool,
}

/// A notice that was not said yet; `None`: it was, or is about something that is over.
///
/// # Errors
/// When the database does not answer.
pub async fn waiting(pool: &PgPool, id: i64, now: DateTime<Utc>) -> sqlx::Result<Option<Notice>> {
    let row = sqlx::query!(
        r#"select n.kind, n.to_chat, n.email, private.account_summary(n.account_id) as "account!",
                  i.id as "invitation?", i.is_admin as "is_admin?", i.expires_at as "expires_at?",
                  c.telegram_chat_id as "chat?", c.chat_name as "chat_name?"
           from notices n
           left join invitations i on i.id = n.invitation_id and i.expires_at > $2
           left join account_chats c on c.telegram_chat_id = n.telegram_chat_id
           where n.id = $1"#,
        id,
        now,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let account: AccountSummary = read(row.account)?;
    let event = match (row.kind.as_str(), row.invitation) {
        ("invited", Some(invitation)) => Event::Invited(Invitation {
            id: invitation,
            is_admin: row.is_admin.unwrap_or_default(),
            expires_at: row.expires_at.unwrap_or(now),
            account: account.clone(),
        }),
        ("removed", _) => Event::Removed,
        ("joined", _) => Event::Joined,
        ("chat_joined", _) => Event::ChatJoined(
            row.chat.map(|chat| Chat { name: row.chat_name.unwrap_or_default(), is_group: chat < 0 }),
        ),
        ("left", _) => Event::Left,
        _ => return Ok(None),
    };
    Ok(Some(Notice { id, event, to_chat: row.to_chat.map(ChatId), email: row.email, account }))
}

/// Takes a notice away because it is said; `false`: it was before. Who says it in a chat does it in the same transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn take(tx: &mut PgConnection, id: i64) -> sqlx::Result<bool> {
    let taken = sqlx::query!("delete from notices where id = $1", id).execute(tx).await?;
    Ok(taken.rows_affected() > 0)
}

/// Deletes up to `limit` notices that could not be said in a day. Says how many.
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, limit: i64) -> sqlx::Result<u64> {
    let gone = sqlx::query!(
        "delete from notices where id in (
             select id from notices where created_at < clock_timestamp() - interval '1 day' order by id limit $1
         )",
        limit,
    )
    .execute(pool)
    .await?;
    Ok(gone.rows_affected())
}
