//! A gateway session, as stored in the ledger.

use std::fmt;

use guestlist_ledger::Position;
use serde::{Deserialize, Serialize};

/// The gateway session of a shard, and its last event whose outcome is stored.
///
/// See [Discord Docs/Resuming](https://discord.com/developers/docs/events/gateway#resuming).
#[derive(Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct GatewaySession {
    /// The owner of the session: the bot and the API, in a format of the source of
    /// events. Only the owner can resume it; a token must not be sent to another owner's
    /// API.
    pub owner: Option<String>,
    /// The shard, counted from 0.
    pub shard: u32,
    /// The number of shards.
    pub shards: u32,
    /// The session id.
    pub session_id: String,
    /// The URL to resume at.
    pub resume_url: String,
    /// The last sequence number whose outcome is in the ledger.
    pub sequence: u64,
}

/// A position's body. The ledger's migration wrote the first ones from a table.
#[derive(Serialize, Deserialize)]
struct Body {
    owner: Option<String>,
    session_id: String,
    resume_url: String,
    sequence: u64,
}

impl GatewaySession {
    /// Creates a session without an owner.
    pub fn new(
        shard: u32,
        shards: u32,
        session_id: impl Into<String>,
        resume_url: impl Into<String>,
        sequence: u64,
    ) -> Self {
        Self {
            owner: None,
            shard,
            shards,
            session_id: session_id.into(),
            resume_url: resume_url.into(),
            sequence,
        }
    }

    /// Sets the owner.
    #[must_use]
    pub fn owned_by(mut self, owner: Option<String>) -> Self {
        self.owner = owner;
        self
    }

    /// Converts the session to a position to store.
    #[must_use]
    pub fn position(&self) -> Position {
        let body = Body {
            owner: self.owner.clone(),
            session_id: self.session_id.clone(),
            resume_url: self.resume_url.clone(),
            sequence: self.sequence,
        };
        Position {
            key: key(self.shard, self.shards),
            // Strings and a number always become JSON.
            body: serde_json::to_string(&body).ok(),
        }
    }

    /// Reads the session from a stored position; `None` if the position is not a session.
    #[must_use]
    pub fn of(position: &Position) -> Option<Self> {
        let (shard, shards) = position.key.strip_prefix("shard ")?.split_once(" of ")?;
        let body: Body = serde_json::from_str(position.body.as_deref()?).ok()?;
        Some(Self {
            owner: body.owner,
            shard: shard.parse().ok()?,
            shards: shards.parse().ok()?,
            session_id: body.session_id,
            resume_url: body.resume_url,
            sequence: body.sequence,
        })
    }
}

/// The key of a shard's position.
pub(crate) fn key(shard: u32, shards: u32) -> String {
    format!("shard {shard} of {shards}")
}

impl fmt::Debug for GatewaySession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // The session id resumes the session together with the token: not a
        // secret by itself, and still nothing for a log.
        f.debug_struct("GatewaySession")
            .field("shard", &self.shard)
            .field("shards", &self.shards)
            .field("sequence", &self.sequence)
            .field("owner", &self.owner)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_comes_back_from_its_position() {
        let session = GatewaySession::new(3, 16, "a session", "wss://a", 7);
        let session = session.owned_by(Some("a bot".to_owned()));
        let position = session.position();
        assert_eq!(position.key, "shard 3 of 16");
        assert_eq!(GatewaySession::of(&position), Some(session.clone()));
        assert!(!format!("{session:?}").contains("a session"));
        assert_eq!(GatewaySession::of(&Position::new("offset", "12")), None);
    }
}
