//! The guild's vanity link: its code, the codes it had before, and its count.

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp, Vanity as Reply};
use serde::{Deserialize, Serialize};

use crate::counts::Move;
use crate::state::{Changes, Marked, Reader, StateError, shape};
use crate::time::after;

/// Former vanity codes remembered.
const MAX_FORMER_CODES: usize = 4;

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
    /// Whether it may have been another one in the latest gap.
    #[serde(rename = "g", default, skip_serializing_if = "shape::is_default")]
    changed_in_gap: bool,
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
        self.code().filter(|_| Some(arrived) >= changed)
    }

    /// The code, if a join in the latest gap cannot have come by an earlier one.
    pub(crate) fn code_in_gap(&self) -> Option<&InviteCode> {
        self.code().filter(|_| !self.kept.changed_in_gap)
    }

    /// Takes in which code the guild has now.
    pub(crate) fn set(&mut self, code: Option<InviteCode>, now: Timestamp, in_gap: bool) {
        if self.kept.code == code {
            return;
        }
        let link = &mut *self.kept;
        link.changed_in_gap |= in_gap;
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
        link.code = code;
    }

    /// The next count is not to be compared with the last. Returns whether there was one.
    pub(crate) fn forget_count(&mut self) -> bool {
        let is_known = self.kept.count.is_some();
        if is_known {
            self.kept.count = None;
        }
        is_known
    }

    /// A gap begins in which the code is not known to have changed.
    pub(crate) fn begin_gap(&mut self) {
        if self.kept.changed_in_gap {
            self.kept.changed_in_gap = false;
        }
    }

    /// Nobody knows which code the guild had in the gap.
    pub(crate) fn doubt_gap(&mut self) {
        self.kept.changed_in_gap = true;
    }

    /// Whether the next count cannot be compared with the one before, because the code
    /// changed.
    pub(crate) fn counts_anew(&self) -> bool {
        self.kept.count.is_none() && !self.kept.former.is_empty()
    }

    /// When the last known count was asked for.
    pub(crate) fn counted(&self) -> Option<Timestamp> {
        self.kept.count.as_ref().map(|count| count.sent)
    }

    /// Takes in a count. Returns how it moved.
    pub(crate) fn count(
        &mut self,
        reply: &Reply,
        uses: u64,
        sent: Timestamp,
        now: Timestamp,
        in_gap: bool,
    ) -> Option<Move> {
        let mut moved = None;
        let mut known = uses;
        if let Some(before) = &self.kept.count
            && before.code == reply.code
        {
            if uses > before.uses {
                let code = reply.code.clone();
                moved = Some(Move::of_vanity(code, before.uses, uses, before.sent));
            }
            // A count that goes down comes from an answer older than the one before.
            known = uses.max(before.uses);
        }
        if reply.code.is_some() {
            self.set(reply.code.clone(), now, in_gap);
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
