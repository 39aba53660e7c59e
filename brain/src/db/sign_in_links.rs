//! `sign_in_links`: what is to be sent, what was sent. Links are used on the web ([`sign_in`](super::sign_in)).

use chrono::{DateTime, Duration, Utc};
use sqlx::{PgConnection, PgPool, types::Uuid};

use super::{invitations::Invitation, sign_in::read};
use crate::{
    ids::ChatId,
    sign_in::{LINK_LIFE, Prover, hash},
};

/// What a link is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To register a chat.
    Register {
        /// What the chat is called.
        chat: String,
        /// `registrations.id`.
        registration: Uuid,
    },
    /// To sign in; nothing is sent to an address that is in no account.
    SignIn {
        /// Whether it is in one.
        known: bool,
    },
    /// To tell somebody that they are invited into an account.
    Invite(Invitation),
}

/// A link that is to be sent.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unsent {
    /// `sign_in_links.id`.
    pub id: Uuid,
    /// Where to.
    pub email: String,
    /// What for.
    pub purpose: Purpose,
    /// The private chat in which it was asked for.
    pub chat: Option<ChatId>,
    /// Whether it is too late to send it.
    pub is_late: bool,
}

/// A link that has not been sent yet.
///
/// # Errors
/// When the database does not answer.
pub async fn unsent(pool: &PgPool, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<Option<Unsent>> {
    let row = sqlx::query!(
        r#"select l.email, l.registration_id, l.telegram_chat_id, l.expires_at <= $2 as "is_late!",
                  c.chat_name as "chat_name?", i.id as "invitation?", i.is_admin as "is_admin?", i.expires_at as "expires_at?",
                  private.account_summary(i.account_id) as account,
                  exists (select from account_users u where u.email = l.email)
                      or exists (select from invitations o where o.email = l.email and o.expires_at > $2) as "known!"
           from sign_in_links l
           left join registrations r on r.id = l.registration_id
           left join account_chats c on c.telegram_chat_id = r.telegram_chat_id
           left join invitations i on i.id = l.invitation_id
           where l.id = $1 and l.sent_at is null and l.used_at is null"#,
        id,
        now,
    )
    .fetch_optional(pool)
    .await?;
    let Some(row) = row else { return Ok(None) };
    let invitation = match (row.invitation, row.is_admin, row.expires_at, row.account) {
        (Some(id), Some(is_admin), Some(expires_at), Some(account)) => {
            Some(Invitation { id, is_admin, expires_at, account: read(account)? })
        }
        _ => None,
    };
    let purpose = match (row.registration_id, invitation) {
        (Some(registration), _) => {
            Purpose::Register { chat: row.chat_name.unwrap_or_default(), registration }
        }
        (None, Some(invitation)) => Purpose::Invite(invitation),
        (None, None) => Purpose::SignIn { known: row.known },
    };
    let chat = row.telegram_chat_id.map(ChatId);
    Ok(Some(Unsent { id, email: row.email, purpose, chat, is_late: row.is_late }))
}

/// Where a link leads: the page that asks before it uses anything. Supabase's mails add the rest to the first part.
#[must_use]
pub fn base_address(public_url: &str, registration: Option<Uuid>) -> String {
    let of = registration.map(|registration| registration.to_string()).unwrap_or_default();
    format!("{public_url}/auth/confirm?r={of}")
}

/// The whole of it, with the secret part and what it was made for.
#[must_use]
pub fn address(public_url: &str, token: &str, kind: &str, registration: Option<Uuid>) -> String {
    format!("{}&token_hash={token}&type={kind}", base_address(public_url, registration))
}

/// Notes that it was sent. Its time begins now, and that of its registration.
///
/// # Errors
/// When the database does not answer.
pub async fn note_sent(pool: &PgPool, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<()> {
    sqlx::query!(
        "with sent as (
             update sign_in_links set sent_at = $2, expires_at = $3 where id = $1 and sent_at is null returning registration_id
         )
         update registrations r set expires_at = $3 from sent where r.id = sent.registration_id and r.confirmed_at is null",
        id,
        now,
        now + LINK_LIFE,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// Notes that nothing is sent any more; `false`: that was noted before, or it was sent. Who says so in a chat does it in the same
/// transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn note_ended(tx: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let noted = sqlx::query!(
        "update sign_in_links set used_at = $2 where id = $1 and used_at is null and sent_at is null",
        id,
        now
    )
    .execute(tx)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// Notes that the chat is told of trouble with the mail; `false`: it was told before. Who says so does it in the same transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn note_trouble(tx: &mut PgConnection, id: Uuid, now: DateTime<Utc>) -> sqlx::Result<bool> {
    let noted = sqlx::query!(
        "update sign_in_links set troubled_at = $2 where id = $1 and troubled_at is null",
        id,
        now
    )
    .execute(tx)
    .await?;
    Ok(noted.rows_affected() > 0)
}

/// What came of a wish for a link to the dashboard.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Claimed {
    /// It may be given, for this address.
    By(String),
    /// Nobody has registered from this private chat, or with it.
    Nobody,
    /// Enough links were asked for here within an hour.
    Busy(DateTime<Utc>),
}

