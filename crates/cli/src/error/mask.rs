//! Addresses without what may be a secret in them.

/// The address without user name, password, query and fragment.
///
/// What is masked was refused, so nothing is sure about its parts: everything
/// up to the last `@` may be a password.
pub(super) fn masked(address: &str) -> String {
    let (scheme, rest) = match address.split_once("://") {
        Some((scheme, rest)) if !scheme.contains('@') => (Some(scheme), rest),
        _ => (None, address),
    };
    let (user, rest) = match rest.rsplit_once('@') {
        Some((_, rest)) => ("…@", rest),
        None => ("", rest),
    };
    let (rest, query) = match rest.find(['?', '#']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let query = query.get(..1).unwrap_or_default();
    let dots = if query.is_empty() { "" } else { "…" };
    let scheme = scheme.map(|it| format!("{it}://")).unwrap_or_default();
    format!("{scheme}{user}{rest}{query}{dots}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_in_addresses_are_not_repeated() {
        for (address, shown) in [
            ("discord.com", "discord.com"),
            ("http://127.0.0.1:1/x", "http://127.0.0.1:1/x"),
            ("http://me:SECRET@127.0.0.1:1", "http://…@127.0.0.1:1"),
            ("me:SECRET@127.0.0.1", "…@127.0.0.1"),
            ("SECRET@a://b@host", "…@host"),
            ("http://me:SEC/RET?SE@CRET@host/x", "http://…@host/x"),
            ("http://host?token=SECRET", "http://host?…"),
            ("http://host/#SECRET", "http://host/#…"),
            ("http://", "http://"),
        ] {
            assert_eq!(masked(address), shown);
        }
    }
}
