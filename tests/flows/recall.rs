//! What recall finds: in which languages, in how long a chat, and where it must not look.

use std::process::Command;

use brain::{
    db::{recall, scratch},
    ids::{AccountId, ChatId, HistoryId},
    memory::Author,
};
use chrono::{DateTime, TimeDelta, Utc};
use sqlx::PgPool;

use crate::support::database::Database;

/// A chat that was written, and can be asked about a day later.
struct Chat {
    pool: PgPool,
    account: AccountId,
    id: ChatId,
    ids: Vec<HistoryId>,
    now: DateTime<Utc>,
}

impl Chat {
    /// Messages of one chat, two hours between them unless the text begins with `+`: such a one follows at once.
    async fn with(lines: &[&str]) -> Self {
        Self::on(&Database::create().await, lines).await
    }

    async fn on(database: &Database, lines: &[&str]) -> Self {
        let mut at: DateTime<Utc> = "2026-03-02T10:00:00Z".parse().unwrap();
        let mut said = Vec::new();
        for line in lines {
            let text = line.strip_prefix('+');
            at += if text.is_some() { TimeDelta::minutes(1) } else { TimeDelta::hours(7) };
            said.push(scratch::Said {
                author: Author::User,
                speaker: "Olena",
                text: text.unwrap_or(line),
                at,
            });
        }
        let pool = database.pool();
        let mut connection = pool.acquire().await.unwrap();
        let (account, id, ids) = scratch::chat(&mut connection, &said).await.unwrap();
        Self { pool, account, id, ids, now: at + TimeDelta::days(1) }
    }

    fn question<'a>(&self, text: &'a str) -> recall::Question<'a> {
        recall::Question { account: self.account, chat: self.id, before: self.now, now: self.now, text }
    }

    async fn recalls(&self, text: &str) -> Vec<String> {
        self.finds(&self.question(text)).await
    }

    async fn finds(&self, question: &recall::Question<'_>) -> Vec<String> {
        let mut connection = self.pool.acquire().await.unwrap();
        let found = recall::recall(&mut connection, question).await.unwrap();
        found.into_iter().map(|message| message.text).collect()
    }
}

/// What is stored was made by these rules: another stem for a word, and what was said before is not found any more.
#[tokio::test]
async fn ukrainian_words_have_the_stems_that_they_were_stored_by() {
    let pool = Database::create().await.pool();
    for (words, stem) in [
        ("мандруватиму мандрувати мандрую мандрують", "мандр"),
        ("робота роботами роботі роботою", "робот"),
        ("великий великого великому великими", "велик"),
        ("львів львові львовом", "льв"),
        ("київ києві києву", "киов"),
        ("подруга подрузі подруги", "подруг"),
        ("дочка дочці", "дочк"),
        ("ніч ночі", "нок"),
        ("братові братом брати", "брат"),
        ("милувався милувалась милуюсь", "мил"),
        ("знаннями знання", "зна"),
        ("казати", "каг"),
        ("із", "ог"),
        ("сись", "сис"),
        ("їв", "ов"),
        ("об'їзд", "об'їзд"),
        ("bmw-ки", "bmw-к"),
        ("x", "x"),
    ] {
        for word in words.split(' ') {
            let found: String = sqlx::query_scalar("select private.ukrainian_stem($1)")
                .bind(word)
                .fetch_one(&pool)
                .await
                .unwrap();
            assert_eq!(found, stem, "{word}");
        }
    }
}

