//! HTTP clients for the outside services.

use std::time::Duration;

use reqwest::{Request, RequestBuilder, Response};

use super::{public::PublicOnly, reason::Sent};

/// The most bytes of a refusal that are read.
const LONGEST_REFUSAL: usize = 1 << 16;

/// A client for the server at `address`. A proxy from the environment is not used for a server on this machine: it could not
/// reach it.
///
/// # Errors
/// When the client cannot be made.
pub(crate) fn client(address: &str) -> Result<reqwest::Client, reqwest::Error> {
    let builder = builder();
    if is_on_this_machine(address) { builder.no_proxy() } else { builder }.build()
}

/// A client for servers that strangers name: https to public addresses, without redirects, which would lead elsewhere, and
/// without a proxy, which would look names up for itself.
///
/// # Errors
/// When the client cannot be made.
pub(super) fn client_for_strangers() -> Result<reqwest::Client, reqwest::Error> {
    for_strangers().build()
}

fn for_strangers() -> reqwest::ClientBuilder {
    builder().dns_resolver(PublicOnly).https_only(true).redirect(reqwest::redirect::Policy::none()).no_proxy()
}

fn builder() -> reqwest::ClientBuilder {
    reqwest::Client::builder()
        .connect_timeout(Duration::from_secs(5))
        .tcp_nodelay(true)
        .pool_idle_timeout(Duration::from_mins(1))
}

/// A request that was sent, kept for the reason of its refusal.
pub(crate) struct Asked(Option<Request>);

impl Asked {
    /// Of a request that is to be sent. A body that is a stream is not kept.
    pub(crate) fn with(request: &Request) -> Self {
        Self(request.try_clone())
    }

    /// What a refusal may repeat.
    pub(crate) fn sent(&self) -> Sent {
        self.0.as_ref().map(Sent::with).unwrap_or_default()
    }
}

/// Sends a request.
pub(crate) async fn send(request: RequestBuilder) -> Result<(Response, Asked), reqwest::Error> {
    let (client, request) = request.build_split();
    let request = request?;
    let asked = Asked::with(&request);
    Ok((client.execute(request).await?, asked))
}

/// The body of a refusal, as far as it is worth reading.
pub(crate) async fn refusal(response: &mut Response) -> Vec<u8> {
    let mut body = Vec::new();
    while let Ok(Some(chunk)) = response.chunk().await {
        body.extend_from_slice(&chunk);
        if body.len() > LONGEST_REFUSAL {
            break;
        }
    }
    body.truncate(LONGEST_REFUSAL);
    body
}

/// What became of a request without an answer. reqwest's own words can hold the address that was asked, and with it what is secret in it.
pub(crate) fn what_broke(error: &reqwest::Error) -> &'static str {
    if error.is_timeout() {
        "nothing in time"
    } else if error.is_connect() {
        "no connection"
    } else {
        "the answer broke off or was none"
    }
}

/// Whether an address leads to this machine only.
pub(crate) fn is_on_this_machine(address: &str) -> bool {
    url::Url::parse(address).is_ok_and(|url| match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(ip)) => ip.is_loopback(),
        Some(url::Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    })
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;

    /// A server here, and its port.
    async fn neighbour() -> (TcpListener, u16) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        (listener, port)
    }

    /// Long enough for an answer, if there is to be one.
    const PATIENCE: Duration = Duration::from_secs(5);

    /// Whether anybody has connected.
    async fn was_called(listener: &TcpListener) -> bool {
        tokio::time::timeout(Duration::from_millis(50), listener.accept()).await.is_ok()
    }

    #[tokio::test]
    async fn strangers_names_that_lead_here_are_not_connected_to() {
        let (listener, port) = neighbour().await;
        let error = for_strangers()
            .timeout(PATIENCE)
            .build()
            .unwrap()
            .get(format!("https://localhost:{port}"))
            .send()
            .await;
        assert!(error.unwrap_err().is_connect());
        // Without https it would be the same, so it is the name and not the missing certificate.
        let plain = for_strangers().https_only(false).timeout(PATIENCE).build().unwrap();
        assert!(plain.get(format!("http://localhost:{port}")).send().await.unwrap_err().is_connect());
        assert!(!was_called(&listener).await);
        tokio::spawn(builder().no_proxy().build().unwrap().get(format!("http://localhost:{port}")).send());
        assert!(was_called(&listener).await, "other clients do connect");
    }

    #[tokio::test]
    async fn strangers_servers_are_called_by_https_only() {
        let (listener, port) = neighbour().await;
        let client = client_for_strangers().unwrap();
        let call = tokio::spawn(client.get(format!("http://127.0.0.1:{port}")).send());
        assert!(!was_called(&listener).await);
        assert!(call.await.unwrap().is_err());
    }

    #[tokio::test]
    async fn strangers_redirects_are_not_followed() {
        let ((listener, port), (inside, port_inside)) = (neighbour().await, neighbour().await);
        tokio::spawn(async move {
            let (mut connection, _) = listener.accept().await.unwrap();
            let _ = connection.read(&mut [0; 1024]).await;
            let answer = format!(
                "HTTP/1.1 307 Elsewhere\r\nlocation: http://127.0.0.1:{port_inside}/\r\ncontent-length: 0\r\n\r\n"
            );
            connection.write_all(answer.as_bytes()).await.unwrap();
        });
        let client = for_strangers().https_only(false).timeout(PATIENCE).build().unwrap();
        let answer = client.get(format!("http://127.0.0.1:{port}")).send().await.unwrap();
        assert_eq!(answer.status(), 307);
        assert!(!was_called(&inside).await);
    }

    #[test]
    fn only_loopback_is_on_this_machine() {
        for address in ["http://localhost:8080/v1", "http://127.0.0.1:1", "http://[::1]:11434/v1"] {
            assert!(is_on_this_machine(address), "{address}");
        }
        for address in ["https://api.openai.com/v1", "http://10.0.0.1", "localhost", ""] {
            assert!(!is_on_this_machine(address), "{address}");
        }
    }
}
