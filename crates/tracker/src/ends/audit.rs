//! What the audit log told lately.

use std::time::Duration;

use guestlist_model::{AuditAction, AuditLogEntry, ChannelId, InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

use crate::state::{Changes, Kept, Marked, Reader, StateError, shape};
use crate::time::{SKEW, before};

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
/// How far back the oldest entry of a page must reach to hold all that matter.
const NEAR: Duration = Duration::from_secs(60);
/// How far the entry of a bot that was added and its join may be apart.
const NEAR_JOIN: Duration = Duration::from_secs(3);

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
    /// How often an invite had been used that was deleted.
    #[serde(rename = "u", default, skip_serializing_if = "Option::is_none")]
    uses: Option<u64>,
}

impl<T> Entry<T> {
    const fn new(of: T, by: Option<UserId>, at: Timestamp) -> Self {
        Self {
            of,
            by,
            at,
            uses: None,
        }
    }
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

fn keep<T: PartialEq>(list: &mut Kept<u64, Entry<T>>, entry: Entry<T>) {
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

/// How far two moments are apart.
fn apart(one: Timestamp, other: Timestamp) -> Duration {
    Duration::from_micros(one.as_micros().abs_diff(other.as_micros()))
}

impl Audit {
    pub(super) fn learn(&mut self, entry: &AuditLogEntry) {
        let at = entry.id.created_at();
        match entry.action.number() {
            BOT_ADD => {
                if let Some(bot) = entry.target_user_id() {
                    keep(&mut self.bots, Entry::new(bot, entry.user_id, at));
                }
            }
            INVITE_DELETE => {
                if let Some(change) = entry.invite_change()
                    && let Some(code) = change.code
                {
                    let mut deletion = Entry::new(code, entry.user_id, at);
                    deletion.uses = change.uses;
                    keep(&mut self.deletions, deletion);
                }
            }
            INVITE_UPDATE => {
                let code = entry.invite_change().and_then(|change| change.code);
                keep(&mut self.updates, Entry::new(code, None, at));
            }
            CHANNEL_DELETE => {
                let channel = entry.target_id.as_deref().and_then(|id| id.parse().ok());
                if let Some(channel) = channel {
                    keep(&mut self.channels, Entry::new(channel, None, at));
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
        self.deletion_of(code).map(|entry| (entry.by, entry.at))
    }

    /// How often an invite had been used when somebody deleted it, if that is told.
    pub(super) fn uses_at_deletion(&self, code: &InviteCode) -> Option<u64> {
        self.deletion_of(code).and_then(|entry| entry.uses)
    }

    fn deletion_of(&self, code: &InviteCode) -> Option<&Entry<InviteCode>> {
        let mut newest = self.deletions.values().rev();
        newest.find(|entry| entry.of == *code)
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

    /// Who added a bot that joined then, and when. An entry is for one join: `others` are
    /// when the same bot joined otherwise, as far as is known.
    pub(super) fn bot_added(
        &self,
        bot: UserId,
        joined_at: Timestamp,
        others: &[Timestamp],
    ) -> Option<(Option<UserId>, Timestamp)> {
        let entries = self.bots.values().filter(|entry| entry.of == bot);
        let mut own = entries.filter(|entry| {
            let apart = apart(entry.at, joined_at);
            let mut others = others.iter();
            apart <= NEAR_JOIN
                // If it is as near to another join, give or take what clocks are off, it
                // may be that one's.
                && others.all(|other| self::apart(entry.at, *other) > apart + 2 * SKEW)
        });
        let entry = own.next()?;
        // Several entries for one join: which is it?
        own.all(|other| other.by == entry.by)
            .then_some((entry.by, entry.at))
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

#[cfg(test)]
mod tests {
    use guestlist_model::Id;

    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_secs(1_700_000_000 + seconds)
    }

    fn user(number: u64) -> UserId {
        Id::new_checked(number).unwrap()
    }

    /// The log of a bot that these users added at these seconds.
    fn log(entries: &[(u64, i64)]) -> Audit {
        let mut audit = Audit::default();
        for (by, seconds) in entries {
            let entry = Entry::new(user(1), Some(user(*by)), at(*seconds));
            keep(&mut audit.bots, entry);
        }
        audit
    }

    fn added(audit: &Audit, joined: i64, others: &[i64]) -> Option<u64> {
        let others: Vec<Timestamp> = others.iter().map(|seconds| at(*seconds)).collect();
        let (by, _) = audit.bot_added(user(1), at(joined), &others)?;
        by.map(Id::get)
    }

    #[test]
    fn each_time_a_bot_is_added_has_its_own_entry() {
        let both = log(&[(7, 0), (8, 30)]);
        assert_eq!(added(&both, 0, &[30]), Some(7));
        assert_eq!(added(&both, 30, &[0]), Some(8));
    }

    #[test]
    fn an_entry_that_is_late_is_waited_for() {
        // Added by 7, removed, and added again by 8, whose entry has not come yet.
        for again in [5, 9, 20, 45] {
            let first = log(&[(7, 0)]);
            assert_eq!(added(&first, again, &[0]), None, "{again} s later");
        }
        // Nor does the entry of the second time stand for the first.
        assert_eq!(added(&log(&[(8, 8)]), 0, &[8]), None);
    }

    #[test]
    fn what_may_be_of_two_joins_is_of_none() {
        assert_eq!(added(&log(&[(7, 1)]), 0, &[2]), None);
        let both = log(&[(7, 0), (8, 1)]);
        assert_eq!(added(&both, 0, &[]), None, "who of the two?");
    }

    #[test]
    fn the_entry_of_another_bot_or_another_day_says_nothing() {
        let mut audit = log(&[(7, 3600)]);
        keep(&mut audit.bots, Entry::new(user(2), Some(user(9)), at(0)));
        assert_eq!(added(&audit, 0, &[]), None);
    }
}
