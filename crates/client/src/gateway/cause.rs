//! Why a shard is not connected.

use std::fmt;

use serde::{Deserialize, Deserializer, Serialize};

use super::GatewayError;
use crate::{ApiError, words};

/// Why a shard is not connected, or a service cannot work.
///
/// The text is on one line, short, and contains no control characters, whatever the
/// server sent.
///
/// ```
/// use guestlist_client::{Cause, CauseKind};
///
/// let cause = Cause::new(CauseKind::Unreachable, "connection refused\n");
/// assert_eq!(cause.kind.as_str(), "unreachable");
/// assert!(!cause.text.contains('\n'));
/// ```
#[derive(Clone, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Cause {
    /// The kind, for programs.
    pub kind: CauseKind,
    /// The description, for people.
    #[serde(deserialize_with = "harmless")]
    pub text: String,
}

fn harmless<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    String::deserialize(deserializer).map(|text| words::harmless(&text))
}

/// The kind of a [`Cause`].
#[derive(
    Clone, Copy, Debug, Default, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum CauseKind {
    /// The server cannot be reached: the name, the connection, TLS or the handshake fails.
    Unreachable,
    /// The connection was lost or closed.
    Closed,
    /// The server asked for a new connection or a new session.
    Requested,
    /// The server does not respond in time.
    Silent,
    /// The server sends data that Discord never sends: corrupt compressed data, frames that
    /// are not gateway frames, absurd values.
    Malformed,
    /// The server names an address that must not receive the token.
    Untrusted,
    /// The server does not accept the token.
    Unauthorized,
    /// A rate limit applies.
    RateLimited,
    /// A permission is missing, or the bot has no access.
    Forbidden,
    /// Another cause.
    #[default]
    Other,
}

impl CauseKind {
    /// The name of the kind, as in JSON.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Unreachable => "unreachable",
            Self::Closed => "closed",
            Self::Requested => "requested",
            Self::Silent => "silent",
            Self::Malformed => "malformed",
            Self::Untrusted => "untrusted",
            Self::Unauthorized => "unauthorized",
            Self::RateLimited => "rate_limited",
            Self::Forbidden => "forbidden",
            Self::Other => "other",
        }
    }
}

impl Cause {
    /// Creates a cause. Control characters in the text are replaced, and a long text is cut.
    #[must_use]
    pub fn new(kind: CauseKind, text: &str) -> Self {
        let text = words::harmless(text);
        Self { kind, text }
    }
}

impl From<&ApiError> for Cause {
    fn from(error: &ApiError) -> Self {
        let kind = match error {
            ApiError::Transport(_) => CauseKind::Unreachable,
            ApiError::Timeout => CauseKind::Silent,
            ApiError::NotDiscord { .. } | ApiError::Decode(_) => CauseKind::Malformed,
            ApiError::RateLimited { .. } => CauseKind::RateLimited,
            ApiError::Unauthorized { .. } => CauseKind::Unauthorized,
            ApiError::MissingPermission | ApiError::MissingAccess | ApiError::NotForBots => {
                CauseKind::Forbidden
            }
            _ => CauseKind::Other,
        };
        Self::new(kind, &error.to_string())
    }
}

impl From<&GatewayError> for Cause {
    fn from(error: &GatewayError) -> Self {
        let kind = match error {
            GatewayError::Untrusted(cause) => return cause.clone(),
            GatewayError::Api(inner) | GatewayError::Application(inner) => {
                let Self { kind, text } = Self::from(inner);
                return Self::new(kind, &format!("{error}: {text}"));
            }
            GatewayError::TooManyShards { .. } => CauseKind::Malformed,
            GatewayError::BadToken => CauseKind::Unauthorized,
            GatewayError::DisallowedIntents => CauseKind::Forbidden,
            _ => CauseKind::Other,
        };
        Self::new(kind, &error.to_string())
    }
}

impl From<String> for Cause {
    fn from(text: String) -> Self {
        Self::new(CauseKind::Other, &text)
    }
}

impl From<&str> for Cause {
    fn from(text: &str) -> Self {
        Self::new(CauseKind::Other, text)
    }
}

impl fmt::Display for Cause {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}
