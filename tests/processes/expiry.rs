//! `kill -9` in the middle of deleting an account: it is deleted to its end, and every message is counted once.

use std::time::Duration;

use crate::support::{
    app::{App, PATIENCE},
    process::Process,
    updates::OLENA,
};

const MESSAGES: i64 = 30_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_deletion_that_was_killed_is_finished_by_the_next_worker() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().start().await;
    let worker = Process::worker(&app.variables);
    app.says(OLENA, "/start").await;
    app.run_pending_jobs().await;
    worker.kill().await;
    sqlx::query(
        "insert into chat_history (account_id, telegram_chat_id, role, content)
         select account_id, telegram_chat_id, 'user', 'old words ' || n from temporary_accounts, generate_series(1, $1) n",
    )
    .bind(MESSAGES)
    .execute(&app.pool)
    .await
    .unwrap();
    for statement in [
        "update temporary_accounts set expires_at = now()",
        // The first worker has had this hour's job.
        "delete from apalis.jobs where job_type = 'expire_accounts'",
    ] {
        sqlx::query(statement).execute(&app.pool).await.unwrap();
    }

    let worker = Process::worker(&app.variables);
    let left = until(&app, "select count(*) from chat_history", |left| left < MESSAGES).await;
    worker.kill().await;
    println!("killed with {left} messages left");
    assert!(left > 0, "killed in the middle");
    assert_eq!(app.count("select count(*) from accounts").await, 1);

    let _worker = Process::worker(&app.variables);
    until(&app, "select count(*) from accounts", |accounts| accounts == 0).await;
    let counted = "select (details ->> 'messages')::bigint from audit_log where action = 'expire'";
    assert_eq!(app.count(counted).await, MESSAGES);
    assert_eq!(app.count("select count(*) from chat_history").await, 0);
}

async fn until(app: &App, query: &'static str, holds: impl Fn(i64) -> bool) -> i64 {
    tokio::time::timeout(PATIENCE, async {
        loop {
            let number = app.count(query).await;
            if holds(number) {
                return number;
            }
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("it comes to this")
}
