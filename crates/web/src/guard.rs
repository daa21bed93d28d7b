//! What stands before every page: which requests are answered at all, and with which headers.

use std::net::IpAddr;

use axum::{
    extract::Request,
    http::{HeaderName, HeaderValue, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};

/// Only our own files, nothing inline, nothing framed.
const POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; \
                      connect-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'";

const HEADERS: [(HeaderName, &str); 7] = [
    (header::CONTENT_SECURITY_POLICY, POLICY),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        "same-origin",
    ),
    (
        HeaderName::from_static("permissions-policy"),
        "camera=(), geolocation=(), microphone=()",
    ),
];

/// Answers requests for this host alone, and adds the headers that every answer has.
pub(crate) async fn guard(request: Request, next: Next) -> Response {
    let mut response = if names_this_machine(&request) {
        next.run(request).await
    } else {
        let text = "This address is not one of this dashboard's.\n";
        (StatusCode::MISDIRECTED_REQUEST, text).into_response()
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // What somebody may see is not for whoever uses the browser next.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    response
}

/// Whether the request was sent to an address or to `localhost`.
///
/// A page elsewhere can let its own name lead to this machine (DNS rebinding). The browser
/// then takes our pages for its own. But it tells us the name.
fn names_this_machine(request: &Request) -> bool {
    let host = request
        .headers()
        .get(header::HOST)
        .and_then(|host| host.to_str().ok());
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let single = hosts.next().is_some() && hosts.next().is_none();
    let host = host.or_else(|| request.uri().authority().map(|it| it.as_str()));
    single && host.is_some_and(is_own)
}

fn is_own(host: &str) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    name.eq_ignore_ascii_case("localhost") || address.unwrap_or(name).parse::<IpAddr>().is_ok()
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn addresses_and_localhost_are_own_and_names_are_not() {
        for own in [
            "127.0.0.1",
            "127.0.0.1:8411",
            "localhost:1",
            "LOCALHOST",
            "[::1]:80",
            "[::1]",
            "10.0.0.7:80",
        ] {
            assert!(is_own(own), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "evil.example:8411",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "127.0.0.1@evil.example",
            "evil.example:127.0.0.1",
            "127.0.0.1:80:evil",
        ] {
            assert!(!is_own(other), "{other}");
        }
    }
}
