//! Where Discord is: the base of the REST API and of the gateway.

use std::{fmt, str::FromStr};

/// The base of the REST API, `https://discord.com` unless told otherwise.
///
/// `/api/v10/…` is appended to it. A base that already ends in `/api` or
/// `/api/v10` is taken as if it did not.
///
/// ```
/// use guestlist_client::ApiBase;
///
/// let base: ApiBase = "http://127.0.0.1:8080/discord/".parse()?;
/// assert_eq!(base.to_string(), "http://127.0.0.1:8080/discord");
/// assert!("ftp://discord.com".parse::<ApiBase>().is_err());
/// # Ok::<(), guestlist_client::BaseError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct ApiBase {
    pub(crate) plain: bool,
    /// Host, port and path prefix, without a slash at the end.
    pub(crate) rest: String,
}

/// The base of the gateway, a `ws://` or `wss://` URL.
///
/// Usually learnt from [`Client::gateway_bot`](crate::Client::gateway_bot).
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct GatewayUrl {
    plain: bool,
    rest: String,
}

/// Why a text is no base URL.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseError {
    /// The scheme is missing or another one.
    #[error("a URL must begin with {expected}")]
    Scheme {
        /// The schemes that are possible here.
        expected: &'static str,
    },
    /// There is no host, or no host can be called so.
    #[error("the URL has no usable host")]
    Host,
    /// What follows the colon is no port.
    #[error("the URL's port must be a number from 1 to 65535")]
    Port,
    /// The URL has user name and password, query or fragment.
    #[error("a base URL has no {part}")]
    Extra {
        /// What it has too much.
        part: &'static str,
    },
    /// A character that is not allowed in a path.
    #[error("the URL's path must not have {character:?}")]
    Path {
        /// The first such character.
        character: char,
    },
}

impl Default for ApiBase {
    fn default() -> Self {
        Self {
            plain: false,
            rest: "discord.com".to_owned(),
        }
    }
}

impl FromStr for ApiBase {
    type Err = BaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (plain, rest) = split(text, ["http", "https"], "http:// or https://")?;
        let mut rest = rest.as_str();
        if let Some((before, version)) = rest.rsplit_once("/api/v")
            && !version.is_empty()
            && version.bytes().all(|byte| byte.is_ascii_digit())
        {
            rest = before;
        }
        let rest = rest
            .strip_suffix("/api")
            .unwrap_or(rest)
            .trim_end_matches('/');
        Ok(Self {
            plain,
            rest: rest.to_owned(),
        })
    }
}

impl FromStr for GatewayUrl {
    type Err = BaseError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // Discord-compatible servers hand out `wss://host/?v=10&encoding=json`;
        // version, encoding and compression are chosen here.
        let text = text.split_once('?').map_or(text, |(before, _)| before);
        let (plain, rest) = split(text, ["ws", "wss"], "ws:// or wss://")?;
        Ok(Self { plain, rest })
    }
}

impl fmt::Display for ApiBase {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.plain { "http" } else { "https" };
        write!(f, "{scheme}://{}", self.rest)
    }
}

impl fmt::Display for GatewayUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.plain { "ws" } else { "wss" };
        write!(f, "{scheme}://{}", self.rest)
    }
}

/// Whether the scheme is the plain one, and host, port and path.
fn split(
    text: &str,
    [plain, secure]: [&str; 2],
    expected: &'static str,
) -> Result<(bool, String), BaseError> {
    let (scheme, rest) = text
        .split_once("://")
        .ok_or(BaseError::Scheme { expected })?;
    let is_plain = scheme.eq_ignore_ascii_case(plain);
    if !is_plain && !scheme.eq_ignore_ascii_case(secure) {
        return Err(BaseError::Scheme { expected });
    }
    for (sign, part) in [
        ('?', "query"),
        ('#', "fragment"),
        ('@', "user name or password"),
    ] {
        if rest.contains(sign) {
            return Err(BaseError::Extra { part });
        }
    }
    let rest = rest.trim_end_matches('/');
    let (authority, path) = rest
        .find('/')
        .and_then(|slash| rest.split_at_checked(slash))
        .unwrap_or((rest, ""));
    check_authority(authority)?;
    let allowed = |c: char| c.is_ascii_alphanumeric() || "/-._~%!$&'()*+,;=:".contains(c);
    match path.chars().find(|&character| !allowed(character)) {
        Some(character) => Err(BaseError::Path { character }),
        // twilight panics on a URL that its parser does not take.
        None if format!("https://{rest}/").parse::<http::Uri>().is_err() => Err(BaseError::Host),
        None => Ok((is_plain, rest.to_owned())),
    }
}

fn check_authority(authority: &str) -> Result<(), BaseError> {
    // A literal IPv6 address has colons of its own, within brackets.
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let good = match host
        .strip_prefix('[')
        .and_then(|inner| inner.strip_suffix(']'))
    {
        Some(address) => address.parse::<std::net::Ipv6Addr>().is_ok(),
        None => {
            !host.is_empty()
                && !host.starts_with('.')
                && host
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-._".contains(&b))
        }
    };
    if !good {
        return Err(BaseError::Host);
    }
    match port {
        // `u16` alone would accept "+80".
        Some(port) if !port.bytes().all(|b| b.is_ascii_digit()) => Err(BaseError::Port),
        Some(port) => match port.parse::<u16>() {
            Ok(1..) => Ok(()),
            _ => Err(BaseError::Port),
        },
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::{ApiBase, BaseError, GatewayUrl};

    #[test]
    fn bases_are_read_and_written() {
        for (text, expected) in [
            ("https://discord.com", "https://discord.com"),
            ("HTTPS://discord.com/", "https://discord.com"),
            ("https://discord.com/api/v10", "https://discord.com"),
            ("https://discord.com/api/", "https://discord.com"),
            ("http://127.0.0.1:1234", "http://127.0.0.1:1234"),
            (
                "http://[::1]:1234/some/prefix//",
                "http://[::1]:1234/some/prefix",
            ),
            ("http://[::1]", "http://[::1]"),
        ] {
            let base: ApiBase = text
                .parse()
                .unwrap_or_else(|error| panic!("{text}: {error}"));
            assert_eq!(base.to_string(), expected);
        }
        assert_eq!(ApiBase::default().to_string(), "https://discord.com");
    }

    #[test]
    fn what_is_no_base_is_refused() {
        for text in [
            "",
            "discord.com",
            "ftp://discord.com",
            "https://",
            "https:///api",
            "https://:80",
            "http://host:0",
            "http://host:65536",
            "http://host:+80",
            "http://host:",
            "http://a b",
            "http://[::1",
            "http://host/a b",
            "http://host/\n",
            "http://user:pass@host",
            "http://host/?query",
            "http://host#fragment",
            "http://hörst",
            "wss://gateway",
        ] {
            assert!(text.parse::<ApiBase>().is_err(), "{text:?} was accepted");
        }
        assert_eq!("http://h:99999".parse::<ApiBase>(), Err(BaseError::Port));
    }

    #[test]
    fn the_gateway_url_loses_its_query() {
        let url: GatewayUrl = "wss://gateway.discord.gg/?v=10&encoding=json"
            .parse()
            .unwrap();
        assert_eq!(url.to_string(), "wss://gateway.discord.gg");
        let url: GatewayUrl = "ws://127.0.0.1:99".parse().unwrap();
        assert_eq!(url.to_string(), "ws://127.0.0.1:99");
        assert!("https://gateway.discord.gg".parse::<GatewayUrl>().is_err());
        assert!("ws://bad host".parse::<GatewayUrl>().is_err());
    }
}
