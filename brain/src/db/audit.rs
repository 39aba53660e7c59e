//! `audit_log`: who acts. What is done writes its own row, and a trigger signs it.

use sqlx::PgConnection;

/// What the caller's transaction does, it does for this person on Telegram.
///
/// # Errors
/// When the database does not answer.
pub async fn acts(tx: &mut PgConnection, person: i64) -> sqlx::Result<()> {
    sqlx::query!("select set_config('pykhbrain.actor', $1, true)", format!("telegram:{person}"))
        .fetch_one(tx)
        .await?;
    Ok(())
}
