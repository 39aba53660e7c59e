//! A model server on this machine, for a `dev` that was given no key.

use std::time::Duration;

use brain::config::{Env, OFFLINE};
use futures::future::join_all;
use reqwest::redirect::Policy;
use serde::Deserialize;

/// How long the start waits for all of them together.
const PATIENCE: Duration = Duration::from_millis(500);

/// The usual ports, in the order in which they are preferred.
const SERVERS: [(&str, &str); 3] =
    [("Ollama", "127.0.0.1:11434"), ("LM Studio", "127.0.0.1:1234"), ("llama.cpp", "127.0.0.1:8080")];

/// Parts of the names of models that embed, rank, hear, see or speak, and cannot answer.
const NOT_FOR_CHAT: [&str; 9] =
    ["embed", "bge-", "minilm", "e5-", "gte-", "rerank", "whisper", "tts", "clip"];

/// A server that has a model to answer with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct LocalModel {
    /// The program, as people know it.
    pub(crate) server: &'static str,
    base_url: String,
    model: String,
}

#[derive(Deserialize)]
struct Models {
    data: Vec<Model>,
}

#[derive(Deserialize)]
struct Model {
    id: String,
}

impl LocalModel {
    /// The first server that answers with a chat model, where neither a key nor a server was given and the built-in model was
    /// not asked for. `own_port` is this process's own: who answers there is no model.
    pub(crate) async fn find(env: &Env, own_port: u16) -> Option<Self> {
        let wish = env.get("OPENAI_MODEL");
        let given = env.get("OPENAI_API_KEY").is_some() || env.get("OPENAI_BASE_URL").is_some();
        if given || wish == Some(OFFLINE) {
            return None;
        }
        let ollama = env.get("OLLAMA_HOST").and_then(loopback);
        let addresses = SERVERS.map(|(server, usual)| {
            (server, ollama.clone().filter(|_| server == "Ollama").unwrap_or_else(|| usual.to_owned()))
        });
        let others = addresses.into_iter().filter(|(_, address)| !address.ends_with(&format!(":{own_port}")));
        Self::first(others.collect(), wish).await
    }

    /// The first of the servers, asked all at once, that has the model, or any that can answer.
    async fn first(servers: Vec<(&'static str, String)>, wish: Option<&str>) -> Option<Self> {
        // A local server must not be looked for behind a proxy, and what answers with a redirect is none.
        let http = reqwest::Client::builder().no_proxy().redirect(Policy::none()).build().ok()?;
        let asked = servers.into_iter().map(|(server, address)| ask(&http, server, address, wish));
        join_all(asked).await.into_iter().flatten().next()
    }

    /// Makes it the operator's server.
    pub(crate) fn configure(&self, env: &mut Env) {
        // Such servers take any key.
        env.replace("OPENAI_API_KEY", "none");
        env.replace("OPENAI_BASE_URL", &self.base_url);
        env.replace("OPENAI_MODEL", &self.model);
    }
}

async fn ask(
    http: &reqwest::Client,
    server: &'static str,
    address: String,
    wish: Option<&str>,
) -> Option<LocalModel> {
    let base_url = format!("http://{address}/v1");
    let listed = async {
        http.get(format!("{base_url}/models")).send().await?.error_for_status()?.json::<Models>().await
    };
    let models = tokio::time::timeout(PATIENCE, listed).await.ok()?.ok()?;
    let mut ids = models.data.into_iter().map(|model| model.id).filter(|id| !id.is_empty());
    let model = match wish {
        Some(wish) => ids.find(|id| id == wish)?,
        None => ids.find(|id| answers(id))?,
    };
    Some(LocalModel { server, base_url, model })
}

fn answers(id: &str) -> bool {
    let id = id.to_lowercase();
    !NOT_FOR_CHAT.iter().any(|part| id.contains(part))
}

/// Where Ollama is told to listen, as this machine reaches it: `0.0.0.0:11500`, `:11500` and `http://localhost:11500` all mean
/// the same; another machine's address is not one to look at.
fn loopback(host: &str) -> Option<String> {
    let host = host.trim_start_matches("http://").trim_end_matches('/');
    let (name, port) = host.rsplit_once(':').unwrap_or((host, "11434"));
    let here = ["", "0.0.0.0", "127.0.0.1", "localhost", "[::]", "[::1]"].contains(&name);
    let port: u16 = port.parse().ok()?;
    here.then(|| format!("127.0.0.1:{port}"))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use tokio::{
        io::{AsyncReadExt as _, AsyncWriteExt as _},
        net::TcpListener,
    };

    use super::*;

    /// A server that says the same to everybody; nothing, where that is empty.
    async fn server(answer: &'static str) -> (&'static str, String) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap().to_string();
        tokio::spawn(async move {
            let mut silent = Vec::new();
            while let Ok((mut connection, _)) = listener.accept().await {
                if answer.is_empty() {
                    silent.push(connection);
                    continue;
                }
                let _ = connection.read(&mut [0; 1024]).await;
                let _ = connection.write_all(answer.as_bytes()).await;
            }
        });
        ("Ollama", address)
    }

