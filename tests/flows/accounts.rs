//! Accounts: how a temporary one becomes permanent, and whose they are.

use brain::{db::account_users, ids::AccountId};

use crate::support::{
    app::App,
    people,
    updates::{OLENA, Person, TARAS},
};

/// Makes the account of the person's private chat permanent, as confirming a registration does.
pub async fn register(app: &App, person: Person, email: &str) -> bool {
    let account = account_of(app, person.id).await;
    let mut tx = app.pool.begin().await.unwrap();
    let done = people::make_permanent(&mut tx, account, email, Some(person.id), app.now()).await;
    tx.commit().await.unwrap();
    done
}

/// The account of a chat.
pub async fn account_of(app: &App, chat: i64) -> AccountId {
    sqlx::query_scalar("select account_id from account_chats where telegram_chat_id = $1")
        .bind(chat)
        .fetch_one(&app.pool)
        .await
        .map(AccountId)
        .unwrap()
}

#[tokio::test]
async fn a_registered_account_keeps_everything_and_is_permanent() {
    let app = App::start().await;
    app.ask(OLENA, "hi, I have a cat").await;
    let account = account_of(&app, OLENA.id).await;
    assert!(register(&app, OLENA, "Olena@Example.com").await);
    assert_eq!(account_of(&app, OLENA.id).await, account, "nothing is copied");
    assert!(app.ask(OLENA, "/status").await[0].starts_with("Account: permanent"));
    app.clock.advance(chrono::Duration::days(31));
    app.ask(OLENA, "what was it about the cat?").await;
    assert!(app.last_prompt().contains("I have a cat"));
}

#[tokio::test]
async fn registering_twice_or_at_the_moment_of_expiry_does_nothing() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    app.ask(TARAS, "hi").await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    assert!(!register(&app, OLENA, "taras@example.com").await, "it is permanent already");
    app.clock.advance(chrono::Duration::days(30));
    assert!(!register(&app, TARAS, "taras@example.com").await, "its time is over");
    assert_eq!(app.count("select count(*) from account_users").await, 1);
}

#[tokio::test]
async fn a_person_may_be_in_several_accounts_and_in_each_once() {
    let app = App::start().await;
    app.ask(OLENA, "hi").await;
    app.ask(TARAS, "hi").await;
    assert!(register(&app, OLENA, "olena@example.com").await);
    assert!(register(&app, TARAS, "OLENA@example.com").await);
    let (first, second) = (account_of(&app, OLENA.id).await, account_of(&app, TARAS.id).await);
    let accounts = account_users::accounts_of(&app.pool, "Olena@example.COM").await.unwrap();
    assert_eq!(accounts, [first, second]);

    let again = "insert into account_users (account_id, email) select id, $1 from accounts";
    for wrong in ["olena@example.com", "no address"] {
        assert!(sqlx::query(again).bind(wrong).execute(&app.pool).await.is_err(), "{wrong}");
    }
}
