//! People of permanent accounts, without the mails that it takes them in life.

use brain::ids::AccountId;
use chrono::{DateTime, Utc};
use sqlx::PgConnection;

/// Makes an account permanent as confirming a registration does. `telegram_user`: who asked in Telegram; `None` leaves that unknown.
/// `false`: it was permanent before, or its time was over at `now`.
pub async fn make_permanent(
    tx: &mut PgConnection,
    account: AccountId,
    email: &str,
    telegram_user: Option<i64>,
    now: DateTime<Utc>,
) -> bool {
    let registration: String = sqlx::query_scalar(
        "with registration as (
             insert into registrations (telegram_chat_id, asked_in, email, created_at, expires_at)
             select telegram_chat_id, coalesce($2, -1), lower($3), $4, $4 + interval '15 minutes'
             from account_chats where account_id = $1 limit 1
             returning id
         ) select id::text from registration",
    )
    .bind(account.0)
    .bind(telegram_user)
    .bind(email)
    .bind(now)
    .fetch_one(&mut *tx)
    .await
    .expect("it is noted");
    let outcome: String =
        sqlx::query_scalar("select private.confirm_registration($1::uuid, lower($2), null, 0, null, $3)")
            .bind(registration)
            .bind(email)
            .bind(now)
            .fetch_one(&mut *tx)
            .await
            .expect("it is confirmed");
    for quiet in [
        "delete from apalis.jobs where job_type = 'tell_registered' and status = 'Pending'",
        "update account_users set telegram_user_id = null where telegram_user_id = -1",
        "delete from audit_log where action = 'registered'",
        "delete from registrations where confirmed_at is not null",
    ] {
        sqlx::query(quiet).execute(&mut *tx).await.expect("it stays between us");
    }
    outcome == "permanent"
}

/// Adds a person to an account; who is in already is only tied to `telegram_user`.
pub async fn add(tx: &mut PgConnection, account: AccountId, email: &str, is_admin: bool, telegram_user: i64) {
    sqlx::query(
        "insert into account_users (account_id, email, is_admin, telegram_user_id) values ($1, $2, $3, $4)
         on conflict (account_id, email) do update set telegram_user_id = excluded.telegram_user_id",
    )
    .bind(account.0)
    .bind(email)
    .bind(is_admin)
    .bind(telegram_user)
    .execute(tx)
    .await
    .expect("they are in");
}
