//! `/sandbox/ui`: a page to look at the sandbox, and to act in it.

use axum::{
    http::{HeaderName, HeaderValue, header},
    response::{IntoResponse, Response},
};

/// A file of the page; `path` is what comes after `/sandbox/ui`.
pub(super) fn file(path: &str) -> Option<Response> {
    let (kind, file) = match path {
        "" | "/" => ("text/html; charset=utf-8", include_str!("ui/page.html")),
        "/style.css" => ("text/css; charset=utf-8", include_str!("ui/style.css")),
        "/script.js" => (
            "text/javascript; charset=utf-8",
            include_str!("ui/script.js"),
        ),
        _ => return None,
    };
    let headers: [(HeaderName, HeaderValue); 2] = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("default-src 'self'; img-src data:"),
        ),
    ];
    Some((headers, file).into_response())
}
