//! The one applier of migrations: the bootstrap, the queue's own, then ours with their functions.

mod functions;

use sqlx::{Connection, Executor, PgPool, migrate::Migrator};

use crate::queue;

static OURS: Migrator = sqlx::migrate!("../migrations");
const BOOTSTRAP: &str = include_str!("bootstrap.sql");

/// Brings the database to this program's schema. Safe to run again and from several processes at once (an advisory lock).
///
/// # Errors
/// When a statement fails: then nothing of ours was applied.
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
    apalis.set_locking(false);
    apalis.run_direct(None, &mut *connection, false).await?;
    // In one transaction, so that no process meets a new table with old functions.
    let mut transaction = connection.begin().await?;
    ours().run_direct(None, &mut *transaction, false).await?;
    functions::apply(&mut transaction).await?;
    queue::register_kinds(&mut transaction).await?;
    Ok(transaction.commit().await?)
}

/// What a process can see of the others and of the schema.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Readiness {
    /// Whether the database has, or once had, every migration and function of this program.
    pub is_current: bool,
    /// Since when no worker has been heard of, in seconds on the database's clock; `None` where there never was one.
    pub silence: Option<f64>,
}

/// Looks at both. The web process's own login may ask too.
///
/// # Errors
/// When the database does not answer.
pub async fn readiness(pool: &PgPool) -> sqlx::Result<Readiness> {
    let row = sqlx::query!(
        r#"select versions as "versions!", functions as "functions!", silence from private.web_readiness()"#
    )
    .fetch_one(pool)
    .await;
    match row {
        Ok(row) => Ok(Readiness {
            is_current: ours().iter().all(|migration| row.versions.contains(&migration.version))
                && functions::wanted().all(|function| row.functions.contains(&function)),
            silence: row.silence,
        }),
        // The function is older than nothing: there is no schema, or it is from before.
        Err(sqlx::Error::Database(error))
            if matches!(error.code().as_deref(), Some("42P01" | "42703" | "3F000" | "42883")) =>
        {
            Ok(Readiness { is_current: false, silence: None })
        }
        Err(error) => Err(error),
    }
}

fn ours() -> Migrator {
    let mut ours = Migrator { migrations: OURS.migrations.clone(), ..Migrator::DEFAULT };
    ours.dangerous_set_table_name("private.migrations");
    // The lock is held already; sqlx's own would outlive a failure.
    ours.set_locking(false);
    ours
}
