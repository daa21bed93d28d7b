//! Base URLs of the REST API and the gateway.

use http::{Uri, uri::Authority};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The base URL of the REST API; defaults to `https://discord.com`.
///
/// The client appends `/api/v10/…`. If the base already ends in `/api` or
/// `/api/v10`, that part is removed first.
///
/// ```
/// use guestlist_client::ApiBase;
///
/// let base: ApiBase = "http://127.0.0.1:8080/discord/".parse()?;
/// assert_eq!(base.to_string(), "http://127.0.0.1:8080/discord");
/// assert!("ftp://discord.com".parse::<ApiBase>().is_err());
/// # Ok::<(), guestlist_client::BaseError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct ApiBase {
    pub(crate) plain: bool,
    /// Host, port and path prefix, without a slash at the end.
    pub(crate) rest: String,
}

/// The base URL of the gateway, with the scheme `ws://` or `wss://`.
///
/// Usually it comes from [`Client::get_gateway_bot`](crate::Client::get_gateway_bot).
///
/// ```
/// use guestlist_client::GatewayUrl;
///
/// let url: GatewayUrl = "wss://gateway.discord.gg".parse()?;
/// assert_eq!(url.to_string(), "wss://gateway.discord.gg");
/// # Ok::<(), guestlist_client::BaseError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(try_from = "String", into = "String")]
pub struct GatewayUrl {
    plain: bool,
    rest: String,
}

/// The error for a text that is not a base URL.
///
/// ```
/// use guestlist_client::{ApiBase, BaseError};
///
/// let error = "discord.com".parse::<ApiBase>().unwrap_err();
/// assert!(matches!(error, BaseError::Scheme { .. }));
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum BaseError {
    /// The scheme is missing or not supported.
    #[error("the URL must begin with {expected}")]
    Scheme {
        /// The supported schemes.
        expected: &'static str,
    },
    /// The URL has no host.
    #[error("the URL has no host")]
    Host,
    /// The port is invalid.
    #[error("the URL's port must be a number from 1 to 65535")]
    Port,
    /// The URL contains a user name, a password, a query or a fragment.
    #[error("a base URL cannot contain a {part}")]
    Extra {
        /// The part that is not allowed.
        part: &'static str,
    },
    /// The text violates the syntax of RFC 3986.
    #[error("the URL is malformed: {reason}")]
    Syntax {
        /// The parser's message. It does not repeat the text.
        reason: String,
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
        let (plain, uri) = parse(text, ["http", "https"], "http:// or https://")?;
        if uri.query().is_some() {
            return Err(BaseError::Extra { part: "query" });
        }
        let rest = host_and_path(&uri);
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
        let (plain, uri) = parse(text, ["ws", "wss"], "ws:// or wss://")?;
        Ok(Self {
            plain,
            rest: host_and_path(&uri),
        })
    }
}

impl ApiBase {
    /// The host, in lower case.
    pub(crate) fn host(&self) -> String {
        host(&self.rest)
    }
}

impl GatewayUrl {
    /// The host, in lower case.
    pub(crate) fn host(&self) -> String {
        host(&self.rest)
    }

    /// The port, or that of the scheme.
    pub(crate) fn port(&self) -> u16 {
        let authority = self.rest.split('/').next().unwrap_or_default();
        let port = authority.rsplit_once(':');
        let port = port.and_then(|(_, port)| port.parse().ok());
        port.unwrap_or(if self.plain { 80 } else { 443 })
    }

    /// Whether the connection is unencrypted.
    pub(crate) const fn is_plain(&self) -> bool {
        self.plain
    }
}

/// The host of what follows the scheme.
fn host(rest: &str) -> String {
    let authority = rest.split('/').next().unwrap_or_default();
    let host = match authority.strip_prefix('[') {
        Some(_) => authority.split_inclusive(']').next(),
        None => authority.split(':').next(),
    };
    host.unwrap_or_default()
        .trim_end_matches('.')
        .to_ascii_lowercase()
}

impl TryFrom<String> for ApiBase {
    type Error = BaseError;

    fn try_from(text: String) -> Result<Self, BaseError> {
        text.parse()
    }
}

impl From<ApiBase> for String {
    fn from(base: ApiBase) -> Self {
        base.to_string()
    }
}

impl TryFrom<String> for GatewayUrl {
    type Error = BaseError;

    fn try_from(text: String) -> Result<Self, BaseError> {
        text.parse()
    }
}

impl From<GatewayUrl> for String {
    fn from(base: GatewayUrl) -> Self {
        base.to_string()
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

/// Whether the scheme is the plain one, and the URL.
///
/// This is the parser that twilight uses. twilight panics on a URL that it cannot parse.
fn parse(
    text: &str,
    [plain, secure]: [&str; 2],
    expected: &'static str,
) -> Result<(bool, Uri), BaseError> {
    if !text.contains("://") {
        return Err(BaseError::Scheme { expected });
    }
    if text.contains('#') {
        // The parser drops it without a word.
        return Err(BaseError::Extra { part: "fragment" });
    }
    let uri: Uri = text
        .parse()
        .map_err(|error: http::uri::InvalidUri| BaseError::Syntax {
            reason: error.to_string(),
        })?;
    let scheme = uri.scheme_str().unwrap_or_default();
    let is_plain = scheme.eq_ignore_ascii_case(plain);
    if !is_plain && !scheme.eq_ignore_ascii_case(secure) {
        return Err(BaseError::Scheme { expected });
    }
    check(uri.authority().ok_or(BaseError::Host)?)?;
    if !uri.path().is_ascii() {
        return Err(BaseError::Syntax {
            reason: "the path contains a non-ASCII character".to_owned(),
        });
    }
    Ok((is_plain, uri))
}

fn check(authority: &Authority) -> Result<(), BaseError> {
    if authority.as_str().contains('@') {
        return Err(BaseError::Extra {
            part: "user name or password",
        });
    }
    if authority.host().is_empty() {
        return Err(BaseError::Host);
    }
    let has_port = authority.as_str() != authority.host();
    // The parser takes "+80" for 80.
    let good = |text: &str| !text.starts_with('+');
    match authority.port() {
        Some(port) if port.as_u16() > 0 && good(port.as_str()) => Ok(()),
        None if !has_port => Ok(()),
        _ => Err(BaseError::Port),
    }
}

/// Host, port and path, without a slash at the end.
fn host_and_path(uri: &Uri) -> String {
    let host = uri.authority().map_or("", Authority::as_str);
    format!("{host}{}", uri.path().trim_end_matches('/'))
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
    fn other_texts_are_refused() {
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
            "http://host/ö",
            "http://user:pass@host",
            "http://host/?query",
            "http://host#fragment",
            "http://hörst",
            "wss://gateway",
            "//host/http://x",
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
        for (text, host, port) in [
            ("wss://gateway.discord.gg", "gateway.discord.gg", 443),
            ("ws://Example.ORG./path", "example.org", 80),
            ("ws://[::1]:99/x", "[::1]", 99),
            ("wss://[::1]", "[::1]", 443),
            ("ws://127.0.0.1:99", "127.0.0.1", 99),
        ] {
            let url: GatewayUrl = text.parse().unwrap();
            assert_eq!((url.host().as_str(), url.port()), (host, port), "{text}");
        }
        assert!("https://gateway.discord.gg".parse::<GatewayUrl>().is_err());
        assert!("ws://bad host".parse::<GatewayUrl>().is_err());
    }
}
