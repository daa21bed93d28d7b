//! Invites that ended, what the audit log says, and why they ended.

mod audit;
mod ended;

use std::time::Duration;

use guestlist_model::{AuditLogEntry, InviteCode, Timestamp, UserId};

pub(crate) use audit::{AUDIT_PAGE, BOT_ADD, matters};
pub(crate) use ended::Ended;

use crate::counts::Known;
use crate::record::InviteState;
use crate::revision::Revision;
use crate::state::{Changes, Kept, Reader, StateError};
use crate::time::after;
use audit::Audit;

/// How long the audit log is given to hold an entry if no answer depends on it.
const FIRST_LOOK: Duration = Duration::from_secs(2);
/// How long the search for a member who may have used the invite up is waited for before
/// the audit log is asked.
const JOIN_LAG: Duration = Duration::from_secs(8);
/// After this time the reason is given up.
const GIVE_UP: Duration = Duration::from_secs(40);
/// Ended invites remembered.
const MAX_ENDED: usize = 1000;

/// An invite that is deleted so soon before its time is over may have expired.
const EXPIRY_MARGIN: Duration = Duration::from_secs(10);

/// What the times are by which the end of an invite is judged.
pub(crate) struct Times {
    pub(crate) now: Timestamp,
    /// The latest of Discord's times that was seen.
    pub(crate) discord_now: Option<Timestamp>,
    /// What Discord's clock showed at the least when INVITE_DELETE came.
    pub(crate) discord_then: Option<Timestamp>,
    /// When the latest list was asked for.
    pub(crate) listed: Option<Timestamp>,
    /// How late the audit log may be; `None` if its silence proves nothing.
    pub(crate) audit_lag: Option<Duration>,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Ends {
    ended: Kept<InviteCode, Ended>,
    audit: Audit,
    revision: Revision,
}

impl Ends {
    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    pub(crate) fn get(&self, code: &InviteCode) -> Option<&Ended> {
        self.ended.get(code)
    }

    pub(crate) fn contains(&self, code: &InviteCode) -> bool {
        self.ended.contains(code)
    }

    // How invites end.

    /// Notes that an invite is gone, unless that is known. `counted` is when the last list
    /// was asked for that held it, and `open_step` the number of the step after it.
    pub(crate) fn note(
        &mut self,
        code: &InviteCode,
        known: Known,
        now: Timestamp,
        counted: Option<Timestamp>,
        open_step: u64,
    ) {
        if !self.ended.contains(code) {
            // A new invite was counted by nothing.
            let open_step = if known.seen().is_some() { 0 } else { open_step };
            let ended = Ended::new(known, now, counted, open_step);
            self.ended.insert(code.clone(), ended);
        }
    }

    /// Notes that a list lacks an invite that the list before held. A list that was not up
    /// to date may have held it after INVITE_DELETE.
    pub(crate) fn note_missing(
        &mut self,
        code: &InviteCode,
        known: Known,
        now: Timestamp,
        counted: Option<Timestamp>,
        open_step: u64,
    ) {
        match self.ended.edit(code) {
            Some(ended) => ended.gone_again(known, counted, open_step),
            None => self.note(code, known, now, counted, open_step),
        }
    }

    /// Notes that INVITE_DELETE came for an invite that is noted. `heard` is the latest of
    /// Discord's times that an event told of.
    pub(crate) fn note_deleted(
        &mut self,
        code: &InviteCode,
        now: Timestamp,
        heard: Option<Timestamp>,
        settle: Duration,
    ) {
        if let Some(ended) = self.ended.edit(code) {
            ended.delete(now, heard, after(now, settle));
        }
        self.revision.deductions_changed();
    }

    /// A list holds the invite again: forgets that it ended, unless it was deleted. Then it
    /// will be gone soon.
    pub(crate) fn take_back(&mut self, code: &InviteCode) {
        if self.ended.get(code).is_some_and(|end| !end.was_deleted()) {
            self.ended.remove(code);
        }
    }

    /// The first step that may count joins by an invite which are not in its last known
    /// count; `None` if that is not known.
    pub(crate) fn open_step(&self, code: &InviteCode) -> Option<u64> {
        self.ended.get(code).and_then(Ended::open_step)
    }

    /// When the next invite is closed: all who used it have come.
    pub(crate) fn next_closed(&self) -> Option<Timestamp> {
        self.ended.values().filter_map(Ended::closes_at).min()
    }

    /// Closes the invites of which that is so, since events until `heard` have come.
    pub(crate) fn settle(&mut self, heard: Option<Timestamp>, now: Timestamp) {
        let is_due = |ended: &Ended| ended.closes_at().is_some_and(|at| Some(at) <= heard);
        let revision = &mut self.revision;
        self.ended.edit_where(
            |_, ended| is_due(ended),
            |_, ended| {
                ended.close(now);
                revision.evidence_changed();
            },
        );
    }

