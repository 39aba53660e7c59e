//! Who makes the web process wait: for how long it does, and what it says then.

use std::time::{Duration, Instant};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

use crate::support::app::App;

const SECRET: &str = "x-telegram-bot-api-secret-token: the-secret";
const UPDATE: &str = r#"{"update_id":77,"brand_new_kind":{}}"#;

struct Peer(TcpStream, Instant);

impl Peer {
    async fn begins(app: &App, words: &str) -> Self {
        let address = app.web(0).strip_prefix("http://").unwrap();
        let mut peer = Self(TcpStream::connect(address).await.unwrap(), Instant::now());
        peer.says(words).await;
        peer
    }

    async fn says(&mut self, words: &str) {
        self.0.write_all(words.as_bytes()).await.unwrap();
    }

    /// Each byte after so many seconds, as long as anybody listens.
    async fn dribbles(mut self, words: &str, seconds: u64) -> (String, u64) {
        for byte in words.bytes() {
            tokio::time::sleep(Duration::from_secs(seconds)).await;
            if self.0.write_all(&[byte]).await.is_err() {
                break;
            }
        }
        self.hears().await
    }

    /// All that is said to it until it is closed, and after how many seconds that was.
    async fn hears(mut self) -> (String, u64) {
        let mut heard = Vec::new();
        let closed = self.0.read_to_end(&mut heard);
        // Closed with a reset where something of ours was not read: what was heard before counts.
        let _ = tokio::time::timeout(Duration::from_mins(2), closed).await.expect("it is closed");
        (String::from_utf8_lossy(&heard).into_owned(), self.1.elapsed().as_secs())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_is_waited_for_ten_seconds_and_what_comes_slowly_arrives() {
    let app = App::builder().workers(0).start().await;
    let login = "POST /login HTTP/1.1\r\nhost: bot\r\norigin: http://bot\r\ncontent-type: application/x-www-form-urlencoded";
    let webhook = "POST /telegram/webhook HTTP/1.1\r\nhost: bot\r\nconnection: close";
    let length = UPDATE.len();
    let (start, end) = UPDATE.split_at(length - 3);

    let stops = [
        format!("{login}\r\ncontent-length: 100\r\n\r\ne"),
        format!("{login}\r\ntransfer-encoding: chunked\r\n\r\n64\r\ne"),
        format!("{login}\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n"),
        format!("{webhook}\r\n{SECRET}\r\ncontent-length: {length}\r\n\r\n{start}"),
    ];
    let stops = futures::future::join_all(stops.iter().map(async |words| {
        let (heard, after) = Peer::begins(&app, words).await.hears().await;
        assert!(heard.contains("HTTP/1.1 408"), "{words}: {heard}");
        assert!((9..15).contains(&after), "{words}: {after} s");
    }));
    // Not one byte of a chunk is progress where only its size comes, ever so slowly.
    let size = async {
        let begun = Peer::begins(&app, &format!("{login}\r\ntransfer-encoding: chunked\r\n\r\n")).await;
        let (heard, after) = begun.dribbles("00000000000000000000", 1).await;
        assert!((9..25).contains(&after), "{heard}: {after} s");
    };
    let silent = async {
        let (heard, after) = Peer::begins(&app, "").await.hears().await;
        assert!(heard.is_empty() && (9..15).contains(&after), "{heard}: {after} s");
    };
    let headers = async {
        let begun = Peer::begins(&app, "GET /healthz HTTP/1.1\r\nx: ").await;
        let (heard, after) = begun.dribbles("ever so slowly, byte for byte", 1).await;
        assert!(heard.is_empty() && (9..16).contains(&after), "{heard}: {after} s");
    };
    let stranger = async {
        let words = format!("{webhook}\r\n{}\r\ncontent-length: 100\r\n\r\n", SECRET.replace("the-", "no-"));
        let (heard, after) = Peer::begins(&app, &words).await.hears().await;
        assert!(heard.starts_with("HTTP/1.1 401") && after < 5, "{heard}: {after} s");
    };
    let steady = async {
        let words = format!("{webhook}\r\n{SECRET}\r\ncontent-length: {length}\r\n\r\n{start}");
        let (heard, after) = Peer::begins(&app, &words).await.dribbles(end, 5).await;
        assert!(heard.starts_with("HTTP/1.1 200") && after >= 15, "{heard}: {after} s");
    };
    // A browser or a proxy that rests between two requests keeps its connection.
    let resting = async {
        let mut resting = Peer::begins(&app, "GET /healthz HTTP/1.1\r\nhost: bot\r\n\r\n").await;
        tokio::time::sleep(Duration::from_secs(20)).await;
        resting.says("GET /healthz HTTP/1.1\r\nhost: bot\r\nconnection: close\r\n\r\n").await;
        let (heard, _) = resting.hears().await;
        assert_eq!(heard.matches("HTTP/1.1 200").count(), 2, "{heard}");
    };
    tokio::join!(stops, size, silent, headers, stranger, steady, resting);
    assert_eq!(app.count("select count(*) from telegram_updates").await, 1);
}
