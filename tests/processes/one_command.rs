//! `pykhbrain` with no configuration at all: database, web, worker and the local chat, and all of it gone after Ctrl-C.

use std::{os::unix::fs::PermissionsExt, path::Path, process::Stdio, time::Duration};

use nix::sys::signal::Signal;
use serde_json::{Value, json};
use tokio::io::AsyncWriteExt;

use crate::support::{app::PATIENCE, process::Process};

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

#[tokio::test(flavor = "multi_thread")]
async fn everything_starts_answers_remembers_and_stops() {
    let _alone = crate::ALONE.lock().await;
    let home = home();
    let mut dev = Process::start_in(home.path(), &["dev"], &[]);
    let url = address(home.path()).await;
    assert_eq!(reqwest::get(format!("{url}/playground")).await.unwrap().status(), 200);
    assert_eq!(reqwest::get(format!("{url}/metrics")).await.unwrap().status(), 200);

    let http = reqwest::Client::new();
    let said = json!({"chat_id": 1001, "from_id": 1001, "text": "my cat is called Murka"});
    let answer = http.post(format!("{url}/playground/api/messages")).json(&said).send().await.unwrap();
    assert_eq!(answer.status(), 200);
    let answered = async {
        loop {
            let state: Value =
                reqwest::get(format!("{url}/playground/api/state")).await.unwrap().json().await.unwrap();
            let messages = state["chats"][0]["messages"].as_array().unwrap().clone();
            if messages.len() == 3 {
                return messages;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    };
    let messages = tokio::time::timeout(PATIENCE, answered).await.expect("welcome and answer");
    assert!(messages[1]["text"].as_str().unwrap().starts_with("Welcome!"));
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
