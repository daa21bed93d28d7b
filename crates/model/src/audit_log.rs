//! The audit log.

use std::sync::Arc;

use serde::{Deserialize, Serialize};

use crate::entity::Entity as _;
use crate::json::{Kind, Reader};
use crate::{AuditLogEntryId, ChannelId, DecodeError, ErrorKind, InviteCode, User, UserId};

/// The action that an audit log entry records. It holds any number; the constants name
/// those that concern members and invites.
///
/// See [Discord Docs/Audit Log Events](https://discord.com/developers/docs/resources/audit-log#audit-log-entry-object-audit-log-events).
///
/// ```
/// use guestlist_model::{AuditAction, AuditLogEntry};
///
/// let entry = AuditLogEntry::from_slice(br#"{"id": "5", "user_id": "2", "action_type": 28}"#)?;
/// assert_eq!(entry.action, AuditAction::BOT_ADD);
/// assert_eq!(AuditAction::new(28).number(), 28);
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Copy, Debug, Deserialize, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(transparent)]
pub struct AuditAction(u64);

impl AuditAction {
    /// The guild was changed.
    pub const GUILD_UPDATE: Self = Self(1);
    /// A member was kicked.
    pub const MEMBER_KICK: Self = Self(20);
    /// Members were pruned.
    pub const MEMBER_PRUNE: Self = Self(21);
    /// A member was banned.
    pub const MEMBER_BAN_ADD: Self = Self(22);
    /// A bot was added; the target is the bot.
    pub const BOT_ADD: Self = Self(28);
    /// An invite was created.
    pub const INVITE_CREATE: Self = Self(40);
    /// An invite was changed.
    pub const INVITE_UPDATE: Self = Self(41);
    /// An invite was revoked.
    pub const INVITE_DELETE: Self = Self(42);

    /// The action with a number.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Discord's number for it.
    #[must_use]
    pub const fn number(self) -> u64 {
        self.0
    }
}

/// The response of `GET /guilds/{id}/audit-logs`, reduced to what concerns invites.
///
/// ```
/// use guestlist_model::{AuditAction, AuditLog};
///
/// let log = AuditLog::from_slice(br#"{"users": [], "audit_log_entries": [{
///     "id": "5", "user_id": "2", "target_id": null, "action_type": 42,
///     "changes": [{"key": "code", "old_value": "hB6mWNqr"}, {"key": "uses", "old_value": 3}]
/// }]}"#)?;
/// let entry = log.entries.first().ok_or("empty")?;
/// assert_eq!(entry.action, AuditAction::INVITE_DELETE);
/// let invite = entry.invite_change().ok_or("not about an invite")?;
/// assert_eq!(invite.uses, Some(3));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuditLog {
    /// The entries, newest first.
    pub entries: Vec<AuditLogEntry>,
    /// The users that the entries refer to. Discord may leave some out.
    pub users: Vec<Arc<User>>,
}

/// An entry of the audit log.
///
/// See [Discord Docs/Audit Log Entry Object](https://discord.com/developers/docs/resources/audit-log#audit-log-entry-object).
///
/// ```
/// use guestlist_model::{AuditAction, AuditLogEntry};
///
/// let entry = AuditLogEntry::from_slice(br#"{"id": "5", "user_id": "2", "target_id": "9",
///     "action_type": 20, "reason": "spam"}"#)?;
/// assert_eq!(entry.action, AuditAction::MEMBER_KICK);
/// assert_eq!(entry.target_user_id().map(|user| user.get()), Some(9));
/// assert_eq!(entry.reason.as_deref(), Some("spam"));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuditLogEntry {
    /// The entry's id, which contains the time of the action.
    pub id: AuditLogEntryId,
    /// The user who performed the action.
    pub user_id: Option<UserId>,
    /// The action.
    pub action: AuditAction,
    /// The target of the action, usually an id. `None` for invites.
    pub target_id: Option<String>,
    /// What changed.
    pub changes: Vec<AuditChange>,
    /// The reason, if one was given.
    pub reason: Option<String>,
}

