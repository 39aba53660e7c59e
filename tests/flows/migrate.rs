//! Functions follow their files: `pykhbrain migrate` leaves each as its file says, whatever an older program made of it.

use brain::db::migrate::{migrate, readiness};
use sqlx::{AssertSqlSafe, Executor, PgPool};

use crate::support::database::Database;

/// The database as a program left it whose file `path` had another text, which did `sql`.
async fn older(pool: &PgPool, path: &str, sql: &'static str) {
    pool.execute(sql).await.expect("older SQL");
    let record = format!("insert into private.function_versions (name, checksum) values ('{path}', 'older')");
    pool.execute(AssertSqlSafe(record)).await.expect("a record of it");
}

async fn definitions(pool: &PgPool) -> Vec<String> {
    sqlx::query_scalar(
        "select pg_get_functiondef(oid) || coalesce(proacl::text, '') from pg_proc
         where pronamespace in ('private'::regnamespace, 'api'::regnamespace) order by 1",
    )
    .fetch_all(pool)
    .await
    .expect("the functions")
}

#[tokio::test]
async fn functions_become_what_their_files_say() {
    let database = Database::create().await;
    let pool = database.pool();
    let expected = definitions(&pool).await;

    older(
        &pool,
        "private/next_slot.sql",
        "create or replace function private.next_slot(p_slots timestamptz[], p_limit integer, p_window interval)
         returns timestamptz language sql as 'select null::timestamptz'",
    )
    .await;
    older(
        &pool,
        "private/web_backlog.sql",
        "drop function private.web_backlog();
         create function private.web_backlog(p_verbose boolean) returns bigint language sql as 'select 1::bigint'",
    )
    .await;
    older(
        &pool,
        "private/web_readiness.sql",
        "drop function private.web_readiness();
         create function private.web_readiness(out versions bigint[]) language sql as 'select null::bigint[]'",
    )
    .await;
    older(
        &pool,
        "private/retired.sql",
        "create function private.retired(integer) returns integer language sql as 'select 1'",
    )
    .await;
    assert!(!readiness(&pool).await.expect("a database").is_current, "it has no function of today's");

    migrate(&pool).await.expect("migrated");
    assert_eq!(definitions(&pool).await, expected);
    assert!(readiness(&pool).await.expect("a database").is_current);
}

#[tokio::test]
async fn an_older_program_stays_ready_beside_newer_functions() {
    let database = Database::create().await;
    let pool = database.pool();
    older(&pool, "private/next_slot.sql", "select 1").await;
    assert!(readiness(&pool).await.expect("a database").is_current);
}
