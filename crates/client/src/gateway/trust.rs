//! Which addresses may receive the token.
//!
//! The API and READY name addresses of gateways. The token goes there, so an address
//! must belong to the API: Discord's, the same host, or a host of the same domain. It
//! must also be encrypted if the API is.

use std::net::IpAddr;

use super::{Cause, CauseKind};
use crate::{ApiBase, GatewayUrl};

/// Discord's domains, which belong together.
const DISCORD: [&str; 3] = ["discord.com", "discord.gg", "discordapp.com"];

/// The hosts that belong to an API.
#[derive(Clone, Debug)]
pub(super) struct Trust {
    hosts: Vec<String>,
    /// Whether a connection may be unencrypted.
    plain: bool,
}

impl Trust {
    /// Trusts the API, which may be unknown, and a gateway that was set instead of being
    /// requested.
    pub(super) fn new(api: Option<&ApiBase>, set: Option<&GatewayUrl>) -> Self {
        let mut hosts = Vec::new();
        if api.is_none() {
            hosts.extend(DISCORD.map(str::to_owned));
        }
        hosts.extend(api.map(ApiBase::host));
        hosts.extend(set.map(GatewayUrl::host));
        let plain = api.is_some_and(|api| api.plain) || set.is_some_and(GatewayUrl::is_plain);
        Self { hosts, plain }
    }

    /// Whether the token may be sent there.
    pub(super) fn check(&self, url: &GatewayUrl) -> Result<(), Cause> {
        let host = url.host();
        let refused = |text: String| Err(Cause::new(CauseKind::Untrusted, &text));
        if url.is_plain() && !self.plain {
            return refused(format!(
                "the gateway's address {url} is not encrypted; the token is not sent there"
            ));
        }
        if self.hosts.iter().any(|known| belongs(&host, known)) {
            return Ok(());
        }
        refused(format!(
            "the gateway's address {url} is not of the API's domain; the token is not sent there"
        ))
    }
}

fn belongs(host: &str, known: &str) -> bool {
    if host == known || (is_loopback(host) && is_loopback(known)) {
        return true;
    }
    if address(host).is_some() || address(known).is_some() {
        return false;
    }
    let of_discord = |host: &str| DISCORD.iter().any(|domain| is_within(host, domain));
    if of_discord(host) && of_discord(known) {
        return true;
    }
    is_within(host, known) || domain(known).is_some_and(|domain| is_within(host, domain))
}

fn address(host: &str) -> Option<IpAddr> {
    let host = host.strip_prefix('[').unwrap_or(host);
    host.strip_suffix(']').unwrap_or(host).parse().ok()
}

fn is_loopback(host: &str) -> bool {
    host == "localhost" || address(host).is_some_and(|address| address.is_loopback())
}

fn is_within(host: &str, domain: &str) -> bool {
    let before = host.strip_suffix(domain);
    before.is_some_and(|before| before.is_empty() || before.ends_with('.'))
}

/// What follows the first label, if it is a domain that somebody has: not `com`, and not
/// `co.uk`.
fn domain(host: &str) -> Option<&str> {
    let (_, domain) = host.split_once('.')?;
    let (rest, last) = domain.rsplit_once('.')?;
    let is_public = !rest.contains('.') && rest.len() <= 3 && last.len() == 2;
    (!is_public).then_some(domain)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn allows(api: &str, gateway: &str) -> bool {
        let api = api.parse().unwrap();
        let trust = Trust::new(Some(&api), None);
        trust.check(&gateway.parse().unwrap()).is_ok()
    }

    #[test]
    fn the_token_stays_with_the_api() {
        for (api, gateway) in [
            ("https://discord.com", "wss://gateway.discord.gg"),
            ("https://discord.com", "wss://gateway-us-east1-b.discord.gg"),
            ("https://canary.discord.com", "wss://gateway.discord.gg"),
            (
                "https://api.old.example.chat",
                "wss://gateway.old.example.chat",
            ),
            ("https://example.org/chat", "wss://gateway.example.org"),
            ("https://api.example.co.uk", "wss://gateway.example.co.uk"),
            ("http://127.0.0.1:8080", "ws://127.0.0.1:9090/x"),
            ("http://localhost:8080", "ws://[::1]:9090"),
            ("http://api.internal", "ws://api.internal"),
        ] {
            assert!(allows(api, gateway), "{api} {gateway}");
        }
        for (api, gateway) in [
            ("https://discord.com", "wss://evil.example"),
            ("https://discord.com", "wss://discord.gg.evil.example"),
            ("https://discord.com", "wss://notdiscord.gg"),
            ("https://discord.com", "wss://127.0.0.1"),
            ("https://discord.com", "ws://gateway.discord.gg"),
            ("https://example.org", "wss://discord.gg"),
            ("https://example.org", "wss://other.org"),
            ("https://example.co.uk", "wss://evil.co.uk"),
            ("http://127.0.0.1:8080", "ws://10.0.0.1:8080"),
            ("http://10.0.0.1:8080", "ws://11.0.0.1:8080"),
        ] {
            assert!(!allows(api, gateway), "{api} {gateway}");
        }
    }

    #[test]
    fn a_gateway_that_was_set_is_trusted() {
        let set = "ws://gateway.example:99".parse().unwrap();
        let trust = Trust::new(Some(&ApiBase::default()), Some(&set));
        assert!(trust.check(&set).is_ok());
        let unknown = Trust::new(None, None);
        assert!(
            unknown
                .check(&"wss://gateway.discord.gg".parse().unwrap())
                .is_ok()
        );
        assert!(unknown.check(&set).is_err());
    }
}
