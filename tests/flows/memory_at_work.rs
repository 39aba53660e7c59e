//! With no key and no network: the built-in model answers from what the product's memory puts into its prompt.

use brain::jobs::AnalyzeAccount;
use chrono::Duration;

use crate::support::{app::App, updates::OLENA};

/// Three sessions, a day apart, so that what was said in the first two is out of short-term and has to be recalled.
const SESSIONS: [&[&str]; 3] = [
    &[
        "My name is Olena and I live in Kyiv.",
        "My daughter Marta was born on 14 May 2015.",
        "Our dog is called Barko.",
        "I work as a dentist in a small clinic.",
        "My favourite tea is oolong.",
        "My brother Ihor lives in Gdansk.",
        "I am allergic to peanuts.",
    ],
    &[
        "The train to Odesa leaves on Friday at 7:40.",
        "Моя мама любить кросворди.",
        "Ми купили червоний велосипед для Марти.",
        "The dentist congress takes place in Vienna in September.",
        "My car is a blue Skoda.",
        "The wifi password at the cottage is sunflower77.",
        "Our neighbour Petro borrowed the ladder.",
    ],
    &[
        "I moved to Lviv last week.",
        "The new flat costs 900 euros a month.",
        "Marta plays the violin now.",
        "We will meet the plumber on Tuesday at nine.",
    ],
];

const QUESTIONS: [(&str, &str); 20] = [
    ("What is my name?", "Olena"),
    ("When was my daughter Marta born?", "14 May"),
    ("What is our dog called?", "Barko"),
    ("What do I work as?", "dentist"),
    ("What is my favourite tea?", "oolong"),
    ("Where does my brother Ihor live?", "Gdansk"),
    ("What am I allergic to?", "peanuts"),
    ("When does the train to Odesa leave?", "7:40"),
    ("Що любить моя мама?", "кросворди"),
    ("Який велосипед ми купили для Марти?", "червоний"),
    ("Where does the congress take place?", "Vienna"),
    ("Which car is mine?", "Skoda"),
    ("What is the wifi password at the cottage?", "sunflower77"),
    ("Who borrowed the ladder?", "Petro"),
    ("Where do I live now?", "Lviv"),
    ("How much does the new flat cost?", "900"),
    ("Which instrument does Marta play?", "violin"),
    ("When will we meet the plumber?", "Tuesday"),
    ("What colour is my car?", "blue"),
    ("Who lives in Gdansk?", "Ihor"),
];

async fn without_a_model() -> App {
    App::builder().with("OPENAI_API_KEY", "").start().await
}

/// She says one thing a minute, and a day goes by.
async fn hold(app: &App, session: &[&str]) {
    for said in session {
        app.ask(OLENA, said).await;
        app.clock.advance(Duration::minutes(1));
    }
    app.clock.advance(Duration::days(1));
}

#[tokio::test]
async fn twenty_questions_over_three_sessions() {
    let app = without_a_model().await;
    for session in SESSIONS {
        hold(&app, session).await;
    }
    app.clock.advance(-Duration::days(1));
    let mut wrong = Vec::new();
    for (question, answer) in QUESTIONS {
        let seen = app.ask(OLENA, question).await.join("\n");
        if !seen.contains(answer) {
            wrong.push(format!("{question} -> {seen}"));
        }
    }
    assert!(wrong.len() <= 2, "{} of 20 are wrong:\n{}", wrong.len(), wrong.join("\n"));
    assert_eq!(app.ask(OLENA, "/model").await, ["Model: offline (built in)"]);
}

#[tokio::test]
async fn facts_are_found_without_a_model_and_answer_weeks_later() {
    let app = without_a_model().await;
    for session in SESSIONS {
        hold(&app, session).await;
        app.run_job(&AnalyzeAccount::default()).await;
    }
    let known = app.ask(OLENA, "/context").await.join("\n");
    for word in ["Lviv", "14 May 2015", "peanuts", "dentist"] {
        assert!(known.contains(word), "{word} in {known}");
    }
    assert!(!known.contains("in Kyiv"), "she has moved: {known}");
    app.clock.advance(Duration::days(20));
    assert!(app.ask(OLENA, "Where do I live now?").await[0].contains("Lviv"));
    assert!(app.ask(OLENA, "/why").await[0].contains("Facts:"));
}
