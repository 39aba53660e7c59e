//! Who is told what, by where they ask from.

use crate::support::{app::App, browser::Browser};

const NUMBERS: &str = "pykhbrain_updates_waiting";

async fn metrics(app: &App, headers: &[(&'static str, &str)]) -> (u16, String) {
    let mut browser = app.browser();
    for (name, value) in headers {
        browser.headers.insert(*name, value.parse().unwrap());
    }
    let page = browser.open("/metrics").await;
    (page.status, page.html)
}

#[tokio::test]
async fn the_numbers_are_for_this_machine_and_for_who_has_the_token() {
    let token = "0123456789abcdef-of-the-operator";
    let bearer = format!("Bearer {token}");
    let app = App::builder().workers(0).with("METRICS_TOKEN", token).start().await;
    let (status, numbers) = metrics(&app, &[]).await;
    assert!(status == 200 && numbers.contains(NUMBERS), "{numbers}");

    // A proxy on this machine brings everybody, under this machine's address.
    for elsewhere in [
        ("x-forwarded-for", "127.0.0.1"),
        ("x-forwarded-for", "203.0.113.7"),
        ("forwarded", "for=203.0.113.7"),
        ("x-real-ip", "203.0.113.7"),
        ("host", "bot.example.com"),
    ] {
        let (status, said) = metrics(&app, &[elsewhere]).await;
        assert!(status == 401 && !said.contains(NUMBERS), "{elsewhere:?}: {said}");
        let (status, numbers) = metrics(&app, &[elsewhere, ("authorization", &bearer)]).await;
        assert!(status == 200 && numbers.contains(NUMBERS), "{elsewhere:?}: {numbers}");
        for wrong in
            ["Bearer ", "Bearer 0123456789abcdef", token, &format!("Basic {token}"), &format!("{bearer}x")]
        {
            assert_eq!(metrics(&app, &[elsewhere, ("authorization", wrong)]).await.0, 401, "{wrong}");
        }
    }
    let without = App::builder().workers(0).start().await;
    for empty in ["Bearer ", "Bearer"] {
        let asked = [("host", "bot.example.com"), ("authorization", empty)];
        assert_eq!(metrics(&without, &asked).await.0, 401, "no token is not an empty one");
    }
}

#[tokio::test]
async fn the_numbers_are_gathered_once_however_many_ask() {
    let app = App::builder().workers(0).start().await;
    let (_, before) = metrics(&app, &[]).await;
    assert!(before.contains("pykhbrain_updates_waiting 0\n"), "{before}");
    app.says(crate::support::updates::OLENA, "hi").await;
    let asking = (0..24).map(|_| metrics(&app, &[]));
    for (status, numbers) in futures::future::join_all(asking).await {
        assert_eq!((status, &numbers), (200, &before));
    }
}

#[tokio::test]
async fn browsers_are_kept_to_https_where_that_is_how_they_come() {
    for (public_url, kept) in [("https://bot.example.com", "max-age=31536000"), ("http://localhost:8080", "")]
    {
        let app = App::builder().workers(0).with("PUBLIC_URL", public_url).start().await;
        for path in ["/login", "/healthz", "/assets/pages.css", "/nothing"] {
            let page = Browser::at(app.web(0)).look(path).await;
            assert_eq!(page.header("strict-transport-security"), kept, "{public_url} {path}");
        }
    }
}
