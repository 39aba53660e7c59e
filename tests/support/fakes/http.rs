//! The HTTP/1.1 server under each fake: keep-alive, quick, and able to break a connection at a chosen byte.

use std::{
    convert::Infallible,
    io,
    net::{Ipv4Addr, SocketAddr},
    pin::Pin,
    task::{Context, Poll},
};

use http_body_util::{BodyExt, Either, Full};
use hyper::{
    Response,
    body::{Body, Bytes, Frame, Incoming, SizeHint},
    header::{CONTENT_TYPE, RETRY_AFTER},
    server::conn::http1,
    service::service_fn,
};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::{
    net::{TcpListener, TcpStream},
    task::{AbortHandle, JoinSet},
};

/// A request, read to its end.
pub type Request = hyper::Request<Bytes>;

/// What a client gets for its request.
#[derive(Debug)]
pub enum Reply {
    /// A complete answer; the connection stays open.
    Whole(Answer),
    /// The head with the full `Content-Length` and the first half of the body, then the connection closes.
    Half(Answer),
    /// The connection closes without one byte of an answer.
    Cut,
}

/// Status, the headers that matter here, and body.
#[derive(Clone, Debug)]
pub struct Answer {
    status: u16,
    content_type: &'static str,
    retry_after: Option<u64>,
    body: String,
}

impl Answer {
    /// A JSON document.
    pub fn json(status: u16, document: &Value) -> Self {
        Self { status, content_type: "application/json", retry_after: None, body: document.to_string() }
    }

    /// A page for people, as proxies put before a service that is down.
    pub fn html(status: u16, page: &str) -> Self {
        Self { status, content_type: "text/html", retry_after: None, body: page.to_owned() }
    }

    /// The same with `Retry-After` in seconds.
    #[must_use]
    pub fn retry_after(self, seconds: u64) -> Self {
        Self { retry_after: Some(seconds), ..self }
    }
}

/// A listening server; dropping it closes the port and every connection.
#[derive(Debug)]
pub struct Server {
    address: SocketAddr,
    accepting: AbortHandle,
}

impl Server {
    /// Listens on a free port of 127.0.0.1. A handler whose client leaves is dropped where it stands.
    pub async fn start<H, F>(handler: H) -> io::Result<Self>
    where
        H: Fn(Request) -> F + Clone + Send + Sync + 'static,
        F: Future<Output = Reply> + Send + 'static,
    {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await?;
        let address = listener.local_addr()?;
        let accepting = tokio::spawn(accept(listener, handler)).abort_handle();
        Ok(Self { address, accepting })
    }

    /// `http://127.0.0.1:<port>`, without a slash at its end.
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

/// Holds the connections' tasks, so that they end with it.
async fn accept<H, F>(listener: TcpListener, handler: H) -> Infallible
where
    H: Fn(Request) -> F + Clone + Send + Sync + 'static,
    F: Future<Output = Reply> + Send + 'static,
{
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                // An error here is a client that left before its turn.
                if let Ok((stream, _)) = accepted {
                    connections.spawn(serve(stream, handler.clone()));
                }
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn serve<H, F>(stream: TcpStream, handler: H)
where
    H: Fn(Request) -> F,
    F: Future<Output = Reply>,
{
    // Without it a small answer can wait 40 ms for the client's acknowledgement of the one before.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request: hyper::Request<Incoming>| async {
        let (head, body) = request.into_parts();
        let body = body.collect().await.map_err(io::Error::other)?.to_bytes();
        respond(handler(Request::from_parts(head, body)).await)
    });
    // A connection's error is a client that left or a cut of ours; both are the tests' business.
    let _ = http1::Builder::new().serve_connection(TokioIo::new(stream), service).await;
}

/// An error makes the server close the connection without answering.
fn respond(reply: Reply) -> io::Result<Response<Either<Full<Bytes>, HalfBody>>> {
    let (answer, half) = match reply {
        Reply::Whole(answer) => (answer, false),
        Reply::Half(answer) => (answer, true),
        Reply::Cut => return Err(io::ErrorKind::ConnectionAborted.into()),
    };
    let mut response = Response::builder().status(answer.status).header(CONTENT_TYPE, answer.content_type);
    if let Some(seconds) = answer.retry_after {
        response = response.header(RETRY_AFTER, seconds);
    }
    let body = Bytes::from(answer.body);
    let body = if half { Either::Right(HalfBody::of(&body)) } else { Either::Left(Full::new(body)) };
    response.body(body).map_err(io::Error::other)
}

/// A body that promises its whole length and breaks off in the middle.
struct HalfBody {
    whole_length: u64,
    half: Option<Bytes>,
    flushed: bool,
}

impl HalfBody {
    fn of(whole: &Bytes) -> Self {
        let half = whole.slice(..whole.len() / 2);
        Self { whole_length: whole.len() as u64, half: Some(half), flushed: false }
    }
}

impl Body for HalfBody {
    type Data = Bytes;
    type Error = &'static str;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, &'static str>>> {
        if let Some(half) = self.half.take() {
            return Poll::Ready(Some(Ok(Frame::data(half))));
        }
        if !self.flushed {
            // hyper drops what it has buffered when a body fails; a pause makes it write first.
            self.flushed = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(Some(Err("cut")))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.whole_length)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;

    /// All bytes that the server writes before it closes.
    async fn everything(reply: fn() -> Reply) -> String {
        let server = Server::start(move |_| async move { reply() }).await.unwrap();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").await.unwrap();
        let mut bytes = Vec::new();
        stream.read_to_end(&mut bytes).await.unwrap();
        String::from_utf8(bytes).unwrap()
    }

    #[tokio::test]
    async fn a_whole_answer_has_its_status_and_headers() {
        let text = everything(|| Reply::Whole(Answer::html(429, "later").retry_after(7))).await;
        assert!(text.starts_with("HTTP/1.1 429 "), "{text}");
        assert!(text.contains("retry-after: 7\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\nlater"), "{text}");
    }

    #[tokio::test]
    async fn half_an_answer_promises_more_than_it_brings() {
        let text = everything(|| Reply::Half(Answer::html(200, "0123456789"))).await;
        assert!(text.contains("content-length: 10\r\n"), "{text}");
        assert!(text.ends_with("\r\n\r\n01234"), "{text}");
    }

    #[tokio::test]
    async fn a_cut_brings_no_byte() {
        assert_eq!(everything(|| Reply::Cut).await, "");
    }

    #[tokio::test]
    async fn a_dropped_server_takes_its_connections_along() {
        let server = Server::start(|_| std::future::pending::<Reply>()).await.unwrap();
        let mut stream = TcpStream::connect(server.address).await.unwrap();
        stream.write_all(b"GET / HTTP/1.1\r\nhost: x\r\n\r\n").await.unwrap();
        drop(server);
        let mut bytes = Vec::new();
        // Closed or reset, depending on what was still unread: in either case it ends.
        let closed = tokio::time::timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
        assert!(closed.is_ok());
        assert_eq!(bytes, b"");
    }
}
