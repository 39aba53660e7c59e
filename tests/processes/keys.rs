//! `pykhbrain rotate-keys`: killed, run twice, beside people who change their keys, and with a key that is lost.

use std::process::Output;

use brain::{
    config::{EncryptionConfig, Env},
    db::sealed::{self, COLUMNS, Standing},
    ids::AccountId,
    model::key_context,
    seal::{Seal, new_key},
};
use secrecy::{ExposeSecret, SecretString};
use sqlx::PgPool;

use crate::support::{app::PATIENCE, database::Database, process::Process};

const SERVER: &str = "https://example.com";
const ACCOUNTS: i64 = 20_000;
/// Of so many accounts one changes its key meanwhile: altogether fewer than are sealed anew at a time.
const CHANGING: usize = 97;

fn seal(keys: &str) -> Seal {
    Seal::from_keys(&EncryptionConfig::from_env(&Env::from_iter([("ENCRYPTION_KEY", keys)])).unwrap())
}

fn variables(database: &Database, keys: &str) -> Vec<(&'static str, String)> {
    vec![("DATABASE_URL", database.url.clone()), ("ENCRYPTION_KEY", keys.to_owned())]
}

async fn rotate(database: &Database, keys: &str) -> (Option<i32>, String) {
    let run = tokio::process::Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
        .arg("rotate-keys")
        .current_dir(env!("CARGO_TARGET_TMPDIR"))
        .env_clear()
        .envs(variables(database, keys))
        .output();
    let Output { status, stdout, stderr } = tokio::time::timeout(PATIENCE, run).await.unwrap().unwrap();
    (status.code(), String::from_utf8_lossy(&[stdout, stderr].concat()).into_owned())
}

/// The secret of each account is its number.
async fn store(pool: &PgPool, seal: &Seal, accounts: i64) {
    let sealed: Vec<Vec<u8>> = (1..=accounts)
        .map(|id| seal.seal(&key_context(AccountId(id), SERVER), id.to_string().as_bytes()))
        .collect();
    sqlx::query("insert into accounts (id, name) overriding system value select id, '' from generate_series(1, $1) id")
        .bind(accounts)
        .execute(pool)
        .await
        .unwrap();
    sqlx::query(
        "insert into account_models (account_id, api_key, key_hint, base_url, model)
         select id, key, '', $2, 'some' from unnest($1::bytea[]) with ordinality k (key, id)",
    )
    .bind(sealed)
    .bind(SERVER)
    .execute(pool)
    .await
    .unwrap();
}

async fn change(pool: &PgPool, account: i64, sealed: Vec<u8>) {
    sqlx::query("update account_models set api_key = $2 where account_id = $1")
        .bind(account)
        .bind(sealed)
        .execute(pool)
        .await
        .unwrap();
}

/// How many of the secrets are.
async fn sealed_by(pool: &PgPool, key: &SecretString) -> i64 {
    let header = seal(key.expose_secret()).seal("", b"")[..5].to_vec();
    sqlx::query_scalar("select count(*) from account_models where substring(api_key from 1 for 5) = $1")
        .bind(header)
        .fetch_one(pool)
        .await
        .unwrap()
}

async fn standing(pool: &PgPool, seal: &Seal) -> Standing {
    sealed::look(pool, seal, &COLUMNS[0]).await.unwrap()
}

