//! The guild's vanity link: its code, the codes it had before, and its count.

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp, Vanity as Reply};
use serde::{Deserialize, Serialize};

use crate::counts::Move;
use crate::state::{Changes, Marked, Reader, StateError, shape};
use crate::time::after;

/// Former vanity codes remembered.
const MAX_FORMER_CODES: usize = 4;

/// For so long after a change, a reply that names a former code is taken for an old one.
const STALE: Duration = Duration::from_secs(60);

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Vanity {
    kept: Marked<Link>,
}

#[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
struct Link {
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    code: Option<InviteCode>,
    #[serde(rename = "f", default, skip_serializing_if = "Vec::is_empty")]
    former: Vec<InviteCode>,
    /// When it was last seen that the code is another one.
    #[serde(rename = "t", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    changed: Option<Timestamp>,
    /// Whether it was told which code the guild has, or that it has none.
    #[serde(rename = "a", default, skip_serializing_if = "shape::is_default")]
    told: bool,
    /// Whether that has changed since it was told for the first time.
    #[serde(rename = "w", default, skip_serializing_if = "shape::is_default")]
    changed_since: bool,
    /// Whether an event was missed that may have told of another one.
    #[serde(rename = "d", default, skip_serializing_if = "shape::is_default")]
    doubted: bool,
    /// From when on, by Discord's clock, it is surely the code.
    #[serde(rename = "s", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    sure_from: Option<Timestamp>,
    /// Since when its count may have begun anew.
    #[serde(rename = "b", with = "shape::maybe_at")]
    #[serde(default, skip_serializing_if = "shape::is_default")]
    anew: Option<Timestamp>,
    #[serde(rename = "n", default, skip_serializing_if = "Option::is_none")]
    count: Option<Count>,
}

/// The last known count.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Count {
    #[serde(rename = "c", default, skip_serializing_if = "Option::is_none")]
    code: Option<InviteCode>,
    #[serde(rename = "u")]
    uses: u64,
    /// When it was asked for.
    #[serde(rename = "s", with = "shape::at")]
    sent: Timestamp,
}

impl Vanity {
    /// The code, if the guild has one.
    pub(crate) fn code(&self) -> Option<&InviteCode> {
        self.kept.code.as_ref()
    }

    /// Whether a code is or was the guild's vanity code. Discord ignores its case.
    pub(crate) fn is(&self, code: &InviteCode) -> bool {
        let mut codes = self.kept.code.iter().chain(&self.kept.former);
        codes.any(|vanity| vanity.eq_ignore_case(code))
    }

    /// The code, if a join of which the event came at `arrived` cannot have come by an
    /// earlier one.
    pub(crate) fn code_at(&self, arrived: Timestamp, settle: Duration) -> Option<&InviteCode> {
        let changed = self.kept.changed.map(|at| after(at, settle));
        let is_sure = Some(arrived) >= changed && !self.kept.doubted;
        self.code().filter(|_| is_sure)
    }

    /// The code, if a join at this time of Discord's cannot have come by an earlier one.
    pub(crate) fn code_since(&self, joined_at: Timestamp) -> Option<&InviteCode> {
        let sure = self.kept.sure_from;
        self.code()
            .filter(|_| sure.is_some_and(|from| from <= joined_at))
    }

    /// An event told of this time of Discord's: the code that is known has been the code
    /// before that and `settle`.
    pub(crate) fn hear(&mut self, at: Timestamp, settle: Duration) {
        if self.kept.sure_from.is_none() && self.kept.code.is_some() && !self.kept.doubted {
            self.kept.sure_from = Some(after(at, settle));
        }
    }

    /// Takes in which code the guild has now.
    pub(crate) fn set(&mut self, code: Option<InviteCode>, now: Timestamp) {
        if self.kept.doubted {
            self.kept.doubted = false;
        }
        let was_told = self.kept.told;
        if !was_told {
            self.kept.told = true;
        }
        if self.kept.code == code {
            return;
        }
        let link = &mut *self.kept;
        link.changed_since |= was_told;
        link.sure_from = None;
        // Of the first one it is not known either since when it is the code.
        link.changed = Some(now);
        if let Some(former) = link.code.take() {
            link.former.push(former);
            if link.former.len() > MAX_FORMER_CODES {
                link.former.remove(0);
            }
        }
        // Its count restarts, and from where is not known.
        link.count = None;
        link.anew = Some(now);
        link.code = code;
    }

    /// The next count is not to be compared with the last. Returns whether there was one.
    pub(crate) fn forget_count(&mut self, now: Timestamp) -> bool {
        let is_known = self.kept.count.is_some();
        let link = &mut *self.kept;
        link.count = None;
        link.anew = Some(now);
        is_known
    }

    /// When the count is wanted again, because the last one may be of before it began anew.
    pub(crate) fn recount(&self, count_lag: Duration) -> Option<Timestamp> {
        let shown = after(self.kept.anew?, count_lag);
        self.counted().is_some_and(|at| at < shown).then_some(shown)
    }

    /// An event was missed that may have told of another code.
    pub(crate) fn doubt(&mut self) {
        if !self.kept.doubted {
            self.kept.doubted = true;
            self.kept.sure_from = None;
        }
    }

    /// Nobody knows since when it is the code.
    pub(crate) fn doubt_past(&mut self) {
        self.kept.sure_from = None;
    }

    /// Whether a count cannot be compared with the one before, because the code changed.
    pub(crate) fn counts_anew(&self, reply: &Reply) -> bool {
        match &self.kept.count {
            Some(before) => before.code != reply.code,
            None => self.kept.changed_since || !self.kept.former.is_empty(),
        }
    }

    /// When the last known count was asked for.
    pub(crate) fn counted(&self) -> Option<Timestamp> {
        self.kept.count.as_ref().map(|count| count.sent)
    }

    /// Whether a reply with this code is from before the code changed.
    fn is_outdated(&self, code: Option<&InviteCode>, now: Timestamp) -> bool {
        let lately = self.kept.changed.map(|at| after(at, STALE));
        let is_former = |former| code == Some(former);
        Some(now) < lately && self.kept.former.iter().any(is_former)
    }

    /// Takes in a count. Returns how it moved.
    pub(crate) fn count(
        &mut self,
        reply: &Reply,
        uses: u64,
        sent: Timestamp,
        now: Timestamp,
        count_lag: Duration,
    ) -> Option<Move> {
        let mut moved = None;
        let mut known = uses;
        // A count is late by so much at most, also one that began anew.
        let is_unsure = self.recount(count_lag).is_some();
        if let Some(before) = &self.kept.count
            && before.code == reply.code
        {
            if uses > before.uses {
                let code = reply.code.clone();
                let rose = Move::of_vanity(code, before.uses, uses, before.sent);
                moved = Some(if is_unsure { rose.unsure() } else { rose });
            }
            // A count that goes down comes from an answer older than the one before.
            known = uses.max(before.uses);
        }
        if reply.code.is_some() && !self.is_outdated(reply.code.as_ref(), now) {
            self.set(reply.code.clone(), now);
        }
        self.kept.count = Some(Count {
            code: reply.code.clone(),
            uses: known,
            sent,
        });
        moved
    }

    /// Collects the part, if it changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.value("vanity", &mut self.kept);
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut vanity = Self::default();
        parts.value("vanity", &mut vanity.kept)?;
        Ok(vanity)
    }
}
