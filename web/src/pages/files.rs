//! The pages' own files, which are in the binary.

use salvo::{
    http::{
        HeaderValue, StatusCode,
        header::{CACHE_CONTROL, CONTENT_TYPE},
    },
    prelude::*,
};

/// Name, kind and content of each.
const ASSETS: &[(&str, &str, &str)] = &[
    ("theme.css", "text/css; charset=utf-8", include_str!("../../assets/theme.css")),
    ("pages.css", "text/css; charset=utf-8", include_str!("../../assets/pages.css")),
    ("icon.svg", "image/svg+xml", include_str!("../../assets/icon.svg")),
];

/// `GET /assets/NAME`.
#[handler]
pub(super) async fn asset(request: &mut Request, response: &mut Response) {
    let wanted = request.param::<String>("name").unwrap_or_default();
    let Some((_, kind, content)) = ASSETS.iter().find(|(name, ..)| *name == wanted) else {
        response.status_code(StatusCode::NOT_FOUND);
        return;
    };
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("public, max-age=300"));
    let _ = response.write_body(*content);
}
