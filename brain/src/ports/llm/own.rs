//! Accounts' own model servers: a client each, over connections that reach the public internet only.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use chrono::{DateTime, Utc};
use secrecy::SecretString;
use tokio::sync::Semaphore;

use super::{BaseUrl, ChatAnswer, ChatRequest, LlmError, OpenAi};
use crate::{config::LlmConfig, ids::AccountId, ports::http};

/// Calls of one account's server that are open at once in this process, as a part of the chats that it answers at once: a
/// server that lets everybody wait does so to its own account only.
const PART: usize = 4;
/// When to ask again where that many are open.
const FULL: Duration = Duration::from_secs(1);

/// The clients, each made when it is first asked for and again when its account has changed something.
pub struct OwnServers {
    abroad: reqwest::Client,
    house: reqwest::Client,
    timeout: Duration,
    calls: usize,
    clients: Mutex<HashMap<AccountId, Arc<OwnServer>>>,
}

/// The client of one account.
pub struct OwnServer {
    since: DateTime<Utc>,
    server: OpenAi,
    calls: Semaphore,
}

impl OwnServers {
    /// No clients yet. `concurrency` is how many chats this process answers at once.
    ///
    /// # Errors
    /// When an HTTP client cannot be made.
    pub fn new(config: &LlmConfig, concurrency: usize) -> Result<Self, reqwest::Error> {
        Ok(Self {
            abroad: http::client_for_strangers()?,
            house: http::client(&config.base_url)?,
            timeout: config.timeout,
            calls: concurrency.div_ceil(PART),
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
        let client = Arc::new(OwnServer { since: changed_at, server, calls: Semaphore::new(self.calls) });
        clients.insert(account, Arc::clone(&client));
        Ok(client)
    }

    /// Drops the account's client, and its key with it.
    pub fn forget(&self, account: AccountId) {
        self.clients.lock().unwrap_or_else(PoisonError::into_inner).remove(&account);
    }
}

impl OwnServer {
    /// Asks once, unless as many calls are open as this account may have.
    ///
    /// # Errors
    /// When it did not answer.
    pub(super) async fn complete(&self, request: &ChatRequest) -> Result<ChatAnswer, LlmError> {
        let Ok(_open) = self.calls.try_acquire() else {
            return Err(LlmError::RateLimited { retry_after: Some(FULL) });
        };
        self.server.complete(request).await
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use tokio::net::TcpListener;

    use super::*;
    use crate::{
        config::Env,
        ports::llm::{Prompt, ReplyPrompt},
    };

    fn request() -> ChatRequest {
        ChatRequest { model: "some".into(), prompt: Prompt::Reply(ReplyPrompt::default()), max_tokens: 5 }
    }

    /// A server that never answers, and the clients of a worker that answers eight chats at once.
    async fn silent() -> (TcpListener, BaseUrl, OwnServers) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/v1", listener.local_addr().unwrap());
        let config = LlmConfig::from_env(&Env::from_iter([("OPENAI_BASE_URL", url.as_str())])).unwrap();
        (listener, BaseUrl::parse(&url, &url).unwrap(), OwnServers::new(&config, 8).unwrap())
    }

    fn client(servers: &OwnServers, account: i64, at: DateTime<Utc>, address: &BaseUrl) -> Arc<OwnServer> {
        let key = || Ok::<_, Infallible>(SecretString::from("sk-own"));
        servers.of(AccountId(account), at, address, key).unwrap()
    }

    #[tokio::test]
    async fn a_server_that_lets_wait_holds_up_a_part_of_the_places_and_no_other_account() {
        let (listener, address, servers) = silent().await;
        let at = DateTime::UNIX_EPOCH;
        let own = client(&servers, 1, at, &address);
        let mut waiting = Vec::new();
        for _ in 0..2 {
            let own = Arc::clone(&own);
            let call = tokio::spawn(async move { own.complete(&request()).await });
            waiting.push((call, listener.accept().await));
        }
        let full = LlmError::RateLimited { retry_after: Some(FULL) };
        assert_eq!(own.complete(&request()).await, Err(full));
        let other = client(&servers, 2, at, &address);
        let call = tokio::spawn(async move { other.complete(&request()).await });
        listener.accept().await.unwrap();
        assert!(!call.is_finished());
    }

    #[tokio::test]
    async fn a_client_is_made_anew_when_its_account_changes_something_or_was_forgotten() {
        let (_listener, address, servers) = silent().await;
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
