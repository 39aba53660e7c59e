//! What is for this machine only is refused where the program listens to others, with the line to set.

use std::time::Duration;

use tokio::net::TcpStream;

use crate::support::{
    app::{KEY, TOKEN},
    process::Process,
};

const NOWHERE: &str = "postgres://nobody@127.0.0.1:1/nothing";

fn variables(own: &[(&'static str, &str)]) -> Vec<(&'static str, String)> {
    let all = [("PORT", "0"), ("DATABASE_URL", NOWHERE), ("ENCRYPTION_KEY", KEY), ("TELEGRAM_TOKEN", TOKEN)];
    let own = own.iter().copied();
    all.into_iter().chain(own).map(|(name, value)| (name, value.to_owned())).collect()
}

#[tokio::test]
async fn printed_links_are_refused_where_others_could_open_them() {
    let _alone = crate::ALONE.lock().await;
    let print = ("SMTP_URL", "print:");
    for (arguments, own) in [
        // Nothing but what the defaults say.
        (&["web"][..], &[print][..]),
        (&["web", "--with-worker"], &[print]),
        (&["web", "--with-worker"], &[print, ("HOST", "0.0.0.0")]),
        (&["web"], &[print, ("HOST", "::")]),
        // The variable says this machine, and the address of the links does not.
        (
            &["web", "--with-worker"],
            &[print, ("HOST", "127.0.0.1"), ("PUBLIC_URL", "https://bot.example.com")],
        ),
        // A worker does not know where the pages are.
        (&["worker"], &[print]),
        (&["worker"], &[print, ("HOST", "127.0.0.1"), ("PUBLIC_URL", "http://localhost:8080")]),
        (&["dev"], &[print, ("HOST", "0.0.0.0"), ("TELEGRAM_API_URL", "http://127.0.0.1:1")]),
    ] {
        let (code, said) = Process::output(arguments, &variables(own)).await;
        assert_eq!(code, Some(2), "{arguments:?} {own:?}: {said}");
        assert!(
            said.contains("SMTP_URL print:") && said.contains("SMTP_URL=smtps://"),
            "{arguments:?}: {said}"
        );
    }
}

#[tokio::test]
async fn the_local_chat_is_refused_where_others_could_reach_it() {
    let _alone = crate::ALONE.lock().await;
    for host in ["0.0.0.0", "::"] {
        let (code, said) = Process::output(&["dev"], &[("PORT", "0".into()), ("HOST", host.into())]).await;
        assert_eq!(code, Some(2), "{said}");
        assert!(said.contains("HOST must be") && said.contains("set HOST=127.0.0.1"), "{said}");
    }
    // Its token makes the webhook's secret, and is in the program's source.
    let own = variables(&[("TELEGRAM_TOKEN", "1:local")]);
    let (code, said) = Process::output(&["web"], &own).await;
    assert!(code == Some(2) && said.contains("TELEGRAM_TOKEN is the local chat's"), "{said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn on_this_machine_both_are_there() {
    let _alone = crate::ALONE.lock().await;
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let own = variables(&[("SMTP_URL", "print:"), ("HOST", "127.0.0.1"), ("TELEGRAM_TOKEN", "1:local")]);
    let own = own.into_iter().chain([("PORT", port.to_string())]).collect::<Vec<_>>();
    let _web = Process::start(&["web", "--with-worker"], &own);
    let started = async {
        while TcpStream::connect(("127.0.0.1", port)).await.is_err() {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(30), started).await.expect("it listens");
}
