//! What the audit log told.

use std::collections::VecDeque;
use std::time::Duration;

use guestlist_model::{AuditAction, AuditLogEntry, ChannelId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::ask::AUDIT_PAGE;
use crate::time::before;

/// A channel was deleted, and its invites with it.
const CHANNEL_DELETE: u64 = 12;
/// A bot was added.
pub(crate) const BOT_ADD: u64 = AuditAction::BOT_ADD.number();
/// An invite was changed.
const INVITE_UPDATE: u64 = AuditAction::INVITE_UPDATE.number();
/// An invite was deleted.
pub(crate) const INVITE_DELETE: u64 = AuditAction::INVITE_DELETE.number();

/// Entries of each kind that are remembered: those of two pages at least.
const MAX_KEPT: usize = 2 * AUDIT_PAGE as usize;
/// How far an entry and what it tells of may be apart.
const NEAR: Duration = Duration::from_secs(60);

/// What the audit log told lately.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Audit {
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    deletions: VecDeque<(InviteCode, Option<UserId>, Timestamp)>,
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    bots: VecDeque<(UserId, Option<UserId>, Timestamp)>,
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    channels: VecDeque<(ChannelId, Timestamp)>,
    /// Invites that were changed, or `None` if the entry does not tell which.
    #[serde(default, skip_serializing_if = "VecDeque::is_empty")]
    updates: VecDeque<(Option<InviteCode>, Timestamp)>,
    /// The last page that was read.
    pub(crate) page: Option<Page>,
}

/// A page of the audit log that was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Page {
    /// When it was asked for.
    pub(crate) sent: Timestamp,
    /// The oldest entry that it held, if there may be older ones.
    pub(crate) oldest: Option<Timestamp>,
}

/// Whether entries of this kind matter here.
pub(crate) fn matters(entry: &AuditLogEntry) -> bool {
    matches!(
        entry.action.number(),
        CHANNEL_DELETE | BOT_ADD | INVITE_UPDATE | INVITE_DELETE
    )
}

fn keep<T: PartialEq>(list: &mut VecDeque<T>, entry: T) {
    if list.contains(&entry) {
        return;
    }
    list.push_back(entry);
    if list.len() > MAX_KEPT {
        list.pop_front();
    }
}

impl Audit {
    pub(crate) fn learn(&mut self, entry: &AuditLogEntry) {
        let at = entry.id.created_at();
        match entry.action.number() {
            BOT_ADD => {
                if let Some(bot) = entry.target_user_id() {
                    keep(&mut self.bots, (bot, entry.user_id, at));
                }
            }
            INVITE_DELETE => {
                if let Some(code) = entry.invite_change().and_then(|change| change.code) {
                    keep(&mut self.deletions, (code, entry.user_id, at));
                }
            }
            INVITE_UPDATE => {
                let code = entry.invite_change().and_then(|change| change.code);
                keep(&mut self.updates, (code, at));
            }
            CHANNEL_DELETE => {
                let channel = entry.target_id.as_deref().and_then(|id| id.parse().ok());
                if let Some(channel) = channel {
                    keep(&mut self.channels, (channel, at));
                }
            }
            _ => {}
        }
    }

    /// Who deleted an invite, and when.
    pub(crate) fn deletion(&self, code: &InviteCode) -> Option<(Option<UserId>, Timestamp)> {
        let entry = self.deletions.iter().rev().find(|entry| entry.0 == *code)?;
        Some((entry.1, entry.2))
    }

    /// Whether an invite was changed: it may grant roles that no list has told.
    pub(crate) fn updated(&self, code: &InviteCode) -> bool {
        self.updates
            .iter()
            .any(|(updated, _)| updated.as_ref().is_none_or(|updated| updated == code))
    }

    /// Whether a channel was deleted.
    pub(crate) fn channel_deleted(&self, channel: ChannelId) -> bool {
        self.channels.iter().any(|entry| entry.0 == channel)
    }

    /// Who added a bot that joined then, and when.
    pub(crate) fn bot_added(
        &self,
        bot: UserId,
        joined_at: Timestamp,
    ) -> Option<(Option<UserId>, Timestamp)> {
        let near = |at: Timestamp| {
            let apart = at.as_micros().abs_diff(joined_at.as_micros());
            u128::from(apart) <= NEAR.as_micros()
        };
        let entry = self
            .bots
            .iter()
            .rev()
            .find(|entry| entry.0 == bot && near(entry.2))?;
        Some((entry.1, entry.2))
    }
}

impl Page {
    /// Whether all entries from a moment on were on the page.
    pub(crate) fn covers(&self, since: Option<Timestamp>) -> bool {
        self.oldest
            .is_none_or(|oldest| since.is_some_and(|since| oldest < before(since, NEAR)))
    }
}
