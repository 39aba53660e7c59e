//! The turn's interleavings, one at a time, on a real database: what a lost wake-up or a sleeper could do.

use std::time::Duration;

use brain::{
    db::{
        chat_turns::{self, Claim},
        outcome::{self, Outcome},
        outgoing,
        updates::{self, Accepted},
    },
    ids::{ChatId, Conversation, Fence, ThreadId},
    reply::plain_parts,
};
use sqlx::{Connection, PgConnection};

use crate::{
    fakes::telegram::Fault,
    support::{
        app::{App, PATIENCE},
        updates::OLENA,
    },
};

const CHAT: ChatId = ChatId(1001);

async fn accept(app: &App, update_id: i64) -> Accepted {
    updates::accept(&app.pool, 4242, update_id, Some(CHAT), b"{}").await.unwrap()
}

async fn claim(app: &App) -> (Fence, i64) {
    match chat_turns::claim(&app.pool, CHAT, "tester").await.unwrap() {
        Claim::Held { fence, seq, .. } => (fence, seq),
        other => panic!("{other:?}"),
    }
}

async fn expire_lease(app: &App) {
    sqlx::query("update chat_turns set lease_expires_at = clock_timestamp() - interval '1 second'")
        .execute(&app.pool)
        .await
        .unwrap();
}

fn outcome(parts: &[brain::reply::Part]) -> Outcome<'_> {
    Outcome {
        account: None,
        word: "answered",
        said: None,
        answer: None,
        parts,
        reply_to: None,
        keyboard: None,
        secret: None,
        drops_body: false,
        document: None,
        settles: None,
        usage: None,
        now: chrono::DateTime::UNIX_EPOCH,
    }
}

#[tokio::test]
async fn an_update_that_commits_while_the_turn_is_released_is_not_forgotten() {
    let app = App::builder().workers(0).start().await;
    assert_eq!(accept(&app, 1).await, Accepted::Scheduled);
    let (fence, seen) = claim(&app).await;
    updates::take_next(&app.pool, CHAT, fence).await.unwrap().unwrap();

    // The second update's transaction is open: its row is locked and written, not committed.
    let mut arriving = PgConnection::connect(&app.database.url).await.unwrap();
    let mut transaction = arriving.begin().await.unwrap();
    sqlx::query("select private.accept_update(4242, 2, 1001, 'x', 'job-2')")
        .execute(&mut *transaction)
        .await
        .unwrap();
    let release = tokio::spawn({
        let pool = app.pool.clone();
        async move { chat_turns::release(&pool, CHAT, fence, seen).await.unwrap() }
    });
    // The release waits for the row, so it cannot have decided yet.
    while app.count("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%chat_turns%'").await == 0 {
        tokio::task::yield_now().await;
    }
    transaction.commit().await.unwrap();
    assert_eq!(release.await.unwrap(), Some(2), "something came: look again");
}

#[tokio::test]
async fn what_somebody_puts_into_the_outbox_while_the_turn_ends_is_sent_all_the_same() {
    let app = App::start().await;
    app.ask(OLENA, "/start").await;
    app.telegram.fail_next_sends(CHAT.0, vec![Fault::AnswerLate(Duration::from_secs(3))]);
    app.says(OLENA, "hm").await;
    app.telegram
        .wait_for(|sent| sent.iter().any(|sent| sent.text == "You said: hm"), PATIENCE)
        .await
        .unwrap();

    // The answer is with Telegram, and its holder has nothing more to send. Not committed yet is what comes from elsewhere.
    let mut elsewhere = PgConnection::connect(&app.database.url).await.unwrap();
    sqlx::query("set search_path = public, extensions").execute(&mut elsewhere).await.unwrap();
    let mut transaction = elsewhere.begin().await.unwrap();
    let part = plain_parts("from elsewhere").remove(0);
    let at = Conversation { chat: CHAT, thread: ThreadId(0) };
    outgoing::post(&mut transaction, at, &part, None, None).await.unwrap();
    chat_turns::call(&mut transaction, CHAT).await.unwrap();
    while app.count("select count(*) from pg_stat_activity where wait_event_type = 'Lock' and query like '%scheduled = false%'").await == 0 {
        tokio::task::yield_now().await;
    }
    transaction.commit().await.unwrap();
    app.run_pending_jobs().await;
    assert_eq!(app.seen_in(CHAT.0).pop().unwrap(), "from elsewhere");
}

#[tokio::test]
async fn an_update_after_the_release_schedules_a_job_of_its_own() {
    let app = App::builder().workers(0).start().await;
    accept(&app, 1).await;
    assert_eq!(accept(&app, 2).await, Accepted::Appended);
    let (fence, seen) = claim(&app).await;
    assert_eq!(chat_turns::release(&app.pool, CHAT, fence, seen).await.unwrap(), None);
    assert_eq!(accept(&app, 3).await, Accepted::Scheduled);
    assert_eq!(app.count("select count(*) from apalis.jobs where job_type = 'answer_chat'").await, 2);
}