    /// Closes none before this moment.
    pub(crate) fn postpone(&mut self, until: Timestamp) {
        self.ended.edit_where(
            |_, ended| ended.closes_at().is_some_and(|at| at < until),
            |_, ended| ended.postpone(until),
        );
    }

    /// For so long nobody could ask.
    pub(crate) fn slept(&mut self, span: Duration) {
        self.ended
            .edit_where(|_, ended| !ended.is_stated(), |_, ended| ended.slept(span));
    }

    /// Changes the balance of an invite. Returns whether it is one of those that ended.
    pub(crate) fn change_balance(&mut self, code: &InviteCode, by: i64) -> bool {
        let ended = self.ended.edit(code);
        ended.map(|ended| ended.change_balance(by)).is_some()
    }

    // Why invites ended.

    /// The invites of which it has not been stated why they ended.
    pub(crate) fn open(&self) -> Vec<InviteCode> {
        let open = self.ended.iter().filter(|(_, ended)| !ended.is_stated());
        open.map(|(code, _)| code.clone()).collect()
    }

    /// Why an invite ended; `None` if that may still turn out. `came_by` joins are known
    /// to have used it after the last list that held it.
    pub(crate) fn why(
        &mut self,
        code: &InviteCode,
        came_by: u64,
        times: &Times,
    ) -> Option<InviteState> {
        let ended = self.ended.get(code)?;
        if self.audit.deletion(code).is_some() {
            return Some(InviteState::Revoked);
        }
        let known = ended.known();
        // Whether its count held those who came by it already rests on times.
        let came_by = times.audit_lag.map_or(0, |_| came_by);
        if let (Some(uses), Some(max @ 1..)) = (known.uses(), known.max_uses())
            && uses.saturating_add(came_by) >= max
        {
            return Some(InviteState::Exhausted);
        }
        // Expiry sends no event.
        let expired = known.has_expired(times.discord_now);
        if !ended.was_deleted() && expired {
            return Some(InviteState::Expired);
        }
        let channel = known.channel();
        if channel.is_some_and(|channel| self.audit.channel_deleted(channel)) {
            return Some(InviteState::Gone);
        }
        if let Some(deleted) = ended.deleted()
            && let Some(audit_lag) = times.audit_lag
            && self.audit.read_at() >= Some(after(deleted, audit_lag))
        {
            // It was deleted, and nobody deleted it: it was used up. That holds only if
            // the page reaches back to then.
            let covered = self.audit.covers(ended.deleted_after());
            // Discord does not say that no event comes when an invite expires.
            let then = times.discord_then;
            let may_have_expired = known
                .expires_at()
                .is_some_and(|at| then.is_none_or(|then| at <= after(then, EXPIRY_MARGIN)));
            if covered && !may_have_expired && known.left().is_some() && channel.is_some() {
                if let Some(ended) = self.ended.edit(code) {
                    ended.set_exhausted(true);
                }
                self.revision.evidence_changed();
                return Some(InviteState::Exhausted);
            }
        }
        let ended = self.ended.get(code)?;
        // One list may lack an invite that is there; a later one tells.
        let seen = if ended.was_deleted() {
            Some(times.now)
        } else {
            times.listed
        };
        (seen >= Some(gives_up_at(ended))).then_some(InviteState::Gone)
    }

    /// When a list is wanted to tell whether an invite is gone, if the latest was asked for
    /// then.
    pub(crate) fn list_wanted(&self, listed: Option<Timestamp>) -> Option<Timestamp> {
        let open = self.ended.values();
        open.filter(|ended| !ended.is_stated() && !ended.was_deleted())
            .map(gives_up_at)
            .filter(|at| listed < Some(*at))
            .min()
    }

    /// When the reason for an invite's end is given up.
    pub(crate) fn gives_up_at(&self, code: &InviteCode) -> Option<Timestamp> {
        self.ended.get(code).map(gives_up_at)
    }

    /// Notes that it was stated why an invite ended.
    pub(crate) fn set_stated(&mut self, code: &InviteCode) {
        if let Some(ended) = self.ended.edit(code) {
            ended.set_stated(true);
        }
    }

    /// Whether an invite is proven to have been used up, be it by members.
    pub(crate) fn was_used_up(&self, code: &InviteCode) -> bool {
        self.ended
            .get(code)
            .is_some_and(|ended| ended.is_exhausted() && !self.was_deleted(code, ended))
    }

    /// Whether the audit log was read since an invite ended, and has no reason for that.
    pub(crate) fn nobody_deleted(&self, code: &InviteCode) -> bool {
        self.ended.get(code).is_some_and(|ended| {
            self.audit.read_at() >= Some(ended.noticed())
                && self.audit.covers(ended.deleted_after())
                && !self.was_deleted(code, ended)
        })
    }

