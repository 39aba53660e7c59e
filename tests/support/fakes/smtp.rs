//! A mail server: it takes what comes, or refuses with a status that the test names.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
    time::Duration,
};

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::Notify,
    task::JoinHandle,
};

/// A mail as it came in.
#[derive(Clone, Debug)]
pub struct Mail {
    pub to: String,
    pub subject: String,
    pub text: String,
}

impl Mail {
    /// The link in it, without the part that names the server.
    pub fn link(&self) -> String {
        let url =
            self.text.split_whitespace().find(|word| word.starts_with("http")).expect("a link is in it");
        let (_, path) = url.split_once("://").expect("a scheme");
        path[path.find('/').expect("a path")..].to_owned()
    }
}

#[derive(Default)]
struct State {
    mails: Mutex<Vec<Mail>>,
    refusals: Mutex<VecDeque<u16>>,
    came: Notify,
}

/// The server.
pub struct FakeSmtp {
    port: u16,
    state: Arc<State>,
    task: JoinHandle<()>,
}

impl FakeSmtp {
    pub async fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let port = listener.local_addr().expect("an address").port();
        let state = Arc::new(State::default());
        let shared = Arc::clone(&state);
        let task = tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let state = Arc::clone(&shared);
                tokio::spawn(async move { serve(stream, &state).await });
            }
        });
        Self { port, state, task }
    }

    /// What `SMTP_URL` is to be.
    pub fn url(&self) -> String {
        format!("smtp://127.0.0.1:{}", self.port)
    }

    /// The next recipients are refused with these statuses.
    pub fn refuse(&self, statuses: &[u16]) {
        self.state.refusals.lock().unwrap().extend(statuses);
    }

    pub fn mails(&self) -> Vec<Mail> {
        self.state.mails.lock().unwrap().clone()
    }

    /// Waits for the `count`th mail.
    pub async fn mail(&self, count: usize) -> Mail {
        let arrived = async {
            loop {
                let came = self.state.came.notified();
                if let Some(mail) = self.mails().get(count - 1) {
                    return mail.clone();
                }
                came.await;
            }
        };
        tokio::time::timeout(Duration::from_mins(1), arrived).await.expect("a mail comes")
    }
}

impl Drop for FakeSmtp {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// One connection: as much of RFC 5321 as a client needs.
async fn serve(stream: TcpStream, state: &State) -> Option<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    write.write_all(b"220 fake\r\n").await.ok()?;
    let mut to = String::new();
    while let Some(line) = lines.next_line().await.ok()? {
        let verb = line.to_ascii_uppercase();
        let answer = if verb.starts_with("EHLO") {
            "250-fake\r\n250 8BITMIME\r\n".to_owned()
        } else if verb.starts_with("RCPT TO:") {
            to = line["RCPT TO:".len()..].trim_matches(['<', '>', ' ']).to_owned();
            let refusal = state.refusals.lock().unwrap().pop_front();
            refusal.map_or_else(|| "250 ok\r\n".into(), |status| format!("{status} not now\r\n"))
        } else if verb == "DATA" {
            write.write_all(b"354 go on\r\n").await.ok()?;
            let mut data = Vec::new();
            while let Some(line) = lines.next_line().await.ok()?.filter(|line| line != ".") {
                data.push(line);
            }
            state.mails.lock().unwrap().push(parse(&to, &data));
            state.came.notify_waiters();
            "250 taken\r\n".into()
        } else if verb == "QUIT" {
            write.write_all(b"221 bye\r\n").await.ok()?;
            return None;
        } else {
            "250 ok\r\n".into()
        };
        write.write_all(answer.as_bytes()).await.ok()?;
    }
    None
}

fn parse(to: &str, data: &[String]) -> Mail {
    let end = data.iter().position(String::is_empty).unwrap_or(data.len());
    let (head, body) = data.split_at(end);
    let subject = head.iter().find_map(|line| line.strip_prefix("Subject: ")).unwrap_or_default();
    let is_quoted = head.iter().any(|line| line.to_ascii_lowercase().contains("quoted-printable"));
    let text = body.join("\n");
    Mail { to: to.into(), subject: subject.into(), text: if is_quoted { unquoted(&text) } else { text } }
}

/// Quoted-printable (RFC 2045, section 6.7), read back.
fn unquoted(text: &str) -> String {
    let (mut bytes, mut rest) = (Vec::new(), text.as_bytes());
    while let Some((&byte, after)) = rest.split_first() {
        rest = after;
        match (byte, after) {
            (b'=', [b'\n', tail @ ..]) => rest = tail,
            (b'=', [high, low, tail @ ..]) => {
                let hex = [*high, *low];
                let hex = std::str::from_utf8(&hex).ok().and_then(|hex| u8::from_str_radix(hex, 16).ok());
                bytes.push(hex.expect("two hexadecimal digits"));
                rest = tail;
            }
            _ => bytes.push(byte),
        }
    }
    String::from_utf8(bytes).expect("text")
}
