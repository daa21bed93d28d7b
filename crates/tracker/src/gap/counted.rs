//! What counts tell of members who came and went unseen.
//!
//! Each invite has a balance: its uses, less the joins that are known to have come by it. Once
//! it is known how all joins before a list came, what is left in that list are uses of members
//! whom nobody saw. They are put down to a gap that is open, or that begins soon after; other
//! such uses, as when a count rose for nobody, are forgotten.

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp, UserId};

use super::Gap;
use super::uses::{Resolved, Sample};
use crate::record::Origin;
use crate::time::after;

/// After so long without a gap, uses that no join explains are of none: a gap may be noticed
/// later than a list that shows it.
pub(crate) const CALM: Duration = Duration::from_secs(60);

/// What a list showed of the balances.
pub(crate) struct Balances<'a> {
    /// Until when joins may be counted in it, by Discord's clock, if that is known.
    pub(crate) until: Option<Timestamp>,
    /// The invites with more uses than joins that are known to have come by them.
    pub(crate) uneven: Vec<(&'a InviteCode, i64)>,
    /// The joins of which it will be known later how they came.
    pub(crate) open: Vec<(UserId, Timestamp)>,
    /// Whether all known joins must be counted in it.
    pub(crate) is_complete: bool,
    /// Until when joins must be counted in it, by Discord's clock, if that is known.
    pub(crate) counted: Option<Timestamp>,
}

impl Gap {
    /// Counts rose by so many, as a list shows that was asked for at `sent`.
    pub(crate) fn counts_rose(&mut self, by: u64, is_live: bool, sent: Timestamp) {
        let kept = &mut *self.kept;
        let moved = match &mut kept.open {
            Some(open) if is_live && sent < open.noticed => &mut open.moved_before,
            Some(open) if is_live && open.uses_moved.is_none() => {
                open.uses_moved.get_or_insert_default()
            }
            _ if !is_live => &mut kept.moved,
            _ => return,
        };
        *moved = moved.saturating_add(by);
    }

    /// Whether a list that was asked for at `sent` would tell of members who came unseen.
    /// `is_timed` if it is known what Discord's clock shows: without that, joins that are told
    /// later may be counted in it.
    pub(crate) fn wants_balances(
        &self,
        now: Timestamp,
        is_live: bool,
        sent: Timestamp,
        is_timed: bool,
    ) -> bool {
        match &self.kept.open {
            Some(open) => is_live && sent >= open.noticed && !open.closing && self.uses.wants(now),
            None => {
                let is_over = |calm: &Sample| {
                    (calm.is_even() && calm.is_settled()) || (is_timed && !calm.is_timed())
                };
                is_live && self.calm.as_ref().is_none_or(is_over)
            }
        }
    }

    /// Whether it may still turn out how many of the uses are those of known joins.
    pub(crate) fn is_counting(&self) -> bool {
        !self.uses.are_settled()
    }

    /// A list shows these balances.
    pub(crate) fn take_balances(&mut self, now: Timestamp, balances: Balances<'_>) {
        let uneven = balances.uneven.into_iter();
        let uneven = uneven.map(|(code, balance)| (code.clone(), balance));
        let sample = Sample::new(now, balances.until, balances.counted, uneven, balances.open);
        if self.is_open() {
            self.uses.add(sample);
        } else if sample.is_even() && sample.is_settled() && balances.is_complete {
            // No use is left that may be one of theirs.
            self.undecided.clear();
        } else {
            self.calm = Some(sample);
        }
    }

    /// The uses of no known join that are of no gap: they do not count any more.
    pub(crate) fn take_stray(&mut self, now: Timestamp) -> Vec<(InviteCode, i64)> {
        let is_stray =
            |sample: &mut Sample| after(sample.taken(), CALM) <= now && sample.is_settled();
        let Some(stray) = self.calm.take_if(is_stray) else {
            return Vec::new();
        };
        if let Some(counted) = stray.counted() {
            self.undecided.forget_until(counted);
        }
        let uses = stray.excess().filter(|(_, by)| *by > 0);
        uses.map(|(code, by)| (code.clone(), by)).collect()
    }

    /// All uses of no known join are of no gap. Joins until `counted` are among them.
    pub(crate) fn forget_uses(&mut self, counted: Timestamp) {
        self.calm = None;
        self.undecided.forget_until(counted);
    }

    /// Events arrive again, and none were missed.
    pub(crate) fn nothing_missed(&mut self) {
        if self.kept.moved > 0 {
            self.kept.moved = 0;
        }
    }

    /// An event told of a join. One that comes after a list may be counted there. `discord` is
    /// what Discord's clock shows, if that is known.
    pub(crate) fn told(
        &mut self,
        now: Timestamp,
        user: UserId,
        joined_at: Timestamp,
        discord: Option<Timestamp>,
    ) {
        if let Some(open) = &mut self.kept.open
            && open.grown > 0
        {
            open.told(now, joined_at, discord);
        }
        self.uses.joined(user, joined_at);
        if let Some(calm) = &mut self.calm {
            calm.joined(user, joined_at);
        }
    }

    /// It is known how somebody came.
    pub(crate) fn resolved(&mut self, user: UserId, joined_at: Timestamp, origin: &Origin) {
        let was_undecided = self.undecided.remove(user, joined_at);
        let join = Resolved {
            key: (user, joined_at),
            origin,
            was_undecided,
        };
        self.uses.resolved(join);
        if let Some(calm) = &mut self.calm {
            calm.resolved(join);
        }
    }

    /// How somebody came will hardly be found out.
    pub(crate) fn undecided(&mut self, user: UserId, joined_at: Timestamp) {
        self.undecided.insert(user, joined_at);
        self.uses.undecided(user, joined_at);
        if let Some(calm) = &mut self.calm {
            calm.undecided(user, joined_at);
        }
    }

    /// An invite ended that was there before the gap, and was used so often beyond the joins
    /// that are known to have come by it. `open` are the joins of which it will be known later
    /// how they came.
    pub(crate) fn ended(
        &mut self,
        now: Timestamp,
        code: &InviteCode,
        noticed: Timestamp,
        excess: i64,
        open: impl Iterator<Item = (UserId, Timestamp)>,
    ) {
        let open_gap = self.kept.open.as_ref();
        let first = open_gap.map(|gap| gap.first.unwrap_or(gap.noticed));
        if excess > 0 && first.is_some_and(|first| noticed >= first) {
            let sample = Sample::of_ended(now, code.clone(), excess, open);
            self.uses.add(sample);
        }
    }
}
