//! The files that pages load. They are part of the program, and change with it alone.

use axum::{
    extract::Path,
    http::{HeaderValue, header},
    response::{IntoResponse, Response},
};

use crate::fault::Fault;

/// A part of an asset's address that changes with its content, so that a browser may keep
/// the file for good.
const fn version(content: &str) -> u64 {
    // FNV-1a.
    let bytes = content.as_bytes();
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    let mut at = 0;
    while at < bytes.len() {
        #[expect(clippy::indexing_slicing, reason = "iterators are not const")]
        let byte = bytes[at];
        hash = (hash ^ byte as u64).wrapping_mul(0x0100_0000_01b3);
        at += 1;
    }
    hash
}

const STYLE: &str = include_str!("../assets/style.css");
const LIVE: &str = include_str!("../assets/live.js");
const ICON: &str = include_str!("../assets/icon.svg");

/// The address of the style sheet.
pub(crate) fn style() -> String {
    format!("/assets/{:x}/style.css", const { version(STYLE) })
}

/// The address of the script that adds new joins to a page.
pub(crate) fn live() -> String {
    format!("/assets/{:x}/live.js", const { version(LIVE) })
}

/// The address of the icon.
pub(crate) fn icon() -> String {
    format!("/assets/{:x}/icon.svg", const { version(ICON) })
}

/// Serves one.
pub(crate) async fn serve(Path((_, name)): Path<(String, String)>) -> Result<Response, Fault> {
    let (content, kind) = match name.as_str() {
        "style.css" => (STYLE, "text/css; charset=utf-8"),
        "live.js" => (LIVE, "text/javascript; charset=utf-8"),
        "icon.svg" => (ICON, "image/svg+xml"),
        _ => return Err(Fault::NotFound),
    };
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CACHE_CONTROL,
            HeaderValue::from_static("public, max-age=31536000, immutable"),
        ),
    ];
    Ok((headers, content).into_response())
}