#[tokio::test]
async fn a_word_is_found_in_another_form() {
    let chat = Chat::with(&[
        "У мене день народження чотирнадцятого травня",
        "Ми з Оленою були у Львові",
        "Дочка любить велосипеди",
        "Мой брат живёт в Гданьске",
        "Мы купили красные велосипеды",
        "Die Großmutter hat zwei Häuser in Bremen",
        "Ich habe die Schlüssel verloren",
        "She was baking apple pies for the children",
        "I am allergic to peanuts",
    ])
    .await;
    for (question, answer) in [
        ("Що ти знаєш про моє народженні?", "У мене день народження"),
        ("Олена", "Ми з Оленою"),
        ("Коли я їду до Львова?", "Ми з Оленою"),
        ("Чи є місто Львів?", "Ми з Оленою"),
        ("що любила моя доця, дочці подарунок", "Дочка любить"),
        ("где живут братья?", "Мой брат"),
        ("какого цвета велосипед?", "Мы купили"),
        ("Was ist mit dem Haus der Großmutter?", "Die Großmutter"),
        ("wo ist der schlüssel?", "Ich habe"),
        ("who bakes a pie?", "She was"),
        ("Which peanut allergies do I have?", "I am"),
        ("Was weißt du über Oma und die children?", "She was"),
        ("чи були pies?", "She was"),
    ] {
        let found = chat.recalls(question).await;
        assert!(found.first().is_some_and(|text| text.starts_with(answer)), "{question}: {found:?}");
    }
}

#[tokio::test]
async fn words_of_every_sentence_find_nothing() {
    let chat = Chat::with(&[
        "what are you doing there",
        "Was ist das und wo bist du",
        "что это и где",
        "що це та де воно",
    ])
    .await;
    for question in ["what is this?", "Wo ist das?", "что и где?", "що це?", "?!", ""] {
        assert_eq!(chat.recalls(question).await, [""; 0], "{question}");
    }
}

#[tokio::test]
async fn a_misspelt_word_finds_the_most_similar_one() {
    let chat = Chat::with(&[
        "Katarzyna plays the cello",
        "Kate plays chess",
        "Марічка співає",
        "the cathedral is closed",
    ])
    .await;
    assert_eq!(chat.recalls("Katarzina?").await, ["Katarzyna plays the cello"]);
    assert_eq!(chat.recalls("Маричка?").await, ["Марічка співає"]);
    assert_eq!(chat.recalls("xylophone?").await, [""; 0]);
}

#[tokio::test]
async fn an_answer_is_found_by_the_question_before_it() {
    let chat =
        Chat::with(&["Where did we park the bicycle?", "+Behind the bakery.", "nice weather", "I ate soup"])
            .await;
    assert_eq!(chat.recalls("bicycle").await, ["Where did we park the bicycle?", "Behind the bakery."]);
}

#[tokio::test]
async fn a_time_is_found_without_a_word() {
    let mut lines = vec!["we went sailing", "+and swimming"];
    lines.extend(["nothing"; 60]);
    let chat = Chat::with(&lines).await;
    let found = chat.recalls("What did I do on 2 March?").await;
    assert!(found.contains(&"we went sailing".to_owned()), "{found:?}");
    assert!(found.contains(&"and swimming".to_owned()), "{found:?}");
    assert!(found.len() < 20, "only that time's: {found:?}");
}

#[tokio::test]
async fn a_word_of_long_ago_is_found_in_a_long_chat_and_an_everyday_word_hides_nothing() {
    let mut lines =
        vec!["the aunt hid the amulet in the garden".to_owned(), "+Under the quince tree.".to_owned()];
    lines.extend((0..3000).map(|number| format!("in the garden again, day {number}")));
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let chat = Chat::with(&lines).await;
    let found = chat.recalls("Where in the garden is the amulet?").await;
    assert_eq!(found[..2], ["the aunt hid the amulet in the garden", "Under the quince tree."]);
    let found = chat.recalls("Where in the garden is the amulett?").await;
    assert_eq!(found[0], "the aunt hid the amulet in the garden", "misspelt too");
    let found = chat.recalls("garden").await;
    assert_eq!(found[0], "in the garden again, day 2999", "of equal ones the latest");
}

