//! Detecting the kind of a payload.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

use crate::DecodeError;
use crate::json::{Kind, Reader};

/// A kind of payload that concerns invites.
///
/// ```
/// use guestlist_model::PayloadKind;
///
/// let kind = PayloadKind::detect(br#"[{"code": "abc"}]"#)?;
/// assert_eq!(kind, Some(PayloadKind::InviteList));
/// assert_eq!("invite-create".parse(), Ok(PayloadKind::InviteCreate));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum PayloadKind {
    /// An invite.
    Invite,
    /// A list of invites.
    InviteList,
    /// The metadata of an invite without the invite.
    InviteMetadata,
    /// The data of INVITE_CREATE.
    InviteCreate,
    /// The data of INVITE_DELETE.
    InviteDelete,
    /// A whole gateway frame.
    Frame,
    /// The data of GUILD_MEMBER_ADD.
    MemberAdd,
    /// The data of GUILD_MEMBER_UPDATE.
    MemberUpdate,
    /// The data of GUILD_MEMBER_REMOVE.
    MemberRemove,
    /// The data of GUILD_MEMBERS_CHUNK.
    MembersChunk,
    /// A member.
    Member,
    /// A user.
    User,
    /// A guild, as an invite shows it.
    Guild,
    /// A channel, as an invite shows it.
    Channel,
    /// An application, as an invite shows it.
    Application,
    /// A scheduled event.
    ScheduledEvent,
    /// A stage, as an invite shows it.
    Stage,
    /// A vanity invite.
    Vanity,
    /// A guild's widget or its settings.
    Widget,
    /// An audit log.
    AuditLog,
    /// An audit log entry.
    AuditLogEntry,
    /// A response of the members search.
    MemberSearch,
    /// How a member joined.
    MemberSupplemental,
    /// The progress of setting an invite's target users.
    TargetUsersJob,
    /// A guild's incident actions.
    Incidents,
    /// An error of the REST API.
    ApiError,
}

impl PayloadKind {
    /// All kinds.
    pub const ALL: &[Self] = &[
        Self::Invite,
        Self::InviteList,
        Self::InviteMetadata,
        Self::InviteCreate,
        Self::InviteDelete,
        Self::Frame,
        Self::MemberAdd,
        Self::MemberUpdate,
        Self::MemberRemove,
        Self::MembersChunk,
        Self::Member,
        Self::User,
        Self::Guild,
        Self::Channel,
        Self::Application,
        Self::ScheduledEvent,
        Self::Stage,
        Self::Vanity,
        Self::Widget,
        Self::AuditLog,
        Self::AuditLogEntry,
        Self::MemberSearch,
        Self::MemberSupplemental,
        Self::TargetUsersJob,
        Self::Incidents,
        Self::ApiError,
    ];

    /// The name, such as `invite-list`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Invite => "invite",
            Self::InviteList => "invite-list",
            Self::InviteMetadata => "invite-metadata",
            Self::InviteCreate => "invite-create",
            Self::InviteDelete => "invite-delete",
            Self::Frame => "frame",
            Self::MemberAdd => "member-add",
            Self::MemberUpdate => "member-update",
            Self::MemberRemove => "member-remove",
            Self::MembersChunk => "members-chunk",
            Self::Member => "member",
            Self::User => "user",
            Self::Guild => "guild",
            Self::Channel => "channel",
            Self::Application => "application",
            Self::ScheduledEvent => "scheduled-event",
            Self::Stage => "stage",
            Self::Vanity => "vanity",
            Self::Widget => "widget",
            Self::AuditLog => "audit-log",
            Self::AuditLogEntry => "audit-log-entry",
            Self::MemberSearch => "member-search",
            Self::MemberSupplemental => "member-supplemental",
            Self::TargetUsersJob => "target-users-job",
            Self::Incidents => "incidents",
            Self::ApiError => "api-error",
        }
    }

    /// Detects the kind of a JSON text by its keys.
    ///
    /// `{"code", "channel_id", "guild_id"}` could be an invite or the data of an
    /// INVITE_DELETE; the result is [`Invite`](Self::Invite). Returns `None` if the keys
    /// match none of the kinds.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not JSON.
    pub fn detect(json: &[u8]) -> Result<Option<Self>, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let kind = match reader.kind()? {
            Kind::Array => {
                let mut objects = true;
                reader.array(|reader, _| {
                    objects &= reader.kind()? == Kind::Object;
                    reader.skip()
                })?;
                objects.then_some(Self::InviteList)
            }
            Kind::Object => {
                let mut keys = Shape::default();
                reader.object(|reader, key, _| {
                    let kind = reader.kind()?;
                    keys.0.push((key.to_owned(), kind));
                    reader.skip()
                })?;
                keys.kind()
            }
            _ => {
                reader.skip()?;
                None
            }
        };
        reader.end()?;
        Ok(kind)
    }
}

