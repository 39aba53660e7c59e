//! Whose words go to an account's own model: those of its groups, which are told, and of private chats whose person has agreed.

use brain::{
    db::{account_models::NewModel, api::Function},
    ids::AccountId,
    jobs::AnalyzeAccount,
    ports::llm::BaseUrl,
    texts::model as texts,
};
use secrecy::SecretString;
use serde_json::{Value, json};

use crate::{
    accounts::account_of,
    fakes::{llm::LlmRequest, telegram::Sent},
    people::{an_account_of_three_chats, as_person, call},
    support::{
        app::App,
        updates::{FAMILY, OLENA, Person, TARAS, group},
    },
};

const KEY: &str = "sk-of-olena-1234567890";
const HOUSE: &str = "sk-test";

/// Olena sets a model for her account, in which Taras's private chat and the family's group are too.
async fn olena_sets_a_model() -> (App, AccountId) {
    let (app, account) = an_account_of_three_chats().await;
    set(&app, account).await;
    (app, account)
}

async fn set(app: &App, account: AccountId) {
    let house = app.llm.base_url();
    let (key, base_url) = (SecretString::from(KEY), BaseUrl::parse(&house, &house).unwrap());
    let new = NewModel { account, api_key: Some(&key), base_url: &base_url, model: "own-model" };
    let olena = as_person(app, "olena@example.com");
    call(&olena, Function::SetModel, new.arguments(&app.seal()).unwrap()).await;
    let open = "select count(*) from apalis.jobs where job_type = 'tell_model' and status <> 'Done'";
    while app.count(open).await > 0 {
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    app.run_pending_jobs().await;
}

/// Another server, of which nobody could have been asked yet.
async fn moves_elsewhere(app: &App) {
    sqlx::query(
        "update account_models set base_url = 'https://elsewhere.example.com/v1', changed_at = changed_at + interval '1 s'",
    )
    .execute(&app.pool)
    .await
    .unwrap();
}

fn key(request: &LlmRequest) -> &str {
    request.key.as_deref().unwrap_or_default()
}

/// The key with which the last request came.
fn last_key(app: &App) -> String {
    key(app.llm.requests().last().expect("the model was asked")).to_owned()
}

/// Whether these words have gone to the account's own server.
fn went_out(app: &App, words: &str) -> bool {
    app.llm
        .requests()
        .iter()
        .filter(|request| key(request) == KEY)
        .any(|request| request.messages.iter().any(|message| message.content.contains(words)))
}

fn question(app: &App, person: Person) -> Vec<Sent> {
    let is_question = |sent: &Sent| sent.key(texts::AGREE).is_some() && sent.key(texts::DECLINE).is_some();
    app.telegram.sent_to(person.id).into_iter().filter(is_question).collect()
}

async fn say_in_family(app: &App, from: Person, text: &str) {
    app.says_in(from, &group(FAMILY), text, &json!({})).await;
    app.run_pending_jobs().await;
}

#[tokio::test]
async fn what_a_member_says_in_private_stays_with_the_operator_until_they_agree() {
    let (app, account) = olena_sets_a_model().await;
    app.ask(OLENA, "I sing").await;
    assert_eq!(last_key(&app), KEY, "she has set it, so her own chat has agreed");
    let said = app.ask(TARAS, "I am in debt").await;
    assert_eq!(last_key(&app), HOUSE);
    assert_eq!(said[..1], ["yes"], "he is answered all the same");
    assert!(
        said.len() == 2 && said[1].contains("at 127.0.0.1"),
        "and asked, with the server's name: {said:?}"
    );
    app.ask(TARAS, "do not tell anybody").await;
    assert_eq!(question(&app, TARAS).len(), 1, "once");

    // Neither do readings take it there, nor anything that comes of them.
    app.read_with(|shown| {
        shown.lines.iter().map(|line| crate::support::reading::add(&line.text, &[line.id])).collect()
    });
    app.run_job(&AnalyzeAccount { account_id: Some(account) }).await;
    assert_eq!(app.facts_in(TARAS.id).await.len(), 3 + 1, "what he has said, and the group's");
    say_in_family(&app, TARAS, "@pykhbrain_test_bot what of Taras?").await;
    assert_eq!(last_key(&app), KEY, "the group's words are the account's");
    app.ask(OLENA, "what of Taras?").await;
    app.ask(TARAS, "and what of me?").await;
    assert_eq!(last_key(&app), HOUSE);
    assert!(!went_out(&app, "debt") && !went_out(&app, "do not tell"));

    app.presses(TARAS, &question(&app, TARAS)[0], texts::AGREE).await;
    app.run_pending_jobs().await;
    app.ask(TARAS, "and now?").await;
    assert_eq!(last_key(&app), KEY);
    assert!(app.ask(TARAS, "/model decline").await[0].contains("nothing of this chat goes there"));
    app.ask(TARAS, "and a secret").await;
    app.run_job(&AnalyzeAccount { account_id: Some(account) }).await;
    assert!(last_key(&app) == HOUSE && !went_out(&app, "and a secret"), "he has changed his mind");
    assert!(app.ask(TARAS, "/model agree").await[0].contains("answers in this chat from now on"));
    app.ask(TARAS, "and again?").await;
    assert_eq!(last_key(&app), KEY);
    let decided: Vec<String> = sqlx::query_scalar(
        "select action || ' ' || actor from audit_log where action like 'model_%d' and telegram_chat_id = 1002 order by id",
    )
    .fetch_all(&app.pool)
    .await
    .unwrap();
    let by = "telegram:1002";
    assert_eq!(
        decided,
        [format!("model_agreed {by}"), format!("model_declined {by}"), format!("model_agreed {by}")]
    );
}

#[tokio::test]
async fn model_shows_what_holds_and_its_button_changes_it() {
    let (app, _) = olena_sets_a_model().await;
    let said = app.ask(TARAS, "/model").await;
    assert!(said[0].starts_with("Model: gpt-6-luna\n") && said[0].contains("until you agree"), "{said:?}");
    assert!(app.ask(TARAS, "/status").await[0].contains("\nModel: gpt-6-luna"));
    app.press(TARAS, texts::AGREE).await;
    app.ask(TARAS, "hello").await;
    assert_eq!(last_key(&app), KEY);
    assert!(app.ask(TARAS, "/model").await[0].contains("You have agreed"));
    app.press(TARAS, texts::DECLINE).await;
    app.ask(TARAS, "hello").await;
    assert_eq!(last_key(&app), HOUSE);
    assert!(question(&app, TARAS).is_empty(), "he was shown it, and is not asked again");
    say_in_family(&app, TARAS, "/model decline").await;
    assert_eq!(app.seen_in(FAMILY).last().unwrap(), texts::GROUPS_ARE_THE_ACCOUNTS);
}

#[tokio::test]
async fn another_server_is_asked_for_anew_and_an_older_question_decides_nothing() {
    let (app, _) = olena_sets_a_model().await;
    app.ask(TARAS, "hello").await;
    moves_elsewhere(&app).await;
    app.ask(OLENA, "hello").await;
    assert_eq!(last_key(&app), HOUSE, "she has agreed to another server");
    app.ask(TARAS, "hello").await;
    let asked = question(&app, TARAS);
    assert!(asked.len() == 2 && asked[1].text.contains("elsewhere.example.com"), "{asked:?}");
    let press = app.presses(TARAS, &asked[0], texts::AGREE).await;
    assert_eq!(app.toast(&press).await.as_deref(), Some(texts::ASKED_ANEW));
    app.run_pending_jobs().await;
    app.ask(TARAS, "hello").await;
    assert_eq!(app.count("select count(*) from model_consents where agreed").await, 0);
    assert_eq!(last_key(&app), HOUSE);
}

#[tokio::test]
async fn a_group_is_told_once_before_its_words_go_there() {
    let (app, account) = olena_sets_a_model().await;
    let told = |app: &App| {
        app.seen_in(FAMILY).iter().filter(|text| text.starts_with("This group's account has a model")).count()
    };
    assert_eq!(told(&app), 1, "when it is set");
    say_in_family(&app, OLENA, "@pykhbrain_test_bot hello").await;
    set(&app, account).await;
    assert_eq!(told(&app), 1, "and not again for the same server");
    // Whoever comes to the account later is told with the first words, answered or only read.
    for read in [false, true] {
        sqlx::query("delete from model_consents").execute(&app.pool).await.unwrap();
        let before = told(&app);
        let words = if read { "hello to all" } else { "hello again" };
        if read {
            say_in_family(&app, OLENA, words).await;
            app.run_job(&AnalyzeAccount { account_id: Some(account) }).await;
            app.run_pending_jobs().await;
            assert!(
                told(&app) == before + 1 && !went_out(&app, words),
                "told first, and read a moment later"
            );
            app.minute_passes_for_waiting_jobs().await;
            app.run_memory_jobs_at_any_time().await;
        } else {
            say_in_family(&app, OLENA, "@pykhbrain_test_bot hello again").await;
            assert_eq!(app.seen_in(FAMILY).last().unwrap(), "yes", "first that, then the answer");
        }
        assert!(told(&app) == before + 1 && went_out(&app, words), "{words}");
    }
}

#[tokio::test]
async fn what_was_agreed_ends_with_the_account_and_with_forgetting_all() {
    let (app, account) = olena_sets_a_model().await;
    app.ask(TARAS, "/model agree").await;
    app.ask(TARAS, "/forget all yes, delete everything").await;
    app.ask(TARAS, "hello").await;
    assert_eq!((last_key(&app), question(&app, TARAS).len()), (HOUSE.to_owned(), 1));

    app.ask(TARAS, "/model agree").await;
    let olena = as_person(&app, "olena@example.com");
    let args = json!({"account": account.0, "chat": TARAS.id});
    assert_eq!(call(&olena, Function::UnlinkChat, args).await, json!(true));
    app.ask(TARAS, "hello").await;
    assert_eq!(last_key(&app), HOUSE, "it is another account");
    let code = app.ask(OLENA, "/link").await.remove(0);
    let code = code.lines().find_map(|line| line.strip_prefix("/link ")).unwrap();
    app.joins(TARAS, &TARAS.chat(), code).await;
    assert_eq!(account_of(&app, TARAS.id).await, account);
    app.ask(TARAS, "hello").await;
    assert_eq!(
        (last_key(&app), question(&app, TARAS).len()),
        (HOUSE.to_owned(), 2),
        "and back is asked anew"
    );
}

#[tokio::test]
async fn a_reading_under_way_is_dropped_when_its_chat_takes_back_what_it_has_agreed_to() {
    let (app, account) = olena_sets_a_model().await;
    app.ask(TARAS, "/model agree").await;
    app.ask(TARAS, "I am in debt").await;
    app.read_with(|shown| {
        shown.lines.iter().map(|line| crate::support::reading::add(&line.text, &[line.id])).collect()
    });
    sqlx::query("update conversations set read_through = 1000000 where telegram_chat_id <> 1002")
        .execute(&app.pool)
        .await
        .unwrap();
    let before = app.llm.requests().len();
    app.llm.hold();
    app.begin_job(&AnalyzeAccount { account_id: Some(account) }).await;
    let asked = |requests: &[LlmRequest]| requests.len() > before;
    app.llm.wait_for(asked, crate::support::app::PATIENCE).await.unwrap();
    app.ask(TARAS, "/model decline").await;
    app.llm.release();
    app.run_memory_jobs_at_any_time().await;
    let keys: Vec<String> =
        app.llm.requests()[before..].iter().map(|request| key(request).to_owned()).collect();
    assert_eq!(keys, [KEY, HOUSE], "it is read anew, elsewhere");
}

#[tokio::test]
async fn a_group_is_not_told_how_much_was_learned_in_private() {
    let (app, _) = an_account_of_three_chats().await;
    app.read_with(|shown| {
        shown
            .lines
            .iter()
            .map(|line| crate::support::reading::add(&line.text, &[line.id]))
            .collect::<Vec<Value>>()
    });
    app.ask(TARAS, "one").await;
    app.ask(TARAS, "two").await;
    say_in_family(&app, OLENA, "/analyze").await;
    app.run_memory_jobs_at_any_time().await;
    app.run_pending_jobs().await;
    let said = app.seen_in(FAMILY);
    assert!(said.last().unwrap().contains("Facts: 1 added"), "{said:?}");
}
