//! Answers come once, in order, one at a time per chat, and chats do not wait for each other.

use std::time::Duration;

use crate::{
    fakes::llm::LlmRequest,
    support::{
        app::App,
        updates::{OLENA, Person},
    },
};

/// Whose private chat a prompt belongs to: every message there names its person.
fn chat_of(request: &LlmRequest) -> String {
    request.last_user_message().split(' ').next().unwrap_or_default().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_quick_messages_get_twenty_answers_in_order_while_fifty_chats_go_on() {
    let mut app = App::builder().workers(0).with("TEMP_DAILY_TOKENS", "100000000").start().await;
    let seed: u64 = rand::random();
    println!("seed {seed}");
    app.llm.set_latency_between(Duration::from_millis(100)..=Duration::from_secs(1), seed);
    app.start_worker();
    app.start_worker();

    let others: Vec<Person> = (0..50).map(|n| Person { id: 5000 + n, name: "Somebody" }).collect();
    for n in 1..=20 {
        app.says(OLENA, &format!("olena {n}")).await;
        for other in others.iter().skip((n - 1) * 3).take(3) {
            app.says(*other, &format!("other{} hello", other.id)).await;
        }
    }
    app.run_pending_jobs().await;

    let expected: Vec<String> = (1..=20).map(|n| format!("You said: olena {n}")).collect();
    assert_eq!(app.seen_in(OLENA.id)[1..], expected);
    for other in &others {
        assert_eq!(app.seen_in(other.id)[1..], [format!("You said: other{} hello", other.id)]);
    }
    assert_eq!(app.llm.max_concurrent_by(chat_of), 1, "never two calls of one chat at once");
    assert!(app.llm.max_concurrent_by(|_| ()) > 10, "chats are answered in parallel");

    let prompts: Vec<LlmRequest> =
        app.llm.requests().into_iter().filter(|request| chat_of(request) == "olena").collect();
    assert_eq!(prompts.len(), 20);
    for (index, prompt) in prompts.iter().enumerate() {
        let answers: Vec<&str> = prompt
            .messages
            .iter()
            .filter(|message| message.role == "assistant")
            .map(|message| message.content.as_str())
            .collect();
        assert_eq!(answers, expected[..index], "prompt {} holds the answers before it", index + 1);
    }
}
