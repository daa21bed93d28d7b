//! What the audit log told lately.

use std::time::Duration;

use guestlist_model::{AuditAction, AuditLogEntry, ChannelId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::state::{Changes, Kept, Marked, Reader, StateError, shape};
use crate::time::before;

/// Entries of a page of the audit log.
pub(crate) const AUDIT_PAGE: u16 = 100;

/// A channel was deleted, and its invites with it.
const CHANNEL_DELETE: u64 = 12;
/// A bot was added.
pub(crate) const BOT_ADD: u64 = AuditAction::BOT_ADD.number();
/// An invite was changed.
const INVITE_UPDATE: u64 = AuditAction::INVITE_UPDATE.number();
/// An invite was deleted.
const INVITE_DELETE: u64 = AuditAction::INVITE_DELETE.number();

/// Entries of each kind that are remembered: those of two pages at least.
const MAX_KEPT: usize = 2 * AUDIT_PAGE as usize;
/// How far an entry and what it tells of may be apart.
const NEAR: Duration = Duration::from_secs(60);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Audit {
    deletions: Kept<u64, Entry<InviteCode>>,
    bots: Kept<u64, Entry<UserId>>,
    channels: Kept<u64, Entry<ChannelId>>,
    /// Invites that were changed, or `None` if the entry does not tell which.
    updates: Kept<u64, Entry<Option<InviteCode>>>,
    page: Marked<Option<Page>>,
}

/// An entry, as far as it matters.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Entry<T> {
    #[serde(rename = "o")]
    of: T,
    #[serde(rename = "b", default, skip_serializing_if = "Option::is_none")]
    by: Option<UserId>,
    #[serde(rename = "a", with = "shape::at")]
    at: Timestamp,
}

/// The last page that was read.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
struct Page {
    /// When it was asked for.
    #[serde(rename = "s", with = "shape::at")]
    sent: Timestamp,
    /// The oldest entry that it held, if there may be older ones.
    #[serde(rename = "o", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    oldest: Option<Timestamp>,
}

/// Whether entries of this kind matter here.
pub(crate) fn matters(entry: &AuditLogEntry) -> bool {
    matches!(
        entry.action.number(),
        CHANNEL_DELETE | BOT_ADD | INVITE_UPDATE | INVITE_DELETE
    )
}

fn keep<T: PartialEq>(list: &mut Kept<u64, Entry<T>>, of: T, by: Option<UserId>, at: Timestamp) {
    let entry = Entry { of, by, at };
    if list.values().any(|known| *known == entry) {
        return;
    }
    list.push(entry);
    if list.len() > MAX_KEPT
        && let Some(first) = list.first_key().copied()
    {
        list.remove(&first);
    }
}

impl Audit {
    pub(super) fn learn(&mut self, entry: &AuditLogEntry) {
        let at = entry.id.created_at();
        match entry.action.number() {
            BOT_ADD => {
                if let Some(bot) = entry.target_user_id() {
                    keep(&mut self.bots, bot, entry.user_id, at);
                }
            }
            INVITE_DELETE => {
                if let Some(code) = entry.invite_change().and_then(|change| change.code) {
                    keep(&mut self.deletions, code, entry.user_id, at);
                }
            }
            INVITE_UPDATE => {
                let code = entry.invite_change().and_then(|change| change.code);
                keep(&mut self.updates, code, None, at);
            }
            CHANNEL_DELETE => {
                let channel = entry.target_id.as_deref().and_then(|id| id.parse().ok());
                if let Some(channel) = channel {
                    keep(&mut self.channels, channel, None, at);
                }
            }
            _ => {}
        }
    }

    pub(super) fn read_page(&mut self, sent: Timestamp, oldest: Option<Timestamp>) {
        *self.page = Some(Page { sent, oldest });
    }

    /// When the last page was asked for that was read.
    pub(super) fn read_at(&self) -> Option<Timestamp> {
        self.page.map(|page| page.sent)
    }

    /// Whether all entries from a moment on were on the last page.
    pub(super) fn covers(&self, since: Option<Timestamp>) -> bool {
        self.page.is_some_and(|page| {
            page.oldest
                .is_none_or(|oldest| since.is_some_and(|since| oldest < before(since, NEAR)))
        })
    }

    /// Who deleted an invite, and when.
    pub(super) fn deletion(&self, code: &InviteCode) -> Option<(Option<UserId>, Timestamp)> {
        let mut newest = self.deletions.values().rev();
        let entry = newest.find(|entry| entry.of == *code)?;
        Some((entry.by, entry.at))
    }

    /// Whether an invite was changed: it may grant roles that no list has told.
    pub(super) fn updated(&self, code: &InviteCode) -> bool {
        let mut updates = self.updates.values();
        updates.any(|entry| entry.of.as_ref().is_none_or(|updated| updated == code))
    }

    /// Whether a channel was deleted.
    pub(super) fn channel_deleted(&self, channel: ChannelId) -> bool {
        self.channels.values().any(|entry| entry.of == channel)
    }

    /// Who added a bot that joined then, and when.
    pub(super) fn bot_added(
        &self,
        bot: UserId,
        joined_at: Timestamp,
    ) -> Option<(Option<UserId>, Timestamp)> {
        let near = |at: Timestamp| {
            let apart = at.as_micros().abs_diff(joined_at.as_micros());
            u128::from(apart) <= NEAR.as_micros()
        };
        let mut newest = self.bots.values().rev();
        let entry = newest.find(|entry| entry.of == bot && near(entry.at))?;
        Some((entry.by, entry.at))
    }

    /// Collects the parts that changed.
    pub(super) fn take_changed(&mut self, changes: &mut Changes) {
        changes.value("audit", &mut self.page);
        changes.entries(&mut self.deletions, |n| format!("audit/delete/{n}"));
        changes.entries(&mut self.bots, |n| format!("audit/bot/{n}"));
        changes.entries(&mut self.channels, |n| format!("audit/channel/{n}"));
        changes.entries(&mut self.updates, |n| format!("audit/update/{n}"));
    }

    /// Reads what was stored.
    pub(super) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let number = |name: &str| name.parse().ok();
        let mut audit = Self::default();
        parts.value("audit", &mut audit.page)?;
        parts.entries("audit/delete/", &mut audit.deletions, number)?;
        parts.entries("audit/bot/", &mut audit.bots, number)?;
        parts.entries("audit/channel/", &mut audit.channels, number)?;
        parts.entries("audit/update/", &mut audit.updates, number)?;
        Ok(audit)
    }
}
