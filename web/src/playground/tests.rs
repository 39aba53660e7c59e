//! The local chat as a program of this machine sees it, with a database that never answers.

mod updates;

use std::time::Duration;

use salvo::{Server, conn::tcp::TcpAcceptor};
use serde_json::{Value, json};
use sqlx::postgres::PgPoolOptions;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

use super::{scratch::Scratch, *};

struct Running {
    playground: Playground,
    port: u16,
    stopping: CancellationToken,
    _kept: Scratch,
}

impl Running {
    async fn start() -> Self {
        let scratch = Scratch::new();
        let pool = PgPoolOptions::new()
            .acquire_timeout(Duration::from_millis(20))
            .connect_lazy("postgres://nobody@127.0.0.1:1/nothing")
            .expect("an address");
        let inbox = Inbox::new(pool.clone(), BOT.id);
        let playground = Playground::open(scratch.path(), inbox, "a model").expect("to open");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = listener.local_addr().expect("an address").port();
        let stopping = CancellationToken::new();
        let routes = playground.clone().routes(pool, stopping.clone());
        let acceptor = TcpAcceptor::try_from(listener).expect("a listener");
        tokio::spawn(Server::new(acceptor).serve(routes));
        Self { playground, port, stopping, _kept: scratch }
    }

    /// A request under the name `host`: its status, and its body with what is left of the head.
    async fn ask(&self, host: &str, request: &str, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).await.expect("a connection");
        let length = body.len();
        let head = format!(
            "{request} HTTP/1.1\r\nhost: {host}\r\nconnection: close\r\ncontent-length: {length}\r\n\r\n"
        );
        stream.write_all(format!("{head}{body}").as_bytes()).await.expect("to write");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.expect("an answer");
        let status = answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status");
        (status, answer)
    }

    async fn ask_locally(&self, request: &str, body: &Value) -> (u16, String) {
        self.ask("localhost", request, &body.to_string()).await
    }
}

#[tokio::test]
async fn every_address_is_for_this_machine_alone() {
    let running = Running::start().await;
    for request in [
        "GET /playground",
        "GET /playground/assets/main.js",
        "GET /playground/api/state",
        "GET /playground/api/events",
        "POST /playground/api/messages",
        "PATCH /playground/api/messages",
        "POST /playground/api/chats",
        "POST /playground/api/presses",
        "GET /playground/api/documents?chat_id=1&message_id=1",
        "GET /playground/api/way?chat_id=1&message_id=1",
        "POST /playground/telegram/bot1:local/getMe",
    ] {
        assert_eq!(running.ask("evil.example", request, "{}").await.0, 403, "{request}");
    }
    for request in
        ["GET /playground", "GET /playground/api/state", "POST /playground/telegram/bot1:local/getMe"]
    {
        assert_eq!(running.ask("localhost", request, "{}").await.0, 200, "{request}");
    }
    assert_eq!(running.ask("localhost", "POST /playground/telegram/bot2:local/getMe", "{}").await.0, 401);
}

#[tokio::test]
async fn the_page_brings_everything_along_and_allows_nothing_else() {
    let running = Running::start().await;
    let (_, page) = running.ask("localhost", "GET /playground", "").await;
    assert!(page.contains("content-security-policy: default-src 'none'; script-src 'self'"), "{page}");
    let assets: Vec<&str> = page.split('"').filter(|part| part.starts_with("/playground/assets/")).collect();
    assert!(assets.len() > 4, "{assets:?}");
    for asset in assets {
        let (status, content) = running.ask("localhost", &format!("GET {asset}"), "").await;
        assert_eq!(status, 200, "{asset}");
        for module in content.split("from \"./").skip(1).filter_map(|rest| rest.split('"').next()) {
            let module = format!("GET /playground/assets/{module}");
            assert_eq!(running.ask("localhost", &module, "").await.0, 200, "{module}");
        }
    }
}

#[tokio::test]
async fn what_the_inbox_does_not_take_was_not_said() {
    let running = Running::start().await;
    let said = json!({"chat_id": 1001, "from_id": 1001, "text": "hi"});
    let (status, answer) = running.ask_locally("POST /playground/api/messages", &said).await;
    assert_eq!(status, 503);
    assert!(answer.contains("Nothing was sent, because the database does not answer."), "{answer}");
    assert!(running.playground.state().sandbox.chats.rooms[0].messages.is_empty());
    let unreadable = running.ask_locally("POST /playground/api/messages", &json!({"chat_id": "x"})).await;
    assert_eq!(unreadable.0, 400);
}

#[tokio::test]
async fn a_stream_of_news_ends_with_the_process() {
    let running = Running::start().await;
    let news = running.ask("localhost", "GET /playground/api/events", "");
    let speaks_and_stops = async {
        while running.playground.state().news.receiver_count() == 0 {
            tokio::task::yield_now().await;
        }
        let sent = json!({"chat_id": 1001, "text": "good night"});
        running.ask_locally("POST /playground/telegram/bot1:local/sendMessage", &sent).await;
        running.stopping.cancel();
    };
    let both = tokio::time::timeout(Duration::from_secs(10), async { tokio::join!(news, speaks_and_stops) });
    let ((_, news), ()) = both.await.expect("the stream goes on");
    assert!(news.contains("event: message\n") && news.contains("good night"), "{news}");
}