    const HEAD: &str = "HTTP/1.1 200 OK\r\nconnection: close\r\ncontent-type: application/json\r\n\r\n";

    async fn listing(models: &str) -> (&'static str, String) {
        server(String::leak(format!("{HEAD}{{\"object\":\"list\",\"data\":[{models}]}}"))).await
    }

    #[tokio::test]
    async fn who_lists_no_chat_model_is_passed_over_within_half_a_second() {
        let none = vec![
            server("").await,
            server("HTTP/1.1 404 Not Found\r\ncontent-length: 2\r\n\r\n{}").await,
            server("HTTP/1.1 302 Found\r\nlocation: /elsewhere\r\ncontent-length: 0\r\n\r\n").await,
            server("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n<html>PykhBrain</html>").await,
            server("SSH-2.0-OpenSSH_9.6\r\n").await,
            listing("").await,
            listing(r#"{"id":"nomic-embed-text:latest"}"#).await,
            ("LM Studio", "127.0.0.1:1".to_owned()),
        ];
        let started = Instant::now();
        assert_eq!(LocalModel::first(none.clone(), None).await, None);
        assert!(started.elapsed() < PATIENCE * 3, "{:?}", started.elapsed());

        let good =
            listing(r#"{"id":"text-embedding-3"},{"id":"llama3.2:3b","owned_by":"library"},{"id":"qwen3"}"#)
                .await;
        let servers = [none, vec![good.clone()]].concat();
        let found = LocalModel::first(servers, None).await.unwrap();
        assert_eq!((found.model.as_str(), found.base_url), ("llama3.2:3b", format!("http://{}/v1", good.1)));
        let wished = LocalModel::first(vec![good.clone()], Some("qwen3")).await.unwrap();
        assert_eq!(wished.model, "qwen3");
        assert_eq!(LocalModel::first(vec![good], Some("gpt-6-luna")).await, None);
    }

    #[tokio::test]
    async fn who_gave_a_key_or_asked_for_the_built_in_model_is_not_surprised() {
        let (_, address) = listing(r#"{"id":"llama3.2:3b"}"#).await;
        let env = |variable: &'static str, value: &str| {
            let mut env = Env::default();
            env.replace("OLLAMA_HOST", &address);
            env.replace(variable, value);
            env
        };
        let found = LocalModel::find(&env("HOST", "127.0.0.1"), 9).await.expect("a server that has a model");
        assert_eq!((found.server, found.model.as_str()), ("Ollama", "llama3.2:3b"));
        for (variable, value) in [
            ("OPENAI_API_KEY", "sk-test"),
            ("OPENAI_BASE_URL", "https://example.com/v1"),
            ("OPENAI_MODEL", "offline"),
        ] {
            assert_eq!(LocalModel::find(&env(variable, value), 9).await, None, "{variable}");
        }
    }

    #[test]
    fn models_that_only_embed_do_not_answer() {
        for id in ["nomic-embed-text:latest", "text-embedding-bge-m3", "BGE-M3", "all-minilm", "whisper-1"] {
            assert!(!answers(id), "{id}");
        }
        for id in ["llama3.2:3b", "qwen3-8b", "gemma-3-4b-it", "/models/smollm2.gguf", "mistral-nemo"] {
            assert!(answers(id), "{id}");
        }
    }

    #[test]
    fn ollama_is_looked_for_on_this_machine_only() {
        for here in ["0.0.0.0:11500", ":11500", "http://localhost:11500/", "127.0.0.1:11500"] {
            assert_eq!(loopback(here).as_deref(), Some("127.0.0.1:11500"), "{here}");
        }
        assert_eq!(loopback("0.0.0.0").as_deref(), Some("127.0.0.1:11434"));
        assert_eq!(loopback("gpu.example.com:11434"), None);
        assert_eq!(loopback("https://example.com"), None);
    }
}
