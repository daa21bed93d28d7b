//! Entries of the audit log.
//!
//! See Discord Docs/Audit Log.

use serde_json::{Value, json};

use super::{Guild, Invite, Micros, World};
use crate::world::effect::{Effect, EventKind};

/// GUILD_UPDATE.
pub const GUILD_UPDATE: u16 = 1;
/// MEMBER_KICK.
pub const MEMBER_KICK: u16 = 20;
/// MEMBER_BAN_ADD.
pub const MEMBER_BAN_ADD: u16 = 22;
/// MEMBER_BAN_REMOVE.
pub const MEMBER_BAN_REMOVE: u16 = 23;
/// MEMBER_UPDATE.
pub const MEMBER_UPDATE: u16 = 24;
/// MEMBER_ROLE_UPDATE.
pub const MEMBER_ROLE_UPDATE: u16 = 25;
/// BOT_ADD.
pub const BOT_ADD: u16 = 28;
/// INVITE_CREATE.
pub const INVITE_CREATE: u16 = 40;
/// INVITE_UPDATE.
pub const INVITE_UPDATE: u16 = 41;
/// INVITE_DELETE.
pub const INVITE_DELETE: u16 = 42;

/// Of a guild, so many entries are remembered at most; then the oldest tenth is forgotten.
const MOST_ENTRIES: usize = 20_000;

/// An entry of the audit log.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub struct AuditEntry {
    /// The id. Its time is when it happened.
    pub id: u64,
    /// When it happened.
    pub at: Micros,
    /// The type of the action.
    pub action: u16,
    /// The user who did it.
    pub user_id: Option<u64>,
    /// The target; invites have none.
    pub target_id: Option<u64>,
    /// The changes: key, old value, new value.
    pub changes: Vec<(&'static str, Option<Value>, Option<Value>)>,
    /// The reason.
    pub reason: Option<String>,
}

/// The changes of an invite's creation (new values) or deletion (old ones).
pub(crate) fn invite_changes(
    invite: &Invite,
    created: bool,
) -> Vec<(&'static str, Option<Value>, Option<Value>)> {
    let mut values = vec![
        ("code", json!(invite.code)),
        ("channel_id", json!(invite.channel_id.to_string())),
    ];
    if let Some(inviter) = &invite.inviter {
        values.push(("inviter_id", json!(inviter.id.to_string())));
    }
    values.extend([
        ("uses", json!(if created { 0 } else { invite.uses })),
        ("max_uses", json!(invite.max_uses)),
        ("max_age", json!(invite.max_age)),
        ("temporary", json!(invite.temporary)),
    ]);
    if invite.flags != 0 {
        values.push(("flags", json!(invite.flags)));
    }
    values
        .into_iter()
        .map(|(key, value)| {
            if created {
                (key, None, Some(value))
            } else {
                (key, Some(value), None)
            }
        })
        .collect()
}

impl World {
    /// Notes an action and makes its event.
    pub(crate) fn audit(&mut self, guild: u64, entry: AuditDraft, effects: &mut Vec<Effect>) {
        let entry = AuditEntry {
            id: self.next_id(),
            at: self.now(),
            action: entry.action,
            user_id: entry.user_id,
            target_id: entry.target_id,
            changes: entry.changes,
            reason: entry.reason.filter(|reason| !reason.is_empty()),
        };
        if let Some(guild) = self.guild_mut(guild) {
            guild.audit.push(entry.clone());
            if guild.audit.len() > MOST_ENTRIES {
                guild.audit.drain(..MOST_ENTRIES / 10);
            }
        }
        self.emit(guild, EventKind::AuditLogEntry(entry), effects);
    }
}

/// What goes into an [`AuditEntry`] besides its id and time.
#[derive(Default)]
pub(crate) struct AuditDraft {
    pub(crate) action: u16,
    pub(crate) user_id: Option<u64>,
    pub(crate) target_id: Option<u64>,
    pub(crate) changes: Vec<(&'static str, Option<Value>, Option<Value>)>,
    pub(crate) reason: Option<String>,
}

impl AuditDraft {
    /// Somebody did something to a member or the guild.
    pub(crate) fn new(action: u16, actor: u64, target: u64, reason: Option<String>) -> Self {
        Self {
            action,
            user_id: Some(actor),
            target_id: Some(target),
            changes: Vec::new(),
            reason,
        }
    }
}

/// Drops entries older than Discord keeps them (45 days).
pub(crate) fn forget_old(guild: &mut Guild, now: Micros) {
    let oldest = now - 45 * super::time::DAY;
    let keep_from = guild.audit.partition_point(|entry| entry.at < oldest);
    guild.audit.drain(..keep_from);
}