#[tokio::test]
async fn a_stale_holder_that_comes_back_can_neither_write_nor_send_nor_release() {
    let app = App::builder().workers(0).start().await;
    accept(&app, 1).await;
    let (stale, seen) = claim(&app).await;
    let update = updates::take_next(&app.pool, CHAT, stale).await.unwrap().unwrap();
    assert!(matches!(chat_turns::claim(&app.pool, CHAT, "other").await.unwrap(), Claim::Busy { .. }));
    expire_lease(&app).await;
    let (fresh, _) = claim(&app).await;
    assert!(fresh > stale);

    let at = Conversation { chat: CHAT, thread: ThreadId(0) };
    let parts = plain_parts("from the sleeper");
    assert!(!outcome::record(&app.pool, at, stale, update.id, &outcome(&parts)).await.unwrap());
    assert!(updates::take_next(&app.pool, CHAT, stale).await.unwrap().is_none());
    assert!(!chat_turns::renew(&app.pool, CHAT, stale).await.unwrap());
    assert_eq!(chat_turns::release(&app.pool, CHAT, stale, seen).await.unwrap(), None);
    chat_turns::put_off(&app.pool, CHAT, stale, Duration::ZERO).await.unwrap();
    assert_eq!(
        app.count("select count(*) from chat_turns where lease_expires_at is not null").await,
        1,
        "the lease stands"
    );

    let parts = plain_parts("from the holder");
    assert!(outcome::record(&app.pool, at, fresh, update.id, &outcome(&parts)).await.unwrap());
    assert!(
        outgoing::claim_next(&app.pool, CHAT, stale).await.unwrap().is_none(),
        "and sends nothing of the other's"
    );
    assert_eq!(
        outgoing::claim_next(&app.pool, CHAT, fresh).await.unwrap().unwrap().part.plain,
        "from the holder"
    );
}

#[tokio::test]
async fn a_claim_that_waits_for_a_commit_does_not_let_two_hold_the_turn() {
    let app = App::builder().workers(0).start().await;
    accept(&app, 1).await;
    let claims = futures::future::join_all((0..8).map(|_| chat_turns::claim(&app.pool, CHAT, "racer"))).await;
    let held = claims.iter().filter(|claim| matches!(claim, Ok(Claim::Held { .. }))).count();
    assert_eq!(held, 1);
}

#[tokio::test]
async fn the_sweep_finds_what_nobody_is_on_and_leaves_the_rest() {
    let app = App::builder().workers(0).start().await;
    accept(&app, 1).await;
    assert_eq!(chat_turns::sweep(&app.pool).await.unwrap(), 0, "its job waits");
    sqlx::query("delete from apalis.jobs").execute(&app.pool).await.unwrap();
    let (fence, _) = claim(&app).await;
    assert_eq!(chat_turns::sweep(&app.pool).await.unwrap(), 0, "somebody holds it");
    chat_turns::put_off(&app.pool, CHAT, fence, Duration::from_mins(1)).await.unwrap();
    assert_eq!(chat_turns::sweep(&app.pool).await.unwrap(), 0, "it is to be left alone");
    sqlx::query("update chat_turns set not_before = clock_timestamp()").execute(&app.pool).await.unwrap();
    assert_eq!(chat_turns::sweep(&app.pool).await.unwrap(), 1);
    assert_eq!(chat_turns::sweep(&app.pool).await.unwrap(), 0, "once is enough");
}

#[tokio::test]
async fn a_message_that_kills_its_worker_is_given_up_and_the_chat_goes_on() {
    let mut app = App::builder().workers(0).start().await;
    app.says(OLENA, "poison").await;
    app.says(OLENA, "fine").await;
    // Six workers took it and died, which is all that is left of them.
    sqlx::query("update telegram_updates set attempts = 6 where seq = 1").execute(&app.pool).await.unwrap();
    app.start_worker();
    app.run_pending_jobs().await;
    let seen = app.seen_in(OLENA.id);
    assert_eq!(seen[0], brain::texts::GAVE_UP);
    assert_eq!(seen.last().unwrap(), "You said: fine");
}

#[tokio::test]
async fn a_job_that_cannot_be_read_fails_for_good_and_the_lane_goes_on() {
    let app = App::start().await;
    // A payload that no job can be made of ends as failed for good, and the lane goes on.
    sqlx::query("insert into apalis.jobs (id, job_type, job, status, max_attempts) values ('bad', 'answer_chat', 'rubbish', 'Pending', 5)")
        .execute(&app.pool)
        .await
        .unwrap();
    tokio::time::timeout(PATIENCE, async {
        while app.count("select count(*) from apalis.jobs where id = 'bad' and status = 'Killed'").await == 0
        {
            tokio::task::yield_now().await;
        }
    })
    .await
    .unwrap();
    assert_eq!(app.ask(OLENA, "hi").await.last().unwrap(), "You said: hi");
}
