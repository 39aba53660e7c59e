//! The page's own files, which are in the binary.

use salvo::{
    http::{HeaderValue, StatusCode, header::CONTENT_TYPE},
    prelude::*,
};

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Name, kind and content of each.
const ASSETS: &[(&str, &str, &str)] = &[
    ("theme.css", CSS, include_str!("../../assets/theme.css")),
    ("layout.css", CSS, include_str!("assets/layout.css")),
    ("chat.css", CSS, include_str!("assets/chat.css")),
    ("way.css", CSS, include_str!("assets/way.css")),
    ("main.js", JAVASCRIPT, include_str!("assets/main.js")),
    ("api.js", JAVASCRIPT, include_str!("assets/api.js")),
    ("bubble.js", JAVASCRIPT, include_str!("assets/bubble.js")),
    ("column.js", JAVASCRIPT, include_str!("assets/column.js")),
    ("composer.js", JAVASCRIPT, include_str!("assets/composer.js")),
    ("dom.js", JAVASCRIPT, include_str!("assets/dom.js")),
    ("sidebar.js", JAVASCRIPT, include_str!("assets/sidebar.js")),
    ("way.js", JAVASCRIPT, include_str!("assets/way.js")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];

/// `GET /playground`.
#[handler]
pub(super) async fn page(response: &mut Response) {
    send(response, HTML, include_str!("assets/index.html"));
}

/// `GET /playground/assets/NAME`.
#[handler]
pub(super) async fn asset(request: &mut Request, response: &mut Response) {
    let wanted = request.param::<String>("name").unwrap_or_default();
    match ASSETS.iter().find(|(name, ..)| *name == wanted) {
        Some((_, kind, content)) => send(response, kind, content),
        None => {
            response.status_code(StatusCode::NOT_FOUND);
        }
    }
}

fn send(response: &mut Response, kind: &'static str, content: &'static str) {
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    let _ = response.write_body(content);
}
