//! A chat with old files writes for the first time: it is remembered at once, and told once what was brought.

use std::path::Path;

use brain::{ids::ChatId, jobs::ImportFiles};
use serde_json::json;

use crate::support::{
    app::App,
    updates::{OLENA, TARAS},
};

/// Old files of Olena's chat: 60 messages with one that tells something, two facts, a rule.
fn files(dir: &Path) {
    let memory = dir.join("memory");
    std::fs::create_dir_all(&memory).unwrap();
    let mut rows: Vec<_> = (0..60)
        .map(|n| json!({"role": "user", "content": format!("small talk {n}"), "timestamp": 1_739_460_000 + n * 60}))
        .collect();
    rows[3]["content"] = json!("The spare key lies under the blue flowerpot");
    std::fs::write(memory.join("whole_history.json"), json!(rows).to_string()).unwrap();
    let facts = json!([{"summary": "Olena has a dog called Barvinok.", "timestamp": "2025-02-14T12:30:00"}]);
    std::fs::write(memory.join("history_context.json"), facts.to_string()).unwrap();
    std::fs::write(
        memory.join("rules.json"),
        json!([{"text": "Never use slang.", "priority": 99}]).to_string(),
    )
    .unwrap();
}

async fn app(dir: &Path, workers: usize) -> App {
    App::builder()
        .with("LEGACY_MEMORY_DIR", dir.to_str().unwrap())
        .with("LEGACY_CHAT_ID", OLENA.id.to_string())
        .workers(workers)
        .start()
        .await
}

/// Keeps another import running, so that this one waits.
async fn hold_imports(app: &App) -> sqlx::PgConnection {
    let mut connection = app.pool.acquire().await.unwrap().detach();
    sqlx::query("select pg_advisory_lock(28007, 1)").execute(&mut connection).await.unwrap();
    connection
}

async fn import_is(app: &App, status: &str) {
    for _ in 0..1000 {
        let now: Option<String> = sqlx::query_scalar("select migration_status from migration_mapping")
            .fetch_optional(&app.pool)
            .await
            .unwrap();
        if now.as_deref() == Some(status) {
            return app.run_pending_jobs().await;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    panic!("the import is not {status}");
}

#[tokio::test]
async fn the_first_answer_knows_what_the_files_say_and_later_ones_what_was_brought() {
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let app = app(dir.path(), 1).await;
    let other = hold_imports(&app).await;

    app.ask(OLENA, "Where does the spare key lie?").await;
    let prompt = app.last_prompt();
    for words in ["blue flowerpot", "Barvinok", "Never use slang.", "small talk 59"] {
        assert!(prompt.contains(words), "{words} is not in: {prompt}");
    }
    let context = app.ask(OLENA, "/context").await.join("\n");
    assert!(context.contains("From my old files") && context.contains("Barvinok"), "{context}");
    for (command, words) in
        [("/shortterm", "brought over: 0 messages"), ("/midterm", "brought over: 60 messages")]
    {
        let stats = app.ask(OLENA, command).await.join("\n");
        assert!(stats.contains(words), "{stats}");
    }
    let stats = app.ask(OLENA, "/wholehistory").await.join("\n");
    assert!(stats.contains("old files, which are being brought over: 60 messages"), "{stats}");
    assert_eq!(app.count("select count(*) from chat_history where import_id is not null").await, 0);

    drop(other);
    import_is(&app, "done").await;
    let told: Vec<String> =
        app.seen_in(OLENA.id).into_iter().filter(|text| text.contains("brought my old memory")).collect();
    assert_eq!(told.len(), 1);
    assert!(told[0].contains("60 messages and 1 fact, since 13 February 2025"), "{}", told[0]);

    // Only the database is read from here on.
    std::fs::remove_dir_all(dir.path().join("memory")).unwrap();
    app.ask(OLENA, "And where does the spare key lie now?").await;
    let prompt = app.last_prompt();
    assert!(prompt.contains("blue flowerpot") && prompt.contains("Barvinok"), "{prompt}");
    let context = app.ask(OLENA, "/context").await.join("\n");
    assert!(context.contains("Barvinok") && !context.contains("old files"), "{context}");
    let all = app.ask(OLENA, "/historycontext").await.join("\n");
    assert!(all.contains("Barvinok. (since 14 February 2025; from my old files)"), "{all}");
}

#[tokio::test]
async fn what_is_forgotten_before_it_came_never_comes() {
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let app = app(dir.path(), 1).await;
    let other = hold_imports(&app).await;
    app.ask(OLENA, "hello").await;
    assert_eq!(
        app.count("select count(*) from migration_mapping where migration_status = 'pending'").await,
        1
    );
    app.ask(OLENA, "/forget all yes, delete everything").await;
    drop(other);
    app.ask(OLENA, "Where does the spare key lie?").await;
    let prompt = app.last_prompt();
    assert!(!prompt.contains("flowerpot") && !prompt.contains("Barvinok"), "{prompt}");

    // Nor does it come when somebody has the job done once more.
    app.run_job(&ImportFiles { chat_id: ChatId(OLENA.id) }).await;
    assert_eq!(app.count("select count(*) from chat_history where import_id is not null").await, 0);
    assert_eq!(app.count("select count(*) from history_context").await, 0);
    let mapping =
        "select count(*) from migration_mapping where migration_status = 'done' and forgotten_at is not null";
    assert_eq!(app.count(mapping).await, 1);
    assert!(!app.seen_in(OLENA.id).iter().any(|text| text.contains("old memory")));
}

#[tokio::test]
async fn nobody_else_hears_of_it() {
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let app = app(dir.path(), 1).await;
    app.ask(TARAS, "Where does the spare key lie?").await;
    assert!(!app.last_prompt().contains("flowerpot"));
    assert_eq!(app.count("select count(*) from migration_mapping").await, 0);
}

#[tokio::test]
async fn a_failed_import_is_told_once_and_the_files_are_read_on() {
    let dir = tempfile::tempdir().unwrap();
    files(dir.path());
    let app = app(dir.path(), 1).await;
    sqlx::raw_sql(
        "create function flip() returns trigger language plpgsql as $$
         begin
             if new.import_id is not null and new.content = 'small talk 7' then new.role := 'assistant'; end if;
             return new;
         end $$;
         create trigger flip before insert on chat_history for each row execute function flip()",
    )
    .execute(&app.pool)
    .await
    .unwrap();
    app.says(OLENA, "hello").await;
    import_is(&app, "failed").await;
    for _ in 0..500 {
        if app.seen_in(OLENA.id).iter().any(|text| text.contains("could not bring")) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    app.ask(OLENA, "Where does the spare key lie?").await;
    assert!(app.last_prompt().contains("blue flowerpot"));
    let told = app.seen_in(OLENA.id).into_iter().filter(|text| text.contains("could not bring")).count();
    assert_eq!(told, 1);
    assert_eq!(app.count("select count(*) from chat_history where import_id is not null").await, 0);
}