/// The keys of an object with the types of their values.
#[derive(Default)]
struct Shape(Vec<(String, Kind)>);

impl Shape {
    fn has(&self, key: &str) -> bool {
        self.0.iter().any(|(name, _)| name == key)
    }

    fn is(&self, key: &str, kind: Kind) -> bool {
        self.0
            .iter()
            .any(|(name, found)| name == key && *found == kind)
    }

    fn all(&self, keys: &[&str]) -> bool {
        keys.iter().all(|key| self.has(key))
    }

    fn any(&self, keys: &[&str]) -> bool {
        keys.iter().any(|key| self.has(key))
    }

    fn only(&self, keys: &[&str]) -> bool {
        self.0.iter().all(|(name, _)| keys.contains(&name.as_str()))
    }

    fn kind(&self) -> Option<PayloadKind> {
        let kind = if self.has("op") || self.all(&["t", "d"]) {
            PayloadKind::Frame
        } else if self.is("code", Kind::Number) && self.has("message") {
            if self.has("documents_indexed") {
                PayloadKind::MemberSearch
            } else {
                PayloadKind::ApiError
            }
        } else if self.has("audit_log_entries") {
            PayloadKind::AuditLog
        } else if self.has("action_type") {
            PayloadKind::AuditLogEntry
        } else if self.has("code") {
            if self.has("uses") && self.only(&["code", "uses"]) {
                PayloadKind::Vanity
            } else if self.all(&["channel_id", "created_at", "max_age"])
                && !self.any(&["channel", "guild"])
            {
                PayloadKind::InviteCreate
            } else {
                PayloadKind::Invite
            }
        } else if self.any(&["source_invite_code", "join_source_type"]) && self.has("user_id") {
            PayloadKind::MemberSupplemental
        } else if self.any(&["chunk_index", "chunk_count"]) {
            PayloadKind::MembersChunk
        } else if self.has("members") && self.any(&["total_result_count", "page_result_count"]) {
            PayloadKind::MemberSearch
        } else if self.has("instant_invite")
            || self.only(&["enabled", "channel_id"]) && self.has("enabled")
        {
            PayloadKind::Widget
        } else if self.any(&["total_users", "processed_users"]) && self.has("status") {
            PayloadKind::TargetUsersJob
        } else if self.any(&["invites_disabled_until", "dms_disabled_until"]) {
            PayloadKind::Incidents
        } else if self.any(&["scheduled_start_time", "entity_metadata"]) {
            PayloadKind::ScheduledEvent
        } else if self.any(&["participant_count", "speaker_count"]) {
            PayloadKind::Stage
        } else if self.any(&["max_uses", "max_age", "temporary"]) {
            PayloadKind::InviteMetadata
        } else if self.any(&["joined_at", "roles"]) && self.any(&["user", "guild_id"]) {
            if self.has("guild_id") {
                PayloadKind::MemberAdd
            } else {
                PayloadKind::Member
            }
        } else if self.has("user") && self.has("guild_id") {
            PayloadKind::MemberRemove
        } else if self.has("username") {
            PayloadKind::User
        } else if self.has("verify_key") {
            PayloadKind::Application
        } else if self.any(&["features", "verification_level", "vanity_url_code"]) {
            PayloadKind::Guild
        } else if self.all(&["id", "type"]) {
            PayloadKind::Channel
        } else if self.has("message") || self.is("target_users_file", Kind::Array) {
            PayloadKind::ApiError
        } else {
            return None;
        };
        Some(kind)
    }
}

impl fmt::Display for PayloadKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

/// The error for a name that is not the name of a kind.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("unknown kind of payload {0:?}")]
pub struct UnknownKind(String);

impl FromStr for PayloadKind {
    type Err = UnknownKind;

    fn from_str(name: &str) -> Result<Self, UnknownKind> {
        Self::ALL
            .iter()
            .find(|kind| kind.name() == name)
            .copied()
            .ok_or_else(|| UnknownKind(name.to_owned()))
    }
}
