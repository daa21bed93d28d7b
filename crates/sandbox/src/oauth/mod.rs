//! Discord's OAuth2, for people who log in somewhere with their Discord account: the
//! authorization code flow with PKCE.
//!
//! See Discord Docs/OAuth2.

mod authorize;
mod grants;
mod token;

use std::sync::Arc;

use axum::{http::request::Parts, response::Response};

pub(crate) use self::grants::Grants;
use crate::server::Shared;

/// Answers a path of OAuth2; none if it is not one. `path` comes after `/api/v10`.
pub(crate) fn answer(
    shared: &Arc<Shared>,
    parts: &Parts,
    path: &str,
    body: &[u8],
) -> Option<(&'static str, Response)> {
    match (parts.method.as_str(), path) {
        ("GET", "/oauth2/authorize") => {
            Some(("/oauth2/authorize", authorize::authorize(shared, parts)))
        }
        ("POST", "/oauth2/token") => Some(("/oauth2/token", token::token(shared, parts, body))),
        ("POST", "/oauth2/token/revoke") => {
            Some(("/oauth2/token/revoke", token::revoke(shared, parts, body)))
        }
        _ => None,
    }
}