/// Who the person is whose private chat this is; Telegram has said so. Where they are in several accounts under several addresses,
/// the one of this chat's account goes first.
///
/// # Errors
/// When the database does not answer.
pub async fn claim(pool: &PgPool, person: ChatId, now: DateTime<Utc>) -> sqlx::Result<Claimed> {
    let email = sqlx::query_scalar!(
        "select u.email from private_chats p join account_users u on u.id = p.person_id where p.telegram_user_id = $1
         order by exists (select from account_chats c where c.telegram_chat_id = $1 and c.account_id = u.account_id) desc, u.id limit 1",
        person.0,
    )
    .fetch_optional(pool)
    .await?;
    let Some(email) = email else { return Ok(Claimed::Nobody) };
    let busy = sqlx::query_scalar!(
        "select private.take_place($1, 10, interval '1 hour', $2)",
        format!("dashboard:{person}"),
        now,
    )
    .fetch_one(pool)
    .await?;
    Ok(busy.map_or(Claimed::By(email), Claimed::Busy))
}

/// Makes a link for the address that needs no mail; its number. `person`: the private chat in which it is shown.
///
/// # Errors
/// When the database does not answer.
pub async fn make(
    pool: &PgPool,
    prover: &Prover,
    person: Option<ChatId>,
    email: &str,
    now: DateTime<Utc>,
) -> sqlx::Result<Uuid> {
    let id = Uuid::new_v4();
    sqlx::query!(
        "insert into sign_in_links (id, purpose, email, token_hash, telegram_chat_id, created_at, expires_at, sent_at)
         values ($1, 'dashboard', $2, $3, $4, $5, $6, $5)",
        id,
        email,
        hash(&prover.token(id)),
        person.map(|person| person.0),
        now,
        now + LINK_LIFE,
    )
    .execute(pool)
    .await?;
    Ok(id)
}

/// The last link that was shown in this private chat, while it is good.
///
/// # Errors
/// When the database does not answer.
pub async fn shown(pool: &PgPool, person: ChatId, now: DateTime<Utc>) -> sqlx::Result<Option<Uuid>> {
    sqlx::query_scalar!(
        "select id from sign_in_links
         where telegram_chat_id = $1 and purpose = 'dashboard' and used_at is null and expires_at > $2
         order by created_at desc, id limit 1",
        person.0,
        now,
    )
    .fetch_optional(pool)
    .await
}

/// Deletes up to `limit` links and registrations that are over since a day, and sessions that are over. Says how many.
///
/// # Errors
/// When the database does not answer.
pub async fn purge(pool: &PgPool, limit: i64, now: DateTime<Utc>) -> sqlx::Result<u64> {
    let day_ago = now - Duration::days(1);
    let links = sqlx::query!(
        "delete from sign_in_links where id in (
             select id from sign_in_links where expires_at < $2 order by expires_at limit $1
         )",
        limit,
        day_ago,
    )
    .execute(pool)
    .await?;
    let registrations = sqlx::query!(
        "delete from registrations where id in (
             select id from registrations where expires_at < $2 limit $1
         )",
        limit,
        day_ago,
    )
    .execute(pool)
    .await?;
    let sessions = sqlx::query!(
        "delete from web_sessions where id in (
             select id from web_sessions where seen_at <= $2 order by seen_at limit $1
         )",
        limit,
        now - Duration::days(30),
    )
    .execute(pool)
    .await?;
    Ok(links.rows_affected() + registrations.rows_affected() + sessions.rows_affected())
}
