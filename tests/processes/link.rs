//! `kill -9` in the middle of joining an account: nothing has moved, and the next worker moves everything, once.

use std::time::Duration;

use brain::db::link;
use brain::ids::{AccountId, ChatId};
use brain::sign_in::Prover;

use crate::support::{
    app::{App, PATIENCE},
    people,
    process::Process,
    updates::{OLENA, TARAS},
};

const MESSAGES: i64 = 20_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_join_that_was_killed_moves_all_or_nothing_and_is_done_by_the_next_worker() {
    let _alone = crate::ALONE.lock().await;
    let app = App::for_processes().start().await;
    let worker = Process::worker(&app.variables);
    for person in [OLENA, TARAS] {
        app.says(person, "/start").await;
        app.run_pending_jobs().await;
    }
    app.fill(TARAS.id, MESSAGES, app.now()).await;
    let mut tx = app.pool.begin().await.unwrap();
    let account: i64 = sqlx::query_scalar("select account_id from account_chats where telegram_chat_id = $1")
        .bind(OLENA.id)
        .fetch_one(&mut *tx)
        .await
        .unwrap();
    assert!(people::make_permanent(&mut tx, AccountId(account), "olena@example.com", None, app.now()).await);
    assert!(
        link::give_out(&mut tx, &Prover::new(&app.seal()), ChatId(OLENA.id), "ABCD-EFGH", app.now())
            .await
            .unwrap()
    );
    tx.commit().await.unwrap();

    app.says(TARAS, "/link ABCD-EFGH").await;
    app.run_pending_jobs().await;
    let asked = app.telegram.sent_to(TARAS.id).pop().unwrap();
    app.presses(TARAS, &asked, "Join").await;
    let joining = "select count(*) from pg_stat_activity where query like 'select private.join_account%' and state = 'active'";
    tokio::time::timeout(PATIENCE, async {
        while app.count(joining).await == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    })
    .await
    .expect("the join begins");
    worker.kill().await;
    // The server undoes what its client does not wait for any more.
    sqlx::query("select pg_terminate_backend(pid) from pg_stat_activity where query like 'select private.join_account%'")
        .execute(&app.pool)
        .await
        .unwrap();
    assert_eq!(moved(&app).await, 0);
    assert_eq!(app.count("select count(*) from accounts").await, 2);

    let _worker = Process::worker(&app.variables);
    app.run_pending_jobs().await;
    assert_eq!(moved(&app).await, MESSAGES);
    assert_eq!(app.count("select count(*) from accounts").await, 1);
    app.waits_for_answer(TARAS.id, "Linked: ").await;
}

async fn moved(app: &App) -> i64 {
    app.count("select count(*) from chat_history h join account_users using (account_id) where h.telegram_chat_id = 1002").await
}
