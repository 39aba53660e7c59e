//! The people: their updates go to the webhook as Telegram brings them, whether or not the ones before have been answered.

use std::{
    io,
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use brain::clock::Clock;
use rand::{Rng, SeedableRng, rngs::StdRng};
use serde_json::json;
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    task::JoinSet,
};

use crate::updates::{self, Person};

/// What people talk about: words of many lengths, so that recall has something to look for.
const WORDS: [&str; 24] = [
    "birthday",
    "Marta",
    "Kyiv",
    "train",
    "tickets",
    "Saturday",
    "coffee",
    "garden",
    "homework",
    "doctor",
    "appointment",
    "recipe",
    "borscht",
    "mother",
    "holiday",
    "Lisbon",
    "passport",
    "weather",
    "bicycle",
    "repair",
    "guitar",
    "lesson",
    "evening",
    "project",
];

/// Asks for all people, on as many connections as there are updates under way.
pub struct Asker {
    address: SocketAddr,
    secret: &'static str,
    idle: Mutex<Vec<Connection>>,
    next: AtomicI64,
}

/// A question that was handed in.
pub struct Asked {
    /// Its number, which the answer repeats.
    pub number: i64,
    /// When it was on its way to the webhook.
    pub at: Instant,
    /// How long the webhook took to acknowledge it.
    pub acknowledged: Duration,
}

/// HTTP/1.1, kept open. By hand, because a full client would take more of the machine than what it measures.
struct Connection(BufReader<TcpStream>);

impl Asker {
    pub fn new(address: SocketAddr, secret: &'static str) -> Self {
        Self { address, secret, idle: Mutex::default(), next: AtomicI64::new(1) }
    }

    /// Where the web process is.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Closes the connections that are kept, so that the next update comes on a new one.
    pub fn hang_up(&self) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).clear();
    }

    /// Waits until the address answers 200.
    pub async fn until_ready(&self, path: &str) {
        let request = format!("GET {path} HTTP/1.1\r\nhost: bench\r\n\r\n");
        while !matches!(self.exchange(request.as_bytes()).await, Ok(200)) {
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Somebody in `chat` says something.
    pub async fn ask(&self, chat: i64) -> Asked {
        self.hand_in(self.next.fetch_add(1, Ordering::Relaxed), chat).await
    }

    /// # Panics
    /// When the webhook does not take it: nothing that is measured after that would mean anything.
    async fn hand_in(&self, number: i64, chat: i64) -> Asked {
        let request = self.request(number, chat);
        let at = Instant::now();
        let status = self.exchange(request.as_bytes()).await;
        assert!(matches!(status, Ok(200)), "update {number} was answered {status:?}");
        Asked { number, at, acknowledged: at.elapsed() }
    }

    /// People write independently of each other, `rate` times a second, for `time`, in chats 1 to `chats`.
    pub async fn ask_at(self: &Arc<Self>, rate: f64, time: Duration, chats: i64) -> Vec<Asked> {
        let mut random = StdRng::seed_from_u64(7);
        let mut asking = JoinSet::new();
        let start = tokio::time::Instant::now();
        let mut due = start;
        while due < start + time {
            tokio::time::sleep_until(due).await;
            let (asker, chat) = (Arc::clone(self), random.random_range(1..=chats));
            asking.spawn(async move { asker.ask(chat).await });
            // The gaps of a Poisson process; the mean gap is 1 / rate.
            due += Duration::from_secs_f64(-(1.0 - random.random::<f64>()).ln() / rate);
        }
        asking.join_all().await
    }

    /// `askers` people, each with a new chat for each update, as fast as the webhook takes them. How many it took.
    pub async fn ask_at_full_load(self: &Arc<Self>, askers: usize, time: Duration) -> usize {
        let end = Instant::now() + time;
        let mut asking = JoinSet::new();
        for _ in 0..askers {
            let asker = Arc::clone(self);
            asking.spawn(async move {
                let mut taken = 0;
                while Instant::now() < end {
                    let number = asker.next.fetch_add(1, Ordering::Relaxed);
                    asker.hand_in(number, number).await;
                    taken += 1;
                }
                taken
            });
        }
        asking.join_all().await.into_iter().sum()
    }

    /// The update in which somebody in `chat` says something.
    pub fn body(number: i64, chat: i64) -> String {
        let person = Person { id: chat, name: "Olena" };
        let words: Vec<&str> = (0..6)
            .map(|place| WORDS[usize::try_from(number * 7 + place * 5).unwrap_or(0) % WORDS.len()])
            .collect();
        let text = format!("What about {}? #{number}", words.join(" "));
        let message =
            updates::message(number, person, &person.chat(), &text, Clock::system().now(), &json!({}));
        json!({"update_id": number, "message": message}).to_string()
    }

    fn request(&self, number: i64, chat: i64) -> String {
        let body = Self::body(number, chat);
        format!(
            "POST /telegram/webhook HTTP/1.1\r\nhost: bench\r\nx-telegram-bot-api-secret-token: {}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            self.secret,
            body.len(),
        )
    }

    async fn exchange(&self, request: &[u8]) -> io::Result<u16> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(mut connection) = idle
            && let Ok(status) = connection.exchange(request).await
        {
            self.keep(connection);
            return Ok(status);
        }
        // None was idle, or the server had closed it meanwhile; the same update twice is one update.
        let mut connection = Connection::open(self.address).await?;
        let status = connection.exchange(request).await?;
        self.keep(connection);
        Ok(status)
    }

    fn keep(&self, connection: Connection) {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
    }
}

/// The number that a text ends with.
pub fn number_of(text: &str) -> Option<i64> {
    text.rsplit_once('#')?.1.trim().parse().ok()
}

impl Connection {
    async fn open(address: SocketAddr) -> io::Result<Self> {
        let stream = TcpStream::connect(address).await?;
        stream.set_nodelay(true)?;
        Ok(Self(BufReader::new(stream)))
    }

    async fn exchange(&mut self, request: &[u8]) -> io::Result<u16> {
        self.0.write_all(request).await?;
        let (mut status, mut length, mut line) = (None, 0, String::new());
        loop {
            line.clear();
            if self.0.read_line(&mut line).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            let header = line.trim_end().to_ascii_lowercase();
            if header.is_empty() {
                break;
            }
            match (status, header.strip_prefix("content-length:")) {
                (None, _) => {
                    status = Some(header.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or(0));
                }
                (_, Some(bytes)) => length = bytes.trim().parse().map_err(io::Error::other)?,
                _ => {}
            }
        }
        self.0.read_exact(&mut vec![0; length]).await?;
        Ok(status.unwrap_or(0))
    }
}