/// One change within an audit log entry.
///
/// ```
/// use guestlist_model::AuditLogEntry;
///
/// let entry = AuditLogEntry::from_slice(br#"{"id": "5", "user_id": "2", "action_type": 41,
///     "changes": [{"key": "max_uses", "old_value": 1, "new_value": 5}]}"#)?;
/// let change = &entry.changes[0];
/// assert_eq!((change.key.as_str(), change.new_value.as_deref()), ("max_uses", Some("5")));
/// # Ok::<(), guestlist_model::DecodeError>(())
/// ```
#[derive(Clone, Debug, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct AuditChange {
    /// What changed.
    pub key: String,
    /// The JSON text of the old value.
    pub old_value: Option<Box<str>>,
    /// The JSON text of the new value.
    pub new_value: Option<Box<str>>,
}

/// What an audit log entry says about an invite.
///
/// ```
/// use guestlist_model::AuditLogEntry;
///
/// let entry = AuditLogEntry::from_slice(br#"{"id": "5", "user_id": "2", "action_type": 40,
///     "changes": [{"key": "code", "new_value": "abc"}, {"key": "max_uses", "new_value": 5}]}"#)?;
/// let invite = entry.invite_change().ok_or("not about an invite")?;
/// assert_eq!(invite.max_uses, Some(5));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, Deserialize, Eq, Hash, PartialEq, Serialize)]
#[non_exhaustive]
pub struct InviteAudit {
    /// The code.
    pub code: Option<InviteCode>,
    /// The channel.
    pub channel_id: Option<ChannelId>,
    /// The user who created the invite. The user who performed the action is
    /// [`AuditLogEntry::user_id`].
    pub inviter_id: Option<UserId>,
    /// How often the invite was used.
    pub uses: Option<u64>,
    /// How often the invite may be used; 0 means without limit.
    pub max_uses: Option<u64>,
    /// For how many seconds the invite is valid; 0 means forever.
    pub max_age: Option<u64>,
    /// Whether the invite grants temporary membership.
    pub temporary: Option<bool>,
}

impl AuditLog {
    /// Decodes a response body.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the body is not JSON, has no entries, or a key has the wrong
    /// type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let mut log = Self::default();
        let mut found = false;
        reader.object(|reader, key, _| {
            match key {
                "audit_log_entries" => {
                    found = true;
                    log.entries.clear();
                    reader.array(|reader, _| {
                        log.entries.push(AuditLogEntry::read(reader)?);
                        Ok(())
                    })?;
                }
                "users" => {
                    log.users.clear();
                    reader.array(|reader, _| {
                        log.users.extend(User::read(reader)?.map(Arc::new));
                        Ok(())
                    })?;
                }
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        reader.end()?;
        if !found {
            return Err(DecodeError::new(ErrorKind::Missing, 0).at_key("audit_log_entries"));
        }
        Ok(log)
    }
}

/// An entry that is being read among other keys.
#[derive(Default)]
pub(crate) struct EntryParts {
    id: Option<AuditLogEntryId>,
    user_id: Option<UserId>,
    action: Option<u64>,
    target_id: Option<String>,
    changes: Vec<AuditChange>,
    reason: Option<String>,
}

impl EntryParts {
    pub(crate) fn read(&mut self, reader: &mut Reader<'_>, key: &str) -> Result<(), DecodeError> {
        match key {
            "id" => self.id = Some(reader.id()?),
            "user_id" => self.user_id = reader.nullable(Reader::id)?,
            "action_type" => self.action = reader.count()?,
            "target_id" => self.target_id = reader.nullable(scalar)?,
            "reason" => self.reason = reader.nullable(Reader::owned)?,
            "changes" => {
                self.changes.clear();
                if !reader.null()? {
                    reader.array(|reader, _| {
                        self.changes.push(AuditChange::read(reader)?);
                        Ok(())
                    })?;
                }
            }
            _ => reader.skip()?,
        }
        Ok(())
    }

    pub(crate) fn finish(self, start: usize) -> Result<AuditLogEntry, DecodeError> {
        let missing = |key| DecodeError::new(ErrorKind::Missing, start).at_key(key);
        Ok(AuditLogEntry {
            id: self.id.ok_or_else(|| missing("id"))?,
            user_id: self.user_id,
            action: AuditAction(self.action.ok_or_else(|| missing("action_type"))?),
            target_id: self.target_id,
            changes: self.changes,
            reason: self.reason,
        })
    }
}

/// Reads a string, or a number as its text.
fn scalar(reader: &mut Reader<'_>) -> Result<String, DecodeError> {
    if reader.kind()? == Kind::Number {
        return Ok(reader.number()?.0.to_owned());
    }
    reader.owned()
}

impl AuditChange {
    /// Creates a change of a key. The values are JSON text.
    #[must_use]
    pub fn new(key: &str, old_value: Option<&str>, new_value: Option<&str>) -> Self {
        Self {
            key: key.to_owned(),
            old_value: old_value.map(Box::from),
            new_value: new_value.map(Box::from),
        }
    }

    fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        let mut change = Self {
            key: String::new(),
            old_value: None,
            new_value: None,
        };
        reader.object(|reader, key, _| {
            match key {
                "key" => change.key = reader.owned()?,
                "old_value" => change.old_value = Some(Box::from(reader.raw()?)),
                "new_value" => change.new_value = Some(Box::from(reader.raw()?)),
                _ => reader.skip()?,
            }
            Ok(())
        })?;
        Ok(change)
    }
}

impl AuditLogEntry {
    /// Creates an entry with nothing but an id and an action. All fields are public, so
    /// set the rest directly.
    #[must_use]
    pub const fn new(id: AuditLogEntryId, action: AuditAction) -> Self {
        Self {
            id,
            user_id: None,
            action,
            target_id: None,
            changes: Vec::new(),
            reason: None,
        }
    }

