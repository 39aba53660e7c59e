//! The one applier of migrations: the bootstrap, the queue's own, then ours.

use sqlx::{Executor, PgPool, migrate::Migrator};

use crate::queue;

static OURS: Migrator = sqlx::migrate!("../migrations");
const BOOTSTRAP: &str = include_str!("bootstrap.sql");

/// Brings the database to this program's schema. Safe to run again and from several processes at once (an advisory lock).
///
/// # Errors
/// When a statement fails; what was applied before it stays applied.
pub async fn migrate(pool: &PgPool) -> Result<(), sqlx::migrate::MigrateError> {
    let mut connection = pool.acquire().await?;
    // `create extension if not exists` is not safe against itself: two processes that start together would collide.
    connection.execute("select pg_advisory_lock(7253094581)").await?;
    let result = apply(&mut connection).await;
    connection.execute("select pg_advisory_unlock(7253094581)").await?;
    result
}

async fn apply(connection: &mut sqlx::PgConnection) -> Result<(), sqlx::migrate::MigrateError> {
    connection.execute(BOOTSTRAP).await?;
    connection.execute("set search_path = public, extensions").await?;
    let mut apalis = queue::migrations();
    apalis.dangerous_set_table_name("private.apalis_migrations");
    apalis.run_direct(None, &mut *connection, false).await?;
    ours().run_direct(None, connection, false).await
}

/// Whether the database has every migration that this program knows.
///
/// # Errors
/// When the database does not answer.
pub async fn is_current(pool: &PgPool) -> sqlx::Result<bool> {
    // Not a checked query: the table is made by the migrator itself, not by a migration.
    let applied: Result<Vec<i64>, _> =
        sqlx::query_scalar("select version from private.migrations where success").fetch_all(pool).await;
    match applied {
        Ok(applied) => Ok(ours().iter().all(|migration| applied.contains(&migration.version))),
        Err(sqlx::Error::Database(error)) if matches!(error.code().as_deref(), Some("42P01" | "3F000")) => {
            Ok(false)
        }
        Err(error) => Err(error),
    }
}

fn ours() -> Migrator {
    let mut ours = Migrator { migrations: OURS.migrations.clone(), ..Migrator::DEFAULT };
    ours.dangerous_set_table_name("private.migrations");
    ours
}
