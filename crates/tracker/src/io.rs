//! What the tracker asks for and what it is told.

use std::fmt;
use std::time::Duration;

use guestlist_model::{AuditLog, GuildId, Invite, MemberSearch, Timestamp, UserId, Vanity};
use serde::{Deserialize, Serialize};

/// The number of a request. Numbers are never used twice by one tracker.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct RequestId(u64);

impl RequestId {
    pub(crate) const fn new(number: u64) -> Self {
        Self(number)
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "request {}", self.0)
    }
}

/// Something to ask Discord. Answer each one exactly once with
/// [`Tracker::handle_response`](crate::Tracker::handle_response), in any order.
///
/// Send it without delay and do not repeat it on failure: the tracker decides what to
/// ask again and when.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Request {
    /// `GET /guilds/{guild}/invites`, answered by [`Response::Invites`].
    ListInvites {
        /// The guild.
        guild: GuildId,
    },
    /// `GET /guilds/{guild}/vanity-url`, answered by [`Response::Vanity`].
    VanityUrl {
        /// The guild.
        guild: GuildId,
    },
    /// `POST /guilds/{guild}/members-search`, answered by [`Response::Members`]. Those who
    /// joined last first (`sort` 1, as by default): if there are more than `limit`, the
    /// next request is for those before.
    SearchMembers {
        /// The guild.
        guild: GuildId,
        /// Whom to search for.
        query: MemberQuery,
        /// The most members to return, 1 to 1000.
        limit: u16,
    },
    /// `GET /guilds/{guild}/audit-logs`, answered by [`Response::AuditLog`].
    AuditLog {
        /// The guild.
        guild: GuildId,
        /// Only entries of this kind; all kinds if `None`.
        action: Option<u16>,
        /// The most entries to return, 1 to 100, the newest.
        limit: u16,
    },
}

impl Request {
    /// The guild that this is about.
    #[must_use]
    pub const fn guild(&self) -> GuildId {
        match self {
            Self::ListInvites { guild }
            | Self::VanityUrl { guild }
            | Self::SearchMembers { guild, .. }
            | Self::AuditLog { guild, .. } => *guild,
        }
    }

    /// A short name for logs and counts.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::ListInvites { .. } => "list_invites",
            Self::VanityUrl { .. } => "vanity_url",
            Self::SearchMembers { .. } => "search_members",
            Self::AuditLog { .. } => "audit_log",
        }
    }
}

/// Whom to search for.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemberQuery {
    /// These users: `and_query.user_id.or_query`. At most ten.
    Users(Vec<UserId>),
    /// Who joined from `from` to `to`, both included: `and_query.guild_joined_at.range`
    /// in milliseconds. Round `from` down and `to` up.
    JoinedBetween {
        /// The first moment.
        from: Timestamp,
        /// The last moment; until now if `None`.
        to: Option<Timestamp>,
    },
}

/// An answer of Discord.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Response {
    /// The invites of a guild: all of them.
    Invites(Vec<Invite>),
    /// The invites of a guild, as far as they could be decoded. Nothing is concluded
    /// from the absence of an invite in it.
    SomeInvites(Vec<Invite>),
    /// The vanity link.
    Vanity(Vanity),
    /// The members found, or that the index is not ready.
    Members(MemberSearch),
    /// Entries of the audit log.
    AuditLog(AuditLog),
}

/// Why there is no answer.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum Failure {
    /// 50013, or a 403 of Discord's without a code.
    #[error("the bot has not the permission")]
    MissingPermission,
    /// 50001.
    #[error("the bot has no access")]
    MissingAccess,
    /// 404, or a code from 10001 to 10999 (10004: unknown guild).
    #[error("there is no such thing")]
    NotFound,
    /// 50020: this guild may not have a vanity link.
    #[error("not available in this guild")]
    Unavailable,
    /// 429, if the client did not wait itself.
    #[error("rate limited for {retry_after:?}")]
    RateLimited {
        /// When to try again.
        retry_after: Duration,
    },
    /// 202 with code 110000: the index is not ready.
    #[error("not ready for {retry_after:?}")]
    NotReady {
        /// When to try again.
        retry_after: Duration,
    },
    /// No answer came: connection, time-out, an unreadable body, a proxy's page. Also a 401,
    /// because a token that was really reset ends the connection to the gateway as well.
    #[error("no answer: {0}")]
    Transport(String),
    /// Any other refusal.
    #[error("refused with status {status}, code {code}: {message}")]
    Other {
        /// The HTTP status.
        status: u16,
        /// Discord's code, 0 if none.
        code: u64,
        /// Discord's message.
        message: String,
    },
}
