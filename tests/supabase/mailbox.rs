//! A mail server that keeps what it is sent, as far as a mail with a link in it needs one.

use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
    sync::mpsc,
};

/// Mails in the order in which they came.
pub struct Mailbox {
    /// Where it listens on 127.0.0.1.
    pub port: u16,
    mails: mpsc::UnboundedReceiver<Mail>,
}

/// A mail as it arrived.
pub struct Mail {
    pub to: String,
    pub text: String,
}

impl Mailbox {
    pub async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (sender, mails) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(receive(stream, sender.clone()));
            }
        });
        Self { port, mails }
    }

    /// The next mail.
    pub async fn next(&mut self) -> Mail {
        let mail = tokio::time::timeout(crate::lite::PATIENCE, self.mails.recv()).await;
        mail.expect("a mail comes").expect("the server stands")
    }
}

impl Mail {
    /// The address in its `href`.
    pub fn link(&self) -> String {
        let (_, rest) = self.text.split_once("href=\"").unwrap_or_else(|| panic!("a link in {}", self.text));
        rest.split('"').next().unwrap().replace("&amp;", "&")
    }
}

/// One conversation of SMTP (RFC 5321), without extensions.
async fn receive(stream: TcpStream, mails: mpsc::UnboundedSender<Mail>) -> std::io::Result<()> {
    let (read, mut write) = stream.into_split();
    let mut lines = BufReader::new(read).lines();
    let mut to = String::new();
    write.write_all(b"220 here\r\n").await?;
    while let Some(line) = lines.next_line().await? {
        let answer = match line.get(..4).unwrap_or_default().to_ascii_uppercase().as_str() {
            "RCPT" => {
                to = line.split(['<', '>']).nth(1).unwrap_or_default().to_owned();
                "250 yes"
            }
            "DATA" => {
                write.write_all(b"354 go on\r\n").await?;
                let mut body = String::new();
                while let Some(line) = lines.next_line().await?.filter(|line| line != ".") {
                    body.push_str(&line);
                    body.push('\n');
                }
                let _ = mails.send(Mail { to: to.clone(), text: unquoted(&body) });
                "250 kept"
            }
            "QUIT" => "221 bye",
            _ => "250 yes",
        };
        write.write_all(format!("{answer}\r\n").as_bytes()).await?;
    }
    Ok(())
}

/// Quoted-printable (RFC 2045, 6.7) as it was before.
fn unquoted(body: &str) -> String {
    let body = body.replace("=\n", "");
    let mut parts = body.split('=');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            Some(byte) if byte.is_ascii() => {
                text.push(char::from(byte));
                text.push_str(&part[2..]);
            }
            _ => text.extend(["=", part]),
        }
    }
    text
}
