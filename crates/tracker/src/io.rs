//! The tracker's requests and their responses.

use std::fmt;
use std::time::Duration;

use guestlist_model::{AuditLog, GuildId, Invite, MemberSearch, Timestamp, UserId, Vanity};
use serde::{Deserialize, Serialize};

use crate::page::MemberPage;

/// The id of a request. A tracker never uses an id twice.
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

/// A request to Discord. Report the outcome of each one exactly once with
/// [`Tracker::handle_response`](crate::Tracker::handle_response), in any order.
///
/// Send it without delay, and do not retry it on failure: the tracker decides what to
/// request again and when.
///
/// ```
/// use guestlist_model::GuildId;
/// use guestlist_tracker::{Request, Response};
///
/// let request = Request::ListInvites { guild: "613425648685547541".parse()? };
/// let http = request.to_http();
/// assert_eq!(http.path, "guilds/613425648685547541/invites");
/// // Send it to Discord, and read the response:
/// let response = request.read_answer(200, br#"[{"code": "abc", "uses": 3}]"#)?;
/// assert!(matches!(response, Response::Invites(invites) if invites[0].uses() == Some(3)));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
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
    /// `POST /guilds/{guild}/members-search`, answered by [`Response::Members`]. Sort by
    /// join time, latest first (`sort` 1, the default): if there are more members than
    /// `limit`, the next request is for the earlier ones.
    SearchMembers {
        /// The guild.
        guild: GuildId,
        /// Which members to search for.
        query: MemberQuery,
        /// The maximum number of members to return, 1 to 1000.
        limit: u16,
    },
    /// `GET /guilds/{guild}/members`, answered by [`Response::MemberPage`]: the members in the
    /// order of their ids. To find the members who left while events were missed, compare the
    /// page with the stored joins of current members ([`MemberPage::compare`]).
    ListMembers {
        /// The guild.
        guild: GuildId,
        /// The members after this one; all of them if `None`.
        after: Option<UserId>,
        /// The maximum number of members to return, 1 to 1000.
        limit: u16,
        /// Whether the page must contain every member, to find members who joined. Otherwise
        /// only stored members matter, and the request may start later: just before the next
        /// stored member. If there is none, respond with [`MemberPage::nobody`] instead of
        /// sending the request.
        whole: bool,
    },
    /// `GET /guilds/{guild}/audit-logs`, answered by [`Response::AuditLog`].
    AuditLog {
        /// The guild.
        guild: GuildId,
        /// Only entries with this action; all actions if `None`.
        action: Option<u16>,
        /// The maximum number of entries to return, 1 to 100, latest first.
        limit: u16,
    },
}

impl Request {
    /// The guild that the request is about.
    #[must_use]
    pub const fn guild(&self) -> GuildId {
        match self {
            Self::ListInvites { guild }
            | Self::VanityUrl { guild }
            | Self::SearchMembers { guild, .. }
            | Self::ListMembers { guild, .. }
            | Self::AuditLog { guild, .. } => *guild,
        }
    }

    /// A short name for logs and metrics.
    #[must_use]
    pub const fn label(&self) -> &'static str {
        match self {
            Self::ListInvites { .. } => "list_invites",
            Self::VanityUrl { .. } => "vanity_url",
            Self::SearchMembers { .. } => "search_members",
            Self::ListMembers { .. } => "list_members",
            Self::AuditLog { .. } => "audit_log",
        }
    }
}

/// Which members to search for.
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum MemberQuery {
    /// These users: `and_query.user_id.or_query`. At most ten.
    Users(Vec<UserId>),
    /// Members who joined from `from` to `to`, both included:
    /// `and_query.guild_joined_at.range` in milliseconds. Round `from` down and `to` up.
    JoinedBetween {
        /// The start of the time span.
        from: Timestamp,
        /// The end of the time span; now if `None`.
        to: Option<Timestamp>,
    },
}

/// A response from Discord.
#[derive(Clone, Debug, Eq, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Response {
    /// All invites of a guild.
    Invites(Vec<Invite>),
    /// The invites of a guild that could be decoded, if others could not. The tracker
    /// concludes nothing from the absence of an invite.
    SomeInvites(Vec<Invite>),
    /// The vanity link.
    Vanity(Vanity),
    /// The result of a search, which may be that the index is not ready.
    Members(MemberSearch),
    /// A page of the list of members.
    MemberPage(MemberPage),
    /// Entries of the audit log.
    AuditLog(AuditLog),
}

/// The error of a request.
///
/// ```
/// use guestlist_tracker::{Failure, Request};
///
/// let request = Request::VanityUrl { guild: "613425648685547541".parse()? };
/// let body = br#"{"code": 50013, "message": "Missing Permissions"}"#;
/// assert_eq!(request.read_answer(403, body), Err(Failure::MissingPermission));
/// # Ok::<(), guestlist_model::IdError>(())
/// ```
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Failure {
    /// 50013, or a 403 from Discord without a code.
    #[error("the bot does not have the permission")]
    MissingPermission,
    /// 50001.
    #[error("the bot does not have access")]
    MissingAccess,
    /// 404, or a code from 10001 to 10999 (10004: unknown guild).
    #[error("not found")]
    NotFound,
    /// 50020: this guild cannot have a vanity link.
    #[error("not available in this guild")]
    Unavailable,
    /// 429, if the client did not wait by itself.
    #[error("rate limited for {retry_after:?}")]
    RateLimited {
        /// How long to wait before the next try.
        retry_after: Duration,
    },
    /// 202 with code 110000: the index is not ready.
    #[error("not ready for {retry_after:?}")]
    NotReady {
        /// How long to wait before the next try.
        retry_after: Duration,
    },
    /// There is no usable response: a connection failure, a time-out, an unreadable body or
    /// a proxy's page. Also a 401, because resetting the token closes the connection to the
    /// gateway, too.
    #[error("no response: {0}")]
    Transport(String),
    /// Any other error response.
    #[error("status {status}, code {code}: {message}")]
    Other {
        /// The HTTP status.
        status: u16,
        /// Discord's code; 0 if there is none.
        code: u64,
        /// Discord's message.
        message: String,
    },
}