    /// Whether the audit log has another reason for an invite's end.
    fn was_deleted(&self, code: &InviteCode, ended: &Ended) -> bool {
        let channel = ended.known().channel();
        self.audit.deletion(code).is_some()
            || channel.is_some_and(|channel| self.audit.channel_deleted(channel))
    }

    /// No longer holds that these invites were used up.
    pub(crate) fn doubt(&mut self, codes: &[InviteCode]) {
        for code in codes {
            if let Some(ended) = self.ended.edit(code) {
                ended.set_exhausted(false);
            }
        }
        self.revision.deductions_changed();
    }

    /// Forgets the invites of which all has been stated and that nothing refers to.
    pub(crate) fn forget(&mut self, is_needed: impl Fn(&InviteCode) -> bool) {
        self.ended
            .extract(|code, ended| ended.is_stated() && !is_needed(code));
        while self.ended.len() > MAX_ENDED {
            let Some(first) = self.ended.first_key().cloned() else {
                break;
            };
            self.ended.remove(&first);
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.ended.is_empty()
    }

    // The audit log.

    /// Takes in an entry.
    pub(crate) fn learn(&mut self, entry: &AuditLogEntry) {
        self.audit.learn(entry);
    }

    /// Takes in which entries a page held: it was asked for then, and they go back to
    /// `oldest`.
    pub(crate) fn read_page(&mut self, sent: Timestamp, oldest: Option<Timestamp>) {
        self.audit.read_page(sent, oldest);
    }

    /// All entries that came together are learnt: takes back what was stated of invites
    /// whose deletion the audit log told late.
    pub(crate) fn all_learnt(&mut self) {
        let doubted: Vec<InviteCode> = self
            .ended
            .iter()
            .filter(|(code, ended)| ended.is_exhausted() && self.was_deleted(code, ended))
            .map(|(code, _)| code.clone())
            .collect();
        for code in doubted {
            if let Some(ended) = self.ended.edit(&code) {
                ended.set_exhausted(false);
                ended.set_stated(false);
            }
        }
        self.revision.evidence_changed();
    }

    /// Who deleted an invite, and when.
    pub(crate) fn deletion(&self, code: &InviteCode) -> Option<(Option<UserId>, Timestamp)> {
        self.audit.deletion(code)
    }

    /// How often an invite had been used when somebody deleted it, if that is told.
    pub(crate) fn uses_at_deletion(&self, code: &InviteCode) -> Option<u64> {
        self.audit.uses_at_deletion(code)
    }

    /// Whether an invite was changed: it may grant roles that no list has told.
    pub(crate) fn was_updated(&self, code: &InviteCode) -> bool {
        self.audit.updated(code)
    }

    /// Who added a bot that joined then, and when. `others` are when it joined otherwise.
    pub(crate) fn bot_added(
        &self,
        bot: UserId,
        joined_at: Timestamp,
        others: &[Timestamp],
    ) -> Option<(Option<UserId>, Timestamp)> {
        self.audit.bot_added(bot, joined_at, others)
    }

    /// When the audit log is wanted for invites that ended. `searching` if a member who is
    /// being searched for may have used one up.
    pub(crate) fn audit_wanted(&self, searching: bool, audit_lag: Duration) -> Option<Timestamp> {
        let looks = if searching {
            [None, Some(JOIN_LAG.max(audit_lag))]
        } else {
            [Some(FIRST_LOOK), Some(audit_lag)]
        };
        let read = self.audit.read_at();
        self.ended
            .values()
            .filter(|ended| !ended.is_stated())
            .filter_map(|ended| {
                let noticed = ended.deleted().unwrap_or(ended.noticed());
                looks
                    .into_iter()
                    .flatten()
                    .map(|look| after(noticed, look))
                    .find(|at| read < Some(*at))
            })
            .min()
    }

    /// Whether the audit log may still tell that an invite was used up.
    pub(crate) fn awaits_audit(&self) -> bool {
        let mut ended = self.ended.values();
        ended.any(|ended| !ended.is_stated() && ended.was_deleted())
    }

    /// Whether anything is open that depends on how much time has passed.
    pub(crate) fn is_waiting(&self) -> bool {
        self.ended.values().any(|ended| !ended.is_stated())
    }

    // Storing.

    /// Collects the parts that changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.entries(&mut self.ended, |code| format!("end/{code}"));
        self.audit.take_changed(changes);
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut ends = Self {
            audit: Audit::restore(parts)?,
            ..Self::default()
        };
        parts.entries("end/", &mut ends.ended, |code| code.parse().ok())?;
        Ok(ends)
    }
}

fn gives_up_at(ended: &Ended) -> Timestamp {
    after(ended.noticed(), GIVE_UP)
}
