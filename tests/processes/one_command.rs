//! `pykhbrain` with no configuration at all: database, web, worker and the local chat, and all of it gone after Ctrl-C.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio, time::Duration};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};

use crate::{
    fakes::llm::FakeLlm,
    support::{app::PATIENCE, process::Process},
};

/// A folder of its own, as a newcomer would have.
fn home() -> tempfile::TempDir {
    tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap()
}

/// The files and directories that somebody else could read or list. What the server keeps in its data directory is behind that.
fn open_to_others(directory: &Path) -> Vec<String> {
    let is_open = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o066 != 0;
    let mut open: Vec<String> = Some(directory)
        .filter(|path| is_open(path))
        .map(|path| path.display().to_string())
        .into_iter()
        .collect();
    for entry in std::fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.ends_with("server") {
            assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o700);
        } else if path.is_dir() {
            open.extend(open_to_others(&path));
        } else if is_open(&path) {
            open.push(path.display().to_string());
        }
    }
    open
}

async fn address(home: &Path) -> String {
    let started = async {
        loop {
            if let Ok(address) = std::fs::read_to_string(home.join(".pykhbrain/address"))
                && reqwest::get(format!("{address}/readyz")).await.is_ok_and(|answer| answer.status() == 200)
            {
                return address;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, started).await.expect("it starts and is ready")
}

async fn say(url: &str, text: &str) {
    let said = json!({"chat_id": 1001, "from_id": 1001, "text": text});
    let answer =
        reqwest::Client::new().post(format!("{url}/playground/api/messages")).json(&said).send().await;
    assert_eq!(answer.unwrap().status(), 200);
}

/// The messages of the local chat, once there are so many.
async fn messages(url: &str, count: usize) -> Vec<String> {
    let answered = async {
        loop {
            let state: Value =
                reqwest::get(format!("{url}/playground/api/state")).await.unwrap().json().await.unwrap();
            let messages = state["chats"][0]["messages"].as_array().cloned().unwrap_or_default();
            if messages.len() >= count {
                return messages.iter().map(|message| message["text"].as_str().unwrap().to_owned()).collect();
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    tokio::time::timeout(PATIENCE, answered).await.expect("so many messages")
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_a_model_server_on_this_machine_answers() {
    let _alone = crate::ALONE.lock().await;
    let (home, ollama) = (home(), FakeLlm::start().await);
    ollama.set_models(&[("nomic-embed-text:latest", None), ("llama3.2:3b", None)]);
    let mut dev = tokio::process::Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
        .arg("dev")
        .current_dir(home.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("PORT", "0")
        .env("RUST_LOG", "error")
        .env("OLLAMA_HOST", ollama.base_url().trim_end_matches("/v1"))
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(dev.stdout.take().unwrap()).lines();
    let said = async {
        loop {
            let line = lines.next_line().await.unwrap().expect("a line about the model");
            if line.contains("Model ") {
                return line;
            }
        }
    };
    let said = tokio::time::timeout(PATIENCE, said).await.expect("it starts");
    assert!(said.contains("llama3.2:3b, from Ollama on this machine (OPENAI_MODEL=offline asks"), "{said}");

    let url = address(home.path()).await;
    say(&url, "hello there").await;
    assert_eq!(messages(&url, 3).await[2], "You said: hello there");
    say(&url, "/model").await;
    assert_eq!(messages(&url, 5).await[4], "Model: llama3.2:3b, from Ollama on this machine");
    assert!(ollama.requests().iter().all(|request| request.model == "llama3.2:3b"));
    kill(Pid::from_raw(dev.id().unwrap().cast_signed()), Signal::SIGINT).unwrap();
    assert!(tokio::time::timeout(PATIENCE, dev.wait()).await.expect("it stops").unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn everything_starts_answers_remembers_and_stops() {
    let _alone = crate::ALONE.lock().await;
    let home = home();
    // Whatever model servers run on this machine.
    let mut dev = Process::start_in(home.path(), &["dev"], &[("OPENAI_MODEL", "offline".into())]);
    let url = address(home.path()).await;
    assert_eq!(reqwest::get(format!("{url}/playground")).await.unwrap().status(), 200);
    assert_eq!(reqwest::get(format!("{url}/metrics")).await.unwrap().status(), 200);

    say(&url, "my cat is called Murka").await;
    let messages = messages(&url, 3).await;
    assert!(messages[1].starts_with("Welcome!"));
    assert_eq!(open_to_others(&home.path().join(".pykhbrain")), Vec::<String>::new());

    dev.signal(Signal::SIGINT);
    assert_eq!(dev.ended(Duration::from_secs(20)).await, Some(0));
    assert!(reqwest::get(format!("{url}/healthz")).await.is_err());
    let pid_file = home.path().join(".pykhbrain/postgres/server/data/postmaster.pid");
    assert!(!pid_file.exists(), "the database has stopped too");

    // And the next start, by way of the terminal, still knows.
    let mut chat = tokio::process::Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
        .arg("chat")
        .current_dir(home.path())
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("PORT", "0")
        .env("OPENAI_MODEL", "offline")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut input = chat.stdin.take().unwrap();
    input.write_all(b"what is my cat called?\n").await.unwrap();
    drop(input);
    let output = tokio::time::timeout(PATIENCE, chat.wait_with_output()).await.unwrap().unwrap();
    let shown = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && shown.contains("Murka"), "{shown}");
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_and_wrong_variables_end_with_two_and_say_what_to_do() {
    let _alone = crate::ALONE.lock().await;
    let home = home();
    for (arguments, variables, words) in [
        (vec!["nonsense"], vec![], "unrecognized subcommand"),
        (vec!["worker"], vec![], "DATABASE_URL is not set"),
        (vec!["migrate"], vec![("DATABASE_URL", "postgres://u:secret@h:6543/db")], "port 5432"),
        (vec!["web"], vec![("PORT", "eighty")], "PORT must be a port number"),
    ] {
        let output = tokio::process::Command::new(env!("CARGO_BIN_EXE_pykhbrain"))
            .args(&arguments)
            .current_dir(home.path())
            .env_clear()
            .envs(variables)
            .output()
            .await
            .unwrap();
        let shown = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {shown}");
        assert!(shown.contains(words) && !shown.contains("secret"), "{arguments:?}: {shown}");
    }
}
