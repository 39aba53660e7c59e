//! `registrations`: who has asked for a permanent account, and for which chat, as the bot's side sees it. They are confirmed on the web
//! ([`sign_in`](super::sign_in)).

use chrono::{DateTime, Utc};
use sqlx::{PgConnection, PgPool, types::Uuid};

use crate::{
    ids::ChatId,
    sign_in::{LINK_LIFE, Prover, hash},
};

/// Notes that the person wants the chat registered and is to name an address.
///
/// # Errors
/// When the database does not answer.
pub async fn expect_address(
    pool: &PgPool,
    chat: ChatId,
    person: ChatId,
    now: DateTime<Utc>,
) -> sqlx::Result<()> {
    sqlx::query!(
        "insert into registrations (telegram_chat_id, asked_in, created_at, expires_at) values ($1, $2, $3, $4)",
        chat.0,
        person.0,
        now,
        now + LINK_LIFE,
    )
    .execute(pool)
    .await?;
    Ok(())
}

/// The chat for which the person was asked for an address last, and its name.
///
/// # Errors
/// When the database does not answer.
pub async fn awaited(
    pool: &PgPool,
    person: ChatId,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<(ChatId, String)>> {
    let row = sqlx::query!(
        r#"select r.telegram_chat_id, coalesce(c.chat_name, '') as "name!"
           from registrations r join account_chats c using (telegram_chat_id)
           where r.asked_in = $1 and r.email is null and r.expires_at > $2 order by r.created_at desc, r.id limit 1"#,
        person.0,
        now,
    )
    .fetch_optional(pool)
    .await?;
    Ok(row.map(|row| (ChatId(row.telegram_chat_id), row.name)))
}

/// What came of a wish to be registered.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Asked {
    /// The mail of this registration is on its way.
    Sent(Uuid),
    /// Enough mails went from this chat to this address within a quarter of an hour.
    AddressIsBusy(DateTime<Utc>),
    /// Enough mails were asked for from this chat within a day.
    ChatIsBusy(DateTime<Utc>),
}

/// A wish to be registered.
pub struct Wish<'a> {
    /// The chat whose account is to be permanent.
    pub chat: ChatId,
    /// The private chat of who asks.
    pub person: ChatId,
    /// The address that is to be proved.
    pub email: &'a str,
}

/// Has the link sent. What was asked for this chat by this person before, and not answered, is over.
///
/// # Errors
/// When the database does not answer.
pub async fn ask(pool: &PgPool, prover: &Prover, wish: &Wish<'_>, now: DateTime<Utc>) -> sqlx::Result<Asked> {
    let (registration, link) = (Uuid::new_v4(), Uuid::new_v4());
    let mut tx = pool.begin().await?;
    // The last of these that is asked takes a place; the others have not taken one where it is refused, because all is undone.
    let chat_is_busy = sqlx::query_scalar!(
        "select private.take_place($1, 10, interval '1 day', $2)",
        format!("mail_from:{}", wish.person),
        now,
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some(until) = chat_is_busy {
        return Ok(Asked::ChatIsBusy(until));
    }
    sqlx::query!(
        "delete from registrations where asked_in = $1 and telegram_chat_id = $2 and email is null",
        wish.person.0,
        wish.chat.0,
    )
    .execute(&mut *tx)
    .await?;
    sqlx::query!(
        "insert into registrations (id, telegram_chat_id, asked_in, email, code_hash, created_at, expires_at)
         values ($1, $2, $3, $4, $5, $6, $7)",
        registration,
        wish.chat.0,
        wish.person.0,
        wish.email,
        prover.code_hash(registration, &prover.digits(registration)),
        now,
        now + LINK_LIFE,
    )
    .execute(&mut *tx)
    .await?;
    let address_is_busy = sqlx::query_scalar!(
        "select private.ask_for_link($1, 'register', $2, $3, $4, $5, $6)",
        link,
        wish.email,
        hash(&prover.token(link)),
        registration,
        wish.person.0,
        now,
    )
    .fetch_one(&mut *tx)
    .await?;
    if let Some(until) = address_is_busy {
        return Ok(Asked::AddressIsBusy(until));
    }
    tx.commit().await?;
    Ok(Asked::Sent(registration))
}

/// A registration that was confirmed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Confirmed {
    /// The chat.
    pub chat: ChatId,
    /// The private chat of who asked.
    pub person: ChatId,
    /// What the chat is called.
    pub name: String,
    /// The address.
    pub email: String,
    /// Whether it joined an account that was there; otherwise its own became permanent.
    pub outcome: Outcome,
}

/// What a confirmed registration came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The chat's own account is permanent now.
    Permanent,
    /// The chat has joined an account of the person.
    Joined,
    /// It was in it before.
    Already,
}

/// A confirmed registration of which the chat has not been told; marks it as told, in the caller's transaction.
///
/// # Errors
/// When the database does not answer.
pub async fn to_tell(
    tx: &mut PgConnection,
    registration: Uuid,
    now: DateTime<Utc>,
) -> sqlx::Result<Option<Confirmed>> {
    let row = sqlx::query!(
        r#"update registrations r set told_at = $2 from account_chats c
           where r.id = $1 and r.told_at is null and r.outcome is not null and c.telegram_chat_id = r.telegram_chat_id
           returning r.telegram_chat_id, r.asked_in, coalesce(c.chat_name, '') as "name!", r.email as "email!", r.outcome as "outcome!""#,
        registration,
        now,
    )
    .fetch_optional(tx)
    .await?;
    Ok(row.map(|row| Confirmed {
        chat: ChatId(row.telegram_chat_id),
        person: ChatId(row.asked_in),
        name: row.name,
        email: row.email,
        outcome: match row.outcome.as_str() {
            "permanent" => Outcome::Permanent,
            "joined" => Outcome::Joined,
            _ => Outcome::Already,
        },
    }))
}
