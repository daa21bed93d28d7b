//! Who calls the API, by the token of a request.

use axum::http::{header, request::Parts};

use super::Shared;
use crate::api;

/// Who calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Caller {
    Bot(u64),
    /// Nobody said who; some endpoints answer all the same.
    Anybody,
    /// A person, by OAuth2.
    Person(u64),
}

impl Caller {
    pub(super) const fn bot(self) -> Option<u64> {
        match self {
            Self::Bot(id) => Some(id),
            Self::Person(_) | Self::Anybody => None,
        }
    }

    /// By whom limits are counted; 0 for those who did not say who they are.
    pub(super) const fn id(self) -> u64 {
        match self {
            Self::Bot(id) | Self::Person(id) => id,
            Self::Anybody => 0,
        }
    }
}

/// Who calls; nobody may if the token is wrong.
pub(super) fn caller(
    shared: &Shared,
    parts: &Parts,
    route: &api::Route,
    ids: &[String],
) -> Option<Caller> {
    let scope = match (route.method, route.template) {
        ("GET", "/users/@me") => Some("identify"),
        ("GET", "/users/@me/guilds") => Some("guilds"),
        _ => None,
    };
    // What a person's own client may do here.
    let own = scope.is_some()
        || matches!(
            (route.method, route.template),
            ("GET" | "POST", "/invites/{code}") | ("DELETE", "/users/@me/guilds/{guild_id}")
        );
    let Some(header) = parts.headers.get(header::AUTHORIZATION) else {
        return is_open(shared, route, ids).then_some(Caller::Anybody);
    };
    let header = header.to_str().ok()?;
    if let Some(token) = header.strip_prefix("Bearer ") {
        let core = shared.lock();
        let granted = core.grants.of(token, core.world.now())?;
        return granted.has(scope?).then_some(Caller::Person(granted.user));
    }
    let Some(token) = header.strip_prefix("Bot ") else {
        let user = shared.lock().world.user_by_token(header.trim())?;
        return own.then_some(Caller::Person(user));
    };
    let bot = shared.lock().world.bot_by_token(token.trim());
    bot.map(Caller::Bot)
}

/// Whether an endpoint needs no token, or has one in its path.
fn is_open(shared: &Shared, route: &api::Route, ids: &[String]) -> bool {
    match route.template.split('/').nth(1) {
        Some("gateway") => route.template == "/gateway",
        Some("invites") => (route.method, route.template) == ("GET", "/invites/{code}"),
        Some("interactions" | "webhooks") => ids
            .get(1)
            .is_some_and(|token| shared.lock().world.knows_interaction(token)),
        _ => false,
    }
}
