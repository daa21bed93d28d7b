//! Logging in with Discord: members who manage a server see that server.

use std::{fmt, sync::Arc, time::Duration};

use guestlist_client::OauthClient;

/// How long what Discord said is believed.
const LOOK_AGAIN: Duration = Duration::from_secs(300);
/// Where Discord sends browsers back to.
pub(crate) const BACK: &str = "/login/discord/back";

/// Lets people log in with their Discord account. A person sees the servers that they own
/// or in which they have Manage Server or Administrator.
#[derive(Clone)]
pub struct DiscordLogin {
    pub(super) oauth: Arc<OauthClient>,
    pub(super) url: Option<String>,
    pub(super) every: Duration,
}

/// The error for a text that is not the address of a dashboard.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the address must have a scheme and a host, and no path, such as https://guests.example")]
pub struct NotAnAddress;

impl DiscordLogin {
    /// As this application.
    #[must_use]
    pub fn new(oauth: OauthClient) -> Self {
        Self {
            oauth: Arc::new(oauth),
            url: None,
            every: LOOK_AGAIN,
        }
    }

    /// Sets the public URL of the dashboard, if it differs from the address that it
    /// listens on, for example behind a proxy. Discord redirects browsers to it.
    ///
    /// # Errors
    ///
    /// [`NotAnAddress`] if the URL is not a scheme with a host.
    pub fn url(mut self, url: &str) -> Result<Self, NotAnAddress> {
        let url = url.trim_end_matches('/');
        host_of(url).ok_or(NotAnAddress)?;
        self.url = Some(url.to_owned());
        Ok(self)
    }

    /// Sets after what time to check again with Discord which servers a person manages;
    /// defaults to five minutes.
    #[must_use]
    pub const fn look_again(mut self, every: Duration) -> Self {
        self.every = every;
        self
    }

    /// The host of the address that was given, without its port.
    pub(crate) fn host(&self) -> Option<&str> {
        let host = host_of(self.url.as_deref()?)?;
        Some(match host.rsplit_once(':') {
            Some((name, port)) if port.bytes().all(|it| it.is_ascii_digit()) => name,
            _ => host,
        })
    }
}

/// The host, with its port, of an address that has nothing else.
pub(super) fn host_of(url: &str) -> Option<&str> {
    let host = url
        .strip_prefix("https://")
        .or_else(|| url.strip_prefix("http://"))?;
    let plain =
        |it: u8| it.is_ascii_alphanumeric() || matches!(it, b'.' | b'-' | b':' | b'[' | b']');
    (!host.is_empty() && host.bytes().all(plain)).then_some(host)
}

impl fmt::Debug for DiscordLogin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DiscordLogin")
            .field("url", &self.url)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::host_of;

    #[test]
    fn an_address_is_a_scheme_and_a_host() {
        assert_eq!(host_of("https://guests.example"), Some("guests.example"));
        assert_eq!(host_of("http://127.0.0.1:8411"), Some("127.0.0.1:8411"));
        assert_eq!(host_of("http://[::1]:8411"), Some("[::1]:8411"));
        for wrong in [
            "",
            "guests.example",
            "https://",
            "ftp://guests.example",
            "https://guests.example/dashboard",
            "https://a@guests.example",
            "https://guests.example?x",
            "https://guests example",
        ] {
            assert_eq!(host_of(wrong), None, "{wrong}");
        }
    }
}
