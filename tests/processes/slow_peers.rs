//! Thousands of connections that have nothing to say, against a web process that may have 1,024 descriptors: Telegram's updates get through.

use std::{
    path::Path,
    process::Stdio,
    time::{Duration, Instant},
};

use nix::sys::resource::{Resource, getrlimit, setrlimit};
use serde_json::json;
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
    process::{Child, Command},
    task::JoinSet,
};

use crate::support::{
    app::{App, PATIENCE},
    updates::{self, OLENA},
};

/// More than the process has descriptors.
const STRANGERS: usize = 1100;
const UPDATES: i64 = 200;

/// How they begin, and then say nothing more.
const BEGINNINGS: [&str; 7] = [
    "POST /login HTTP/1.1\r\nhost: bot\r\norigin: http://bot\r\ncontent-type: application/x-www-form-urlencoded\r\ncontent-length: 100\r\n\r\ne",
    "",
    "GET /login HTTP/1.1\r\nhost: bo",
    "POST /telegram/webhook HTTP/1.1\r\nhost: bot\r\nx-telegram-bot-api-secret-token: guessed\r\ncontent-length: 100\r\n\r\n{",
    "POST /login HTTP/1.1\r\nhost: bot\r\norigin: http://bot\r\ncontent-type: application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n64\r\ne",
    "POST /login HTTP/1.1\r\nhost: bot\r\norigin: http://bot\r\ncontent-type: application/x-www-form-urlencoded\r\nexpect: 100-continue\r\ncontent-length: 100\r\n\r\n",
    "GET /healthz HTTP/1.1\r\nhost: bot\r\n\r\n",
];

/// A web process that may open this many files, and what it has logged.
struct Web {
    process: Child,
    log: std::path::PathBuf,
    port: u16,
}

impl Web {
    async fn start(app: &App, folder: &Path, descriptors: usize) -> Self {
        let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let log = folder.join("log");
        let process = Command::new("/bin/sh")
            .args([
                "-c",
                &format!("ulimit -n {descriptors}; exec \"$0\" web"),
                env!("CARGO_BIN_EXE_pykhbrain"),
            ])
            .current_dir(folder)
            .env_clear()
            .envs(app.variables.iter().map(|(name, value)| (*name, value)))
            .env("HOST", "127.0.0.1")
            .env("PORT", port.to_string())
            .stdin(Stdio::null())
            .stderr(std::fs::File::create(&log).unwrap())
            .kill_on_drop(true)
            .spawn()
            .expect("a shell");
        let web = Self { process, log, port };
        let started = async {
            while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
                tokio::time::sleep(Duration::from_millis(20)).await;
            }
        };
        tokio::time::timeout(PATIENCE, started).await.expect("it listens");
        web
    }

    fn descriptors(&self) -> usize {
        let pid = self.process.id().expect("it runs");
        std::fs::read_dir(format!("/proc/{pid}/fd")).map_or(0, Iterator::count)
    }

    fn said(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap()
    }
}

/// Comes again each time that it is shown out.
async fn holds_on(port: u16, beginning: &'static str) {
    loop {
        if let Ok(mut stream) = TcpStream::connect(("127.0.0.1", port)).await {
            let _ = stream.write_all(beginning.as_bytes()).await;
            let mut answer = [0; 1024];
            while stream.read(&mut answer).await.is_ok_and(|read| read > 0) {}
        }
        tokio::time::sleep(Duration::from_secs(1)).await;
    }
}

/// Hands an update in on a connection of its own; how long that took.
async fn deliver(port: u16, app: &App, number: i64) -> Duration {
    let message = updates::message(number, OLENA, &OLENA.chat(), "hello", app.now(), &json!({}));
    let body = json!({"update_id": number, "message": message}).to_string();
    let request = format!(
        "POST /telegram/webhook HTTP/1.1\r\nhost: bot\r\nx-telegram-bot-api-secret-token: the-secret\r\n\
         connection: close\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let at = Instant::now();
    let exchange = async {
        let mut stream = TcpStream::connect(("127.0.0.1", port)).await?;
        stream.write_all(request.as_bytes()).await?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer).await.map(|_| answer)
    };
    let answer = tokio::time::timeout(Duration::from_secs(15), exchange).await;
    let answer = answer.unwrap_or_else(|_| panic!("update {number} is not taken in 15 s"));
    assert!(answer.as_ref().is_ok_and(|answer| answer.starts_with("HTTP/1.1 200")), "{number}: {answer:?}");
    at.elapsed()
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_who_say_nothing_take_no_place_from_the_webhook() {
    let _alone = crate::ALONE.lock().await;
    let (_, most) = getrlimit(Resource::RLIMIT_NOFILE).unwrap();
    setrlimit(Resource::RLIMIT_NOFILE, most.min(8192), most).expect("this test opens as many itself");
    let app = App::for_processes().webs(0).start().await;
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let web = Web::start(&app, folder.path(), 1024).await;

    let mut strangers = JoinSet::new();
    for number in 0..STRANGERS {
        strangers.spawn(holds_on(web.port, BEGINNINGS[number % BEGINNINGS.len()]));
    }
    tokio::time::sleep(Duration::from_secs(2)).await;

    let (mut times, mut descriptors) = (Vec::new(), 0);
    for number in 0..UPDATES {
        times.push(deliver(web.port, &app, number + 1).await);
        descriptors = descriptors.max(web.descriptors());
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    times.sort_unstable();
    let p99 = times[usize::try_from(UPDATES * 99 / 100).unwrap() - 1];
    println!("p50 {:?}, p99 {p99:?}, {descriptors} descriptors", times[times.len() / 2]);
    assert!(p99 < Duration::from_millis(250), "p99 {p99:?}");
    assert!(descriptors < 800, "{descriptors} descriptors");
    assert_eq!(app.count("select count(*) from telegram_updates").await, UPDATES);

    let said = web.said();
    assert_eq!(said.matches("too many connections").count(), 1, "{said}");
    assert!(said.lines().count() < 20, "{said}");
}
