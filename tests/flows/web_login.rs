//! `WEB_DATABASE_URL`: a login of its own for the web process, with which it does all of its work and reads nobody's rows.

use sqlx::{Connection, PgConnection, Row};

use crate::{
    fakes::smtp::FakeSmtp,
    register::{ADDRESS, registers},
    support::{app::App, database::Database, updates::OLENA},
};

#[tokio::test]
async fn the_web_process_does_its_work_with_a_login_that_reads_no_tenants_rows() {
    let database = Database::create().await;
    let owner = database.pool();
    let name = format!("web_{}", owner.connect_options().get_database().expect("a name"));
    for statement in [
        format!("create role {name} login password 'web' in role pykhbrain_web"),
        format!("alter role {name} set statement_timeout = '30s'"),
    ] {
        sqlx::query(sqlx::AssertSqlSafe(statement)).execute(&owner).await.expect("a login");
    }
    let mut url = url::Url::parse(&database.url).expect("an address");
    url.set_username(&name).expect("a name");
    url.set_password(Some("web")).expect("a password");
    let mail = FakeSmtp::start().await;
    let app = App::builder()
        .database(database)
        .with("WEB_DATABASE_URL", url.as_str())
        .with("SMTP_URL", mail.url())
        .with("MAIL_FROM", "bot@example.com")
        .start()
        .await;

    // Updates, registration, sign-in, the account page, health: all of it.
    app.ask(OLENA, "I have a cat").await;
    let mut browser = registers(&app, &mail, OLENA, ADDRESS).await;
    let page = browser.open("/account").await;
    assert!(page.text().contains("Olena private"), "{}", page.text());
    browser
        .send(&page, "/account/invite", &[("account", &page.hidden("account")), ("email", "x@example.com")])
        .await;
    assert_eq!(app.count("select count(*) from invitations").await, 1);
    assert!(browser.open("/account").await.text().contains("x@example.com has not answered"));
    assert_eq!(browser.open("/readyz").await.status, 200);
    assert!(browser.open("/metrics").await.html.contains("pykhbrain_updates_waiting 0"));

    // And nothing else: no table, and as a signed-in person without saying who, no row.
    let mut web = PgConnection::connect(url.as_str()).await.expect("it lets us in");
    let tables: Vec<String> = sqlx::query_scalar(
        "select format('%I.%I', schemaname, tablename) from pg_tables where schemaname in ('public', 'private', 'apalis')",
    )
    .fetch_all(&owner)
    .await
    .expect("tables");
    assert!(tables.len() > 25, "{tables:?}");
    for table in &tables {
        let query = format!("select count(*) from {table}");
        let refused = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_one(&mut web).await.expect_err(table);
        assert_eq!(
            refused.as_database_error().and_then(sqlx::error::DatabaseError::code).as_deref(),
            Some("42501"),
            "{table}"
        );
    }
    sqlx::query("set role authenticated").execute(&mut web).await.expect("it may");
    for table in &tables {
        let query = format!("select count(*) from {table}");
        if let Ok(row) = sqlx::query(sqlx::AssertSqlSafe(query)).fetch_one(&mut web).await {
            assert_eq!(row.get::<i64, _>(0), 0, "{table}");
        }
    }
    let refused = sqlx::query("set role service_role").execute(&mut web).await;
    assert!(refused.is_err(), "it becomes nobody else");
}
