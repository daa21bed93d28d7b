//! The name that a request was sent to.

use std::net::IpAddr;

use axum::http::{HeaderMap, header};

/// The one host that a request names; none if it names none or several.
pub(super) fn host(headers: &HeaderMap) -> Option<&str> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next()?.to_str().ok()?;
    hosts.next().is_none().then_some(host)
}

/// Whether a host is an address, `localhost`, or a name that the dashboard was given.
///
/// A page elsewhere can let its own name lead to this machine (DNS rebinding). The browser
/// then takes our pages for its own. But it tells us the name.
pub(super) fn is_own(host: &str, names: &[String]) -> bool {
    let name = match host.rsplit_once(':') {
        Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
        _ => host,
    };
    let address = name.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    name.eq_ignore_ascii_case("localhost")
        || address.unwrap_or(name).parse::<IpAddr>().is_ok()
        || names.iter().any(|own| own.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::is_own;

    #[test]
    fn addresses_localhost_and_given_names_are_own() {
        let names = ["guests.example".to_owned()];
        for own in [
            "127.0.0.1",
            "127.0.0.1:8411",
            "localhost:1",
            "LOCALHOST",
            "[::1]:80",
            "[::1]",
            "10.0.0.7:80",
            "Guests.Example:443",
        ] {
            assert!(is_own(own, &names), "{own}");
        }
        for other in [
            "",
            "evil.example",
            "evil.example:8411",
            "127.0.0.1.evil.example",
            "localhost.evil.example",
            "guests.example.evil.example",
            "127.0.0.1@evil.example",
            "evil.example:127.0.0.1",
            "127.0.0.1:80:evil",
        ] {
            assert!(!is_own(other, &names), "{other}");
        }
    }
}
