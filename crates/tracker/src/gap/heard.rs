//! What events have told since a gap was noticed, and what they may still tell. It is not
//! stored: after a restart, the list of members is compared with a newer record.

use std::collections::BTreeSet;

use guestlist_model::{Timestamp, UserId};

use crate::facts::JoinFacts;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Heard {
    /// Leaves, with the time of the join if it was known: a page of members that is read later
    /// may be compared with an older record.
    left: BTreeSet<(UserId, Option<Timestamp>)>,
    /// Joins in the list of members whose events may still be on their way, by when these
    /// must have come.
    sighted: Vec<(Timestamp, JoinFacts)>,
}

impl Heard {
    /// A leave was stated.
    pub(super) fn leave(&mut self, user: UserId, joined_at: Option<Timestamp>) {
        self.left.insert((user, joined_at));
    }

    /// Whether a leave ended a join. One that named no join did not, if that join was found
    /// later.
    pub(super) fn has_ended(&self, user: UserId, joined_at: Timestamp, is_found: bool) -> bool {
        self.left.contains(&(user, Some(joined_at)))
            || (self.left.contains(&(user, None)) && !is_found)
    }

    /// The list of members shows a join whose event must come by then.
    pub(super) fn sight(&mut self, until: Timestamp, facts: JoinFacts) {
        self.sighted.push((until, facts));
    }

    /// By when the events of all these joins must have come.
    pub(super) fn until(&self) -> Option<Timestamp> {
        self.sighted.iter().map(|(until, _)| *until).max()
    }

    /// Those of them whose events must have come by now, unless the member has left since.
    pub(super) fn take_due(&mut self, now: Timestamp) -> Vec<JoinFacts> {
        let due = self.sighted.extract_if(.., |(until, _)| *until <= now);
        let due: Vec<JoinFacts> = due.map(|(_, facts)| facts).collect();
        let is_here = |facts: &JoinFacts| !self.has_ended(facts.user(), facts.joined_at(), false);
        due.into_iter().filter(is_here).collect()
    }

    /// What the list showed does not matter any more.
    pub(super) fn forget_sighted(&mut self) {
        self.sighted.clear();
    }
}