fn keys() -> (SecretString, SecretString, String) {
    let (old, new) = (new_key(), new_key());
    let both = format!("{},{}", new.expose_secret(), old.expose_secret());
    (old, new, both)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_rotation_that_is_killed_again_and_again_beside_people_who_change_their_keys_loses_nothing() {
    let _alone = crate::ALONE.lock().await;
    let database = Database::create().await;
    let pool = database.pool();
    let (old, new, both) = keys();
    store(&pool, &seal(old.expose_secret()), ACCOUNTS).await;

    let (everybody, turned) = (pool.clone(), seal(&both));
    let writing = tokio::spawn(async move {
        for account in (1..=ACCOUNTS).step_by(CHANGING) {
            let sealed = turned.seal(&key_context(AccountId(account), SERVER), b"changed");
            change(&everybody, account, sealed).await;
        }
    });
    for _ in 0..3 {
        let before = sealed_by(&pool, &old).await;
        let process = Process::start(&["rotate-keys"], &variables(&database, &both));
        let begun = async { while before - sealed_by(&pool, &old).await < 300 {} };
        tokio::time::timeout(PATIENCE, begun).await.expect("it begins");
        process.kill().await;
        assert!(sealed_by(&pool, &old).await > 0, "it is killed in the middle");
    }
    writing.await.unwrap();
    let (code, words) = rotate(&database, &both).await;
    assert_eq!(code, Some(0), "{words}");
    assert!(words.contains(&format!("{ACCOUNTS} now under the first key")), "{words}");

    let alone = seal(new.expose_secret());
    let all = usize::try_from(ACCOUNTS).unwrap();
    assert_eq!(standing(&pool, &alone).await, Standing { current: all, ..Standing::default() });
    let rows: Vec<(i64, Vec<u8>)> =
        sqlx::query_as("select account_id, api_key from account_models").fetch_all(&pool).await.unwrap();
    for (account, sealed) in rows {
        let secret = alone.open(&key_context(AccountId(account), SERVER), &sealed).unwrap();
        let expected = if account % 97 == 1 { "changed".to_owned() } else { account.to_string() };
        assert_eq!(secret.expose_secret(), expected.as_bytes());
    }
    let (code, words) = rotate(&database, &both).await;
    assert!(code == Some(0) && words.contains("account_models.api_key: 0 sealed anew"), "{words}");
}

#[tokio::test]
async fn what_somebody_stores_at_that_very_moment_stays() {
    let database = Database::create().await;
    let pool = database.pool();
    let (old, _, both) = keys();
    store(&pool, &seal(old.expose_secret()), 1200).await;
    let changed = seal(&both).seal(&key_context(AccountId(5), SERVER), b"changed");
    let mut tx = pool.begin().await.unwrap();
    sqlx::query("update account_models set api_key = $1 where account_id = 5")
        .bind(changed.clone())
        .execute(&mut *tx)
        .await
        .unwrap();
    let (rotating, turned) = (database.pool(), seal(&both));
    let rotation = tokio::spawn(async move { sealed::renew(&rotating, &turned, &COLUMNS[0]).await.unwrap() });
    let waits = "select exists (select from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database())";
    while !sqlx::query_scalar::<_, bool>(waits).fetch_one(&pool).await.unwrap() {
        tokio::task::yield_now().await;
    }
    tx.commit().await.unwrap();
    assert_eq!(rotation.await.unwrap(), 1199);
    let kept: Vec<u8> = sqlx::query_scalar("select api_key from account_models where account_id = 5")
        .fetch_one(&pool)
        .await
        .unwrap();
    assert_eq!(kept, changed);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_key_opens_is_named_and_the_rest_is_done() {
    let _alone = crate::ALONE.lock().await;
    let database = Database::create().await;
    let pool = database.pool();
    let (old, new, both) = keys();
    store(&pool, &seal(old.expose_secret()), 1200).await;
    let lost = seal(new_key().expose_secret()).seal(&key_context(AccountId(2), SERVER), b"lost");
    change(&pool, 2, lost).await;
    // Sealed well, for another account.
    change(&pool, 3, seal(&both).seal(&key_context(AccountId(4), SERVER), b"moved")).await;
    let (code, words) = rotate(&database, &both).await;
    assert_eq!(code, Some(1), "{words}");
    assert!(words.contains("rows 2, 3") && words.contains("1198 sealed anew"), "{words}");
    assert!(!words.contains(old.expose_secret()) && !words.contains(new.expose_secret()), "{words}");
    assert_eq!(standing(&pool, &seal(new.expose_secret())).await.current, 1198);
}

#[tokio::test]
async fn every_column_of_bytes_is_sealed_and_in_the_list_or_known_to_be_no_secret() {
    const NO_SECRETS: [&str; 5] = [
        "link_codes.code_hash",
        "registrations.code_hash",
        "sign_in_links.token_hash",
        "telegram_updates.body",
        "web_sessions.secret_hash",
    ];
    let database = Database::create().await;
    let there: Vec<String> = sqlx::query_scalar(
        "select table_name || '.' || column_name from information_schema.columns
         where table_schema = 'public' and data_type = 'bytea' order by 1",
    )
    .fetch_all(&database.pool())
    .await
    .unwrap();
    let mut known: Vec<String> = NO_SECRETS.map(str::to_owned).into();
    known.extend(COLUMNS.iter().map(|column| format!("{}.{}", column.table, column.column)));
    known.sort();
    assert_eq!(there, known);
    // And each can be read and written.
    for column in &COLUMNS {
        assert_eq!(
            sealed::renew(&database.pool(), &seal(new_key().expose_secret()), column).await.unwrap(),
            0
        );
    }
}