    /// Decodes one entry.
    ///
    /// # Errors
    ///
    /// [`DecodeError`] if the text is not JSON, has no id or action, or a key has the
    /// wrong type.
    pub fn from_slice(json: &[u8]) -> Result<Self, DecodeError> {
        let mut reader = Reader::from_slice(json)?;
        let entry = Self::read(&mut reader)?;
        reader.end()?;
        Ok(entry)
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<Self, DecodeError> {
        reader.skip_space();
        let start = reader.offset();
        let mut parts = EntryParts::default();
        reader.object(|reader, key, _| parts.read(reader, key))?;
        parts.finish(start)
    }

    /// The target as a user id, if the target is a user (for example a bot that was
    /// added, or a member that was removed).
    #[must_use]
    pub fn target_user_id(&self) -> Option<UserId> {
        self.target_id.as_deref()?.parse().ok()
    }

    /// What the entry says about an invite, if it is about one. For a created or updated
    /// invite these are the new values, for a deleted one the old values.
    #[must_use]
    pub fn invite_change(&self) -> Option<InviteAudit> {
        let deleted = match self.action {
            AuditAction::INVITE_DELETE => true,
            AuditAction::INVITE_CREATE | AuditAction::INVITE_UPDATE => false,
            _ => return None,
        };
        let mut audit = InviteAudit::default();
        for change in &self.changes {
            let (first, second) = if deleted {
                (&change.old_value, &change.new_value)
            } else {
                (&change.new_value, &change.old_value)
            };
            let Some(json) = first.as_deref().or(second.as_deref()) else {
                continue;
            };
            let mut reader = Reader::new(json);
            match change.key.as_str() {
                "code" => audit.code = reader.code().ok(),
                "channel_id" => audit.channel_id = reader.id().ok(),
                "inviter_id" => audit.inviter_id = reader.id().ok(),
                "uses" => audit.uses = reader.count().ok().flatten(),
                "max_uses" => audit.max_uses = reader.count().ok().flatten(),
                "max_age" => audit.max_age = reader.count().ok().flatten(),
                "temporary" => audit.temporary = reader.boolean().ok(),
                _ => {}
            }
        }
        Some(audit)
    }
}