#[tokio::test]
async fn recall_stays_in_its_chat_and_account_and_in_its_time() {
    let database = Database::create().await;
    let chat = Chat::on(&database, &["the secret is alpha", "the secret is beta"]).await;
    let other = Chat::on(&database, &["the secret is gamma", "+gamma's neighbour"]).await;
    assert_eq!(chat.recalls("secret?").await, ["the secret is beta", "the secret is alpha"]);
    assert_eq!(other.recalls("secret?").await, ["the secret is gamma", "gamma's neighbour"]);
    let foreign = recall::Question { account: other.account, ..chat.question("secret alpha? in March 2026") };
    assert_eq!(chat.finds(&foreign).await, [""; 0]);
    let earlier = chat.now - TimeDelta::hours(24 + 1);
    let earlier = recall::Question { before: earlier, ..chat.question("secret, in March 2026?") };
    assert_eq!(chat.finds(&earlier).await, ["the secret is alpha"]);
}

#[tokio::test]
async fn what_was_cleared_from_a_topic_is_not_recalled_not_even_as_a_neighbour() {
    let chat =
        Chat::with(&["the amulet is old", "+it is made of jade", "+the amulet is mine", "+somebody laughed"])
            .await;
    let elsewhere = "update chat_history set thread_id = 7 where id = $1";
    sqlx::query(elsewhere).bind(chat.ids[3].0).execute(&chat.pool).await.unwrap();
    assert_eq!(chat.recalls("amulet in March 2026").await.len(), 4);
    for (thread, through, left) in
        [(0, 1, vec!["the amulet is mine", "somebody laughed"]), (7, 3, vec!["the amulet is mine"])]
    {
        sqlx::query("insert into conversations (account_id, telegram_chat_id, thread_id, cleared_through) values ($1, $2, $3, $4)")
            .bind(chat.account.0)
            .bind(chat.id.0)
            .bind(thread)
            .bind(chat.ids[through].0)
            .execute(&chat.pool)
            .await
            .unwrap();
        assert_eq!(chat.recalls("amulet in March 2026").await, left, "thread {thread} cleared");
    }
}

#[tokio::test]
async fn an_edited_text_is_found_by_its_new_words_only() {
    let chat = Chat::with(&["the party is on Friday"]).await;
    let edit = "update chat_history set content = 'the wedding is on Sunday' where id = $1";
    sqlx::query(edit).bind(chat.ids[0].0).execute(&chat.pool).await.unwrap();
    assert_eq!(chat.recalls("wedding").await, ["the wedding is on Sunday"]);
    assert_eq!(chat.recalls("party").await, [""; 0]);
}

#[tokio::test]
async fn any_text_can_be_kept_and_asked() {
    let chat = Chat::with(&[
        "'; drop table x; -- \\ ':*& | <-> !",
        "e\u{301}\u{202e}\u{feff} 🙈 ’",
        &"слово ".repeat(30_000),
    ])
    .await;
    for question in
        ["'; drop \\'", "':* & ! (|", "🙈", "C:\\temp\\'x' м'ята", "%_", "слово", &"a'b ".repeat(3000)]
    {
        chat.recalls(question).await;
    }
}

#[tokio::test]
async fn the_command_measures_recall_and_leaves_nothing_behind() {
    let database = Database::create().await;
    let eval = |file: &'static str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_pykhbrain"));
        command.args(["eval", "recall", file]).env("DATABASE_URL", &database.url);
        tokio::task::spawn_blocking(move || command.output().unwrap())
    };
    let output = eval("tests/data/recall/dialogues.json").await.unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let figure = |name: &str| -> f64 {
        let line =
            report.lines().find_map(|line| line.strip_prefix(name)).unwrap_or_else(|| panic!("{report}"));
        line.split_whitespace().next().unwrap().parse().unwrap()
    };
    assert!((figure("questions") - 70.0).abs() < f64::EPSILON, "{report}");
    assert!(figure("any evidence recalled") >= 95.0, "{report}");
    assert!(figure("all evidence recalled") >= 95.0, "{report}");

    let output = eval("Cargo.toml").await.unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("Cargo.toml is no file of dialogues") && said.contains("line 1"), "{said}");

    for left in ["select count(*) from accounts", "select count(*) from chat_history"] {
        assert_eq!(sqlx::query_scalar::<_, i64>(left).fetch_one(&database.pool()).await.unwrap(), 0);
    }
}
