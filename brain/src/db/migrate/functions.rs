//! Functions of the database: one to a file in `migrations/functions/`, applied again when its text has changed.

use std::{borrow::Cow, collections::HashMap};

use rust_embed::RustEmbed;
use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Connection, Executor, PgConnection};

/// `PostgreSQL`'s refusal to replace a function by one that gives back something else.
const INVALID_FUNCTION_DEFINITION: &str = "42P13";
/// Who may call what: not a function, and given anew after every change.
const GRANTS: &str = "grants.sql";

#[derive(RustEmbed)]
#[folder = "../migrations/functions"]
#[include = "*.sql"]
struct Files;

/// A function with its comment, or the grants.
struct File {
    /// `<schema>/<name>.sql`, or [`GRANTS`].
    path: Cow<'static, str>,
    text: String,
    checksum: String,
}

fn files() -> Vec<File> {
    Files::iter()
        .map(|path| {
            let content = Files::get(&path).expect("a listed file is there").data;
            let text = String::from_utf8(content.into_owned()).expect("SQL is text");
            let checksum = crate::sign_in::hex(&Sha256::digest(&text));
            File { path, text, checksum }
        })
        .collect()
}

/// What a database has when it is current, as `<path> <checksum>`.
pub(super) fn wanted() -> impl Iterator<Item = String> {
    files().into_iter().map(|file| format!("{} {}", file.path, file.checksum))
}

/// Brings the functions to their files' texts, in the caller's transaction: what has changed is replaced, what has another
/// signature or no file any more is dropped, and if anything was done the grants are given anew.
pub(super) async fn apply(connection: &mut PgConnection) -> sqlx::Result<()> {
    let files = files();
    let applied = applied(connection).await?;
    let gone = applied.keys().filter(|path| files.iter().all(|file| file.path != **path));
    let changed = files.iter().filter(|file| applied.get(&*file.path) != Some(&file.checksum));
    let (gone, changed): (Vec<_>, Vec<_>) = (gone.collect(), changed.collect());
    if gone.is_empty() && changed.is_empty() {
        return Ok(());
    }
    // A body may name a function whose file comes later.
    connection.execute("set local check_function_bodies = off").await?;
    for path in gone {
        let signatures = signatures(connection, path).await?;
        drop_each(connection, &signatures).await?;
        record(connection, path, "").await?;
    }
    for file in changed {
        if file.path != GRANTS {
            replace(connection, file).await?;
        }
        record(connection, &file.path, &file.checksum).await?;
    }
    let grants = files.iter().find(|file| file.path == GRANTS).expect("the grants are a file");
    connection.execute(AssertSqlSafe(grants.text.clone())).await?;
    Ok(())
}

/// The checksum of each file's text that was applied last.
async fn applied(connection: &mut PgConnection) -> sqlx::Result<HashMap<String, String>> {
    let rows = sqlx::query!(
        "select name, checksum from (
             select distinct on (name) name, checksum from private.function_versions order by name, id desc
         ) newest
         where checksum <> ''"
    )
    .fetch_all(connection)
    .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.checksum)).collect())
}

async fn record(connection: &mut PgConnection, path: &str, checksum: &str) -> sqlx::Result<()> {
    sqlx::query!("insert into private.function_versions (name, checksum) values ($1, $2)", path, checksum)
        .execute(connection)
        .await?;
    Ok(())
}

async fn replace(connection: &mut PgConnection, file: &File) -> sqlx::Result<()> {
    let before = signatures(connection, &file.path).await?;
    let mut attempt = connection.begin().await?;
    match attempt.execute(AssertSqlSafe(file.text.clone())).await {
        Ok(_) => attempt.commit().await?,
        Err(sqlx::Error::Database(error)) if error.code().as_deref() == Some(INVALID_FUNCTION_DEFINITION) => {
            attempt.rollback().await?;
            drop_each(connection, &before).await?;
            connection.execute(AssertSqlSafe(file.text.clone())).await?;
            return Ok(());
        }
        Err(error) => return Err(error),
    }
    // A file is one function. With other parameters the old one would stay beside it.
    if signatures(connection, &file.path).await?.len() > before.len().max(1) {
        drop_each(connection, &before).await?;
    }
    Ok(())
}

/// The functions of the file's name that there are, each with its parameters' types.
async fn signatures(connection: &mut PgConnection, path: &str) -> sqlx::Result<Vec<String>> {
    let (schema, name) = path.trim_end_matches(".sql").split_once('/').unwrap_or(("", path));
    sqlx::query_scalar!(
        r#"select format('%I.%I(%s)', n.nspname, p.proname, pg_get_function_identity_arguments(p.oid)) as "signature!"
           from pg_proc p join pg_namespace n on n.oid = p.pronamespace
           where n.nspname = $1 and p.proname = $2"#,
        schema,
        name
    )
    .fetch_all(connection)
    .await
}

async fn drop_each(connection: &mut PgConnection, signatures: &[String]) -> sqlx::Result<()> {
    for signature in signatures {
        connection.execute(AssertSqlSafe(format!("drop function {signature}"))).await?;
    }
    Ok(())
}
