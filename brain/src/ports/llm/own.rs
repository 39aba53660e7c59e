//! Accounts' own model servers: a client each, over connections that reach the public internet only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::SecretString;

use super::{BaseUrl, ChatAnswer, ChatRequest, LlmError, OpenAi};
use crate::{config::LlmConfig, ids::AccountId, ports::http};

/// The longest answer that is taken, in bytes: several times what we ask for. More would be dozens of messages.
const LONGEST_ANSWER: usize = 1 << 16;

/// The clients, each made when it is first asked for and again when its account has changed something.
pub struct OwnServers {
    abroad: reqwest::Client,
    house: reqwest::Client,
    timeout: Duration,
    clients: Mutex<HashMap<AccountId, Arc<OwnServer>>>,
}

/// The client of one account.
pub struct OwnServer {
    since: DateTime<Utc>,
    server: OpenAi,
    timeout: Duration,
}

impl OwnServers {
    /// No clients yet.
    ///
    /// # Errors
    /// When an HTTP client cannot be made.
    pub fn new(config: &LlmConfig) -> Result<Self, reqwest::Error> {
        Ok(Self {
            abroad: http::client_for_strangers()?,
            house: http::client(&config.base_url)?,
            timeout: config.timeout,
            clients: Mutex::default(),
        })
    }

    /// The account's client, as it is since `changed_at`. `key` is asked for where there is none yet.
    ///
    /// # Errors
    /// Those of `key`.
    pub fn of<E>(
        &self,
        account: AccountId,
        changed_at: DateTime<Utc>,
        address: &BaseUrl,
        key: impl FnOnce() -> Result<SecretString, E>,
    ) -> Result<Arc<OwnServer>, E> {
        let mut clients = self.clients.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(client) = clients.get(&account).filter(|client| client.since == changed_at) {
            return Ok(Arc::clone(client));
        }
        let http = if address.is_house() { &self.house } else { &self.abroad };
        let server = OpenAi::over(http.clone(), &key()?, address.as_str(), self.timeout);
        let client = Arc::new(OwnServer { since: changed_at, server, timeout: self.timeout });
        clients.insert(account, Arc::clone(&client));
        Ok(client)
    }

    /// Drops the account's client, and its key with it.
    pub fn forget(&self, account: AccountId) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }
}

impl OwnServer {
    /// Asks once, within the time of one call: a server that refuses one field after the other has no more of it.
    ///
    /// # Errors
    /// When it did not answer.
    pub(super) async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, LlmError> {
        let answered = tokio::time::timeout(self.timeout, self.server.complete(request)).await;
        let mut answer = answered.unwrap_or(Err(LlmError::TimedOut(self.timeout)))?;
        answer.text.truncate(answer.text.floor_char_boundary(LONGEST_ANSWER));
        Ok(answer)
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
    };

    use super::*;
    use crate::{
        config::Env,
        ports::llm::{Prompt, ReplyPrompt},
    };

    fn request() -> ChatRequest {
        ChatRequest { model: "some".into(), prompt: Prompt::Reply(ReplyPrompt::default()), max_tokens: 5 }
    }

    /// A server that never answers, and clients that wait so many seconds for it.
    async fn silent(seconds: u64) -> (TcpListener, BaseUrl, OwnServers) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let env = [("OPENAI_BASE_URL", url.clone()), ("LLM_TIMEOUT", seconds.to_string())];
        let config = LlmConfig::from_env(&Env::from_iter(env)).unwrap();
        (listener, BaseUrl::parse(&url, &url).unwrap(), OwnServers::new(&config).unwrap())
    }

    fn client(servers: &OwnServers, account: i64, at: DateTime<Utc>, address: &BaseUrl) -> Arc<OwnServer> {
        let key = || Ok::<_, Infallible>(SecretString::from("sk-own"));
        servers.of(AccountId(account), at, address, key).unwrap()
    }

    /// Answers each request like this, after a while.
    fn answer_each(
        listener: TcpListener,
        after: Duration,
        answer: impl Fn(usize) -> String + Send + 'static,
    ) {
        tokio::spawn(async move {
            for call in 0.. {
                let (mut connection, _) = listener.accept().await.unwrap();
                let mut request = Vec::new();
                while !request.ends_with(b"}") {
                    connection.read_buf(&mut request).await.unwrap();
                }
                tokio::time::sleep(after).await;
                let answer = answer(call);
                let _ = connection.write_all(answer.as_bytes()).await;
            }
        });
    }

    fn http(status: &str, body: &str) -> String {
        format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n\r\n{body}", body.len())
    }

    #[tokio::test]
    async fn a_server_that_refuses_one_field_after_the_other_has_the_time_of_one_call() {
        let (listener, address, servers) = silent(1).await;
        let fields = ["reasoning_effort", "max_completion_tokens", "other", "other"];
        answer_each(listener, Duration::from_millis(600), move |call| {
            http("400 Bad Request", &format!(r#"{{"error":{{"param":"{}"}}}}"#, fields[call.min(3)]))
        });
        let started = std::time::Instant::now();
        let error = client(&servers, 1, DateTime::UNIX_EPOCH, &address).complete(&request()).await;
        assert_eq!(error, Err(LlmError::TimedOut(Duration::from_secs(1))));
        assert!(started.elapsed() < Duration::from_millis(1500), "{:?}", started.elapsed());
    }

    #[tokio::test]
    async fn an_answer_that_nobody_asked_to_be_so_long_is_cut_and_nobody_is_told_to_stay_away_for_years() {
        let (listener, address, servers) = silent(60).await;
        let long = "я".repeat(LONGEST_ANSWER);
        answer_each(listener, Duration::ZERO, move |call| match call {
            0 => http("200 OK", &format!(r#"{{"choices":[{{"message":{{"content":"{long}"}}}}]}}"#)),
            _ => http("429 Too Many", "{}").replace("\r\n\r\n", "\r\nretry-after: 1e18\r\n\r\n"),
        });
        let own = client(&servers, 1, DateTime::UNIX_EPOCH, &address);
        assert_eq!(own.complete(&request()).await.unwrap().text.len(), LONGEST_ANSWER);
        let hour = LlmError::RateLimited { retry_after: Some(Duration::from_hours(1)) };
        assert_eq!(own.complete(&request()).await, Err(hour));
    }

    #[tokio::test]
    async fn a_client_is_made_anew_when_its_account_changes_something_or_was_forgotten() {
        let (_listener, address, servers) = silent(60).await;
        let of = |account, at| client(&servers, account, at, &address);
        let (then, now) = (DateTime::UNIX_EPOCH, DateTime::UNIX_EPOCH + Duration::from_micros(1));
        let first = of(1, then);
        assert!(Arc::ptr_eq(&first, &of(1, then)) && !Arc::ptr_eq(&first, &of(2, then)));
        let second = of(1, now);
        assert!(!Arc::ptr_eq(&first, &second) && Arc::ptr_eq(&second, &of(1, now)));
        servers.forget(AccountId(1));
        assert!(!Arc::ptr_eq(&second, &of(1, now)));
    }
}
