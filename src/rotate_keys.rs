//! `pykhbrain rotate-keys`: seals every stored secret with the first key of `ENCRYPTION_KEY`, so that the others can go.

use brain::{
    config::{Env, Role},
    db::sealed::{self, COLUMNS, Column, Standing},
    seal::Seal,
};
use sqlx::PgPool;

use crate::config;

pub(crate) async fn run(env: &Env) -> anyhow::Result<()> {
    let seal = config::seal(env)?;
    let pool = config::pool(env, Role::Command)?;
    let mut closed = 0;
    for column in &COLUMNS {
        let (renewed, standing) = rotate(&pool, &seal, column).await?;
        closed += standing.closed.len();
        println!(
            "{}.{}: {renewed} sealed anew, {} now under the first key",
            column.table, column.column, standing.current
        );
        if !standing.closed.is_empty() {
            println!("  not to be opened, of rows {}", standing.closed.join(", "));
        }
    }
    anyhow::ensure!(
        closed == 0,
        "{closed} secrets open with no key: put the key that sealed them back, at the end of ENCRYPTION_KEY, or have them entered anew"
    );
    println!("The first key is enough now.");
    Ok(())
}

/// Until nothing is left that another key has sealed: a process that still runs with the old order of keys may have sealed
/// something meanwhile.
async fn rotate(pool: &PgPool, seal: &Seal, column: &Column) -> sqlx::Result<(u64, Standing)> {
    let mut renewed = 0;
    loop {
        renewed += sealed::renew(pool, seal, column).await?;
        let standing = sealed::look(pool, seal, column).await?;
        if standing.old == 0 {
            return Ok((renewed, standing));
        }
    }
}
