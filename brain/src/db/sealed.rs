//! Every column that holds sealed secrets, and how they come under the first key.
//!
//! Nothing is noted of how far that is: what a secret is sealed with stands in it. So it can be broken off, run twice and run
//! beside everything else; what somebody writes meanwhile stays.

use secrecy::ExposeSecret;
use sqlx::{AssertSqlSafe, PgPool, Row};

use crate::seal::Seal;

/// Rows that are read, and then written, in one statement each.
const BATCH: i64 = 500;

/// A column of sealed secrets, in words of SQL.
#[derive(Debug)]
pub struct Column {
    /// Its table, in `public`.
    pub table: &'static str,
    /// Its name.
    pub column: &'static str,
    /// The table's key: one column, written as text.
    id: &'static str,
    /// The place that a row's secret is sealed for.
    context: &'static str,
}

/// All of them. A test looks through the catalog for others.
pub const COLUMNS: [Column; 3] = [
    Column {
        table: "account_models",
        column: "api_key",
        id: "account_id",
        // As model::key_context says it.
        context: "'account:' || account_id || ':api_key:' || base_url",
    },
    Column {
        table: "web_sessions",
        column: "access_token",
        id: "id",
        // As web_sessions::token_context says it.
        context: "'web_session:' || encode(secret_hash, 'hex') || ':access'",
    },
    Column {
        table: "web_sessions",
        column: "refresh_token",
        id: "id",
        context: "'web_session:' || encode(secret_hash, 'hex') || ':refresh'",
    },
];

/// What stands in a column.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Standing {
    /// Sealed with the first key.
    pub current: usize,
    /// Sealed with another key that is there.
    pub old: usize,
    /// The rows whose secret opens with no key, by the table's key.
    pub closed: Vec<String>,
}

struct Secret {
    id: String,
    context: String,
    sealed: Vec<u8>,
}

/// Opens every secret of the column, and says how they are sealed.
///
/// # Errors
/// When the database does not answer.
pub async fn look(pool: &PgPool, seal: &Seal, column: &Column) -> sqlx::Result<Standing> {
    let mut standing = Standing::default();
    let mut after = String::new();
    loop {
        let batch = read(pool, column, &after).await?;
        let Some(last) = batch.last() else { return Ok(standing) };
        after.clone_from(&last.id);
        for secret in batch {
            match seal.open(&secret.context, &secret.sealed) {
                Err(_) => standing.closed.push(secret.id),
                Ok(_) if seal.is_current(&secret.sealed) => standing.current += 1,
                Ok(_) => standing.old += 1,
            }
        }
    }
}

/// Seals with the first key what another key has sealed. Says how many there were; what opens with no key is left alone.
///
/// # Errors
/// When the database does not answer. What was done stays.
pub async fn renew(pool: &PgPool, seal: &Seal, column: &Column) -> sqlx::Result<u64> {
    let mut renewed = 0;
    let mut after = String::new();
    loop {
        let batch = read(pool, column, &after).await?;
        let Some(last) = batch.last() else { return Ok(renewed) };
        after.clone_from(&last.id);
        renewed += write(pool, seal, column, &batch).await?;
    }
}

async fn read(pool: &PgPool, column: &Column, after: &str) -> sqlx::Result<Vec<Secret>> {
    let Column { table, column, id, context } = column;
    // Not a checked query: it is one for every column; a test runs it for each.
    let query = format!(
        r#"select {id}::text collate "C" as id, {context} as context, {column} as sealed
           from public.{table} where {column} is not null and {id}::text collate "C" > $1 order by 1 limit {BATCH}"#
    );
    let rows = sqlx::query(AssertSqlSafe(query)).bind(after).fetch_all(pool).await?;
    let secret = |row: sqlx::postgres::PgRow| {
        Ok(Secret {
            id: row.try_get("id")?,
            context: row.try_get("context")?,
            sealed: row.try_get("sealed")?,
        })
    };
    rows.into_iter().map(secret).collect()
}

/// Only over what was read: somebody may have written something else meanwhile.
async fn write(pool: &PgPool, seal: &Seal, column: &Column, batch: &[Secret]) -> sqlx::Result<u64> {
    let (mut ids, mut old, mut new) = (Vec::new(), Vec::new(), Vec::new());
    for secret in batch.iter().filter(|secret| !seal.is_current(&secret.sealed)) {
        let Ok(plain) = seal.open(&secret.context, &secret.sealed) else { continue };
        ids.push(secret.id.as_str());
        old.push(secret.sealed.as_slice());
        new.push(seal.seal(&secret.context, plain.expose_secret()));
    }
    if ids.is_empty() {
        return Ok(0);
    }
    let Column { table, column, id, .. } = column;
    let query = format!(
        "update public.{table} t set {column} = n.new from unnest($1::text[], $2::bytea[], $3::bytea[]) n (id, old, new)
         where t.{id}::text = n.id and t.{column} = n.old"
    );
    let done = sqlx::query(AssertSqlSafe(query)).bind(ids).bind(old).bind(new).execute(pool).await?;
    Ok(done.rows_affected())
}
