//! The database goes away for twenty seconds under load, and comes back.

use std::{path::Path, time::Duration};

use pykhbrain::cluster::{Cluster, Profile};
use serde_json::json;
use sqlx::PgPool;
use tokio::net::TcpStream;

use crate::support::{
    app::App,
    database::Database,
    process::Process,
    proxy::Proxy,
    updates::{self, Person},
};

fn port_of(cluster: &Cluster) -> u16 {
    url::Url::parse(&cluster.url("postgres")).expect("an address").port().expect("a port")
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_database_is_away_nothing_is_acknowledged_and_afterwards_nothing_is_lost() {
    let _alone = crate::ALONE.lock().await;
    let dir = tempfile::tempdir_in(Path::new(env!("CARGO_TARGET_TMPDIR"))).unwrap();
    let cluster = Cluster::start(dir.path(), Profile::Throwaway).await.unwrap();
    let proxy = Proxy::start().await;
    proxy.lead_to(Some(port_of(&cluster)));
    let direct = cluster.url("postgres");
    let through = direct.replace(&format!(":{}/", port_of(&cluster)), &format!(":{}/", proxy.port));
    brain::db::migrate::migrate(&PgPool::connect(&direct).await.unwrap()).await.unwrap();

    let web_port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let app = App::for_processes()
        .webs(0)
        .database(Database { url: through })
        .with("TEMP_DAILY_TOKENS", "100000000")
        .start()
        .await;
    let mut variables = app.variables.clone();
    variables.extend([("PORT", web_port.to_string()), ("HOST", "127.0.0.1".into())]);
    let _web = Process::start(&["web"], &variables);
    let _worker = Process::worker(&variables);
    while TcpStream::connect(("127.0.0.1", web_port)).await.is_err() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    // Ten messages a second to twenty chats for half a minute; each is offered again until it is acknowledged, as Telegram does.
    let http = reqwest::Client::new();
    let deliver = |n: i64| {
        let (http, secret) = (http.clone(), "the-secret");
        let person = Person { id: 9000 + n % 20, name: "Somebody" };
        let message =
            updates::message(n, person, &person.chat(), &format!("message {n}"), app.now(), &json!({}));
        let body = json!({"update_id": n, "message": message}).to_string();
        async move {
            let mut refused = 0;
            loop {
                let request = http.post(format!("http://127.0.0.1:{web_port}/telegram/webhook"));
                let request = request.header("x-telegram-bot-api-secret-token", secret).body(body.clone());
                match request.send().await.expect("the web process itself never goes away") {
                    response if response.status() == 200 => return refused,
                    response => {
                        assert_eq!(response.status(), 503);
                        assert!(response.headers().contains_key("retry-after"));
                        refused += 1;
                        tokio::time::sleep(Duration::from_secs(1)).await;
                    }
                }
            }
        }
    };
    let mut deliveries = Vec::new();
    let mut cluster = Some(cluster);
    for n in 1..=300 {
        deliveries.push(tokio::spawn(deliver(n)));
        tokio::time::sleep(Duration::from_millis(100)).await;
        match n {
            50 => {
                proxy.lead_to(None);
                cluster.take().unwrap().stop().await;
            }
            250 => {
                let again = Cluster::start(dir.path(), Profile::Throwaway).await.unwrap();
                proxy.lead_to(Some(port_of(&again)));
                cluster = Some(again);
            }
            _ => {}
        }
    }
    let refused: usize = futures::future::join_all(deliveries).await.into_iter().map(Result::unwrap).sum();
    println!("{refused} deliveries were refused while the database was away");
    assert!(refused > 100);

    app.run_pending_jobs().await;
    for chat in 0..20 {
        let seen = app.seen_in(9000 + chat);
        let mut numbers: Vec<i64> = seen
            .iter()
            .filter_map(|text| text.strip_prefix("You said: message "))
            .map(|n| n.parse().unwrap())
            .collect();
        numbers.sort_unstable();
        numbers.dedup();
        assert_eq!(numbers.len(), 15, "every message of chat {chat} is answered: {seen:?}");
    }
}
