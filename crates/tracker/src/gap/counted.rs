//! What counts tell of members who came and went unseen.
//!
//! Each invite has a balance: its uses, less the joins that are known to have come by it. Once
//! it is known how all joins before a list came, what is left in that list are uses of members
//! whom nobody saw. They are put down to a gap that is open, or that begins soon after; other
//! such uses, as when a count rose for nobody, are forgotten.

use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp, UserId};

use super::Gap;
use super::uses::Sample;
use crate::record::Origin;
use crate::time::after;

/// After so long without a gap, uses that no join explains are of none: a gap may be noticed
/// later than a list that shows it.
pub(crate) const CALM: Duration = Duration::from_secs(120);

/// What a list showed of the balances.
pub(crate) struct Balances<'a> {
    /// Until when joins may be counted in it, by Discord's clock, if that is known.
    pub(crate) until: Option<Timestamp>,
    /// The invites whose balance is not even.
    pub(crate) uneven: Vec<(&'a InviteCode, i64)>,
    /// The joins of which it is not known how they came, and whether that is likely to stay so.
    pub(crate) open: Vec<(UserId, Timestamp, bool)>,
    /// Whether all known joins must be counted in it.
    pub(crate) is_complete: bool,
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
    pub(crate) fn wants_balances(&self, now: Timestamp, is_live: bool, sent: Timestamp) -> bool {
        match &self.kept.open {
            Some(open) => is_live && sent >= open.noticed && !open.closing && self.uses.wants(now),
            None => {
                let is_over = |calm: &Sample| calm.is_even() && calm.is_settled(&self.undecided);
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
        let is_meant = |balance: i64| balance > 0 || balances.is_complete;
        let uneven = balances.uneven.into_iter();
        let uneven = uneven.filter(|(_, balance)| is_meant(*balance));
        let uneven = uneven.map(|(code, balance)| (code.clone(), balance));
        let open = balances.open.iter().map(|(user, at, _)| (*user, *at));
        let sample = Sample::new(now, balances.until, uneven, open);
        let undecided = balances.open.iter().filter(|(.., is_final)| *is_final);
        let undecided = undecided.map(|(user, at, _)| (*user, *at));
        if self.is_open() {
            self.uses.add(sample, undecided);
        } else {
            self.undecided = undecided.collect();
            self.calm = Some(sample).filter(|sample| !sample.is_even());
        }
    }

    /// The uses of no known join that are of no gap: they do not count any more.
    pub(crate) fn take_stray(&mut self, now: Timestamp) -> Vec<(InviteCode, i64)> {
        let is_stray = |sample: &mut Sample| {
            after(sample.taken(), CALM) <= now && sample.is_settled(&self.undecided)
        };
        let stray = self.calm.take_if(is_stray);
        if self.calm.is_none() {
            self.undecided.clear();
        }
        let stray = stray.iter().flat_map(Sample::excess);
        stray.map(|(code, by)| (code.clone(), by)).collect()
    }

    /// Events arrive again, and none were missed.
    pub(crate) fn nothing_missed(&mut self) {
        if self.kept.moved > 0 {
            self.kept.moved = 0;
        }
    }

    /// An event told of a join. One that comes after a list may be counted there.
    pub(crate) fn told(&mut self, user: UserId, joined_at: Timestamp) {
        self.uses.joined(user, joined_at);
        if let Some(calm) = &mut self.calm {
            calm.joined(user, joined_at);
        }
    }

    /// It is known how somebody came.
    pub(crate) fn resolved(&mut self, user: UserId, joined_at: Timestamp, origin: &Origin) {
        self.uses.resolved(user, joined_at, origin);
        if let Some(calm) = &mut self.calm {
            calm.resolved(user, joined_at, origin);
        }
    }

    /// How somebody came will hardly be found out.
    pub(crate) fn undecided(&mut self, user: UserId, joined_at: Timestamp) {
        self.uses.undecided(user, joined_at);
        if self.calm.is_some() {
            self.undecided.insert((user, joined_at));
        }
    }

    /// An invite ended that was there before the gap, and was used so often beyond the joins
    /// that are known to have come by it. `open` are the joins of which it is not known how
    /// they came.
    pub(crate) fn ended(
        &mut self,
        now: Timestamp,
        code: &InviteCode,
        noticed: Timestamp,
        excess: i64,
        open: impl Iterator<Item = (UserId, Timestamp, bool)>,
    ) {
        let first = self
            .kept
            .open
            .as_ref()
            .map(|open| open.first.unwrap_or(open.noticed));
        if excess > 0 && first.is_some_and(|first| noticed >= first) {
            let open: Vec<_> = open.collect();
            let joins = open.iter().map(|(user, at, _)| (*user, *at));
            let sample = Sample::new(now, None, [(code.clone(), excess)], joins);
            let undecided = open.iter().filter(|(.., is_final)| *is_final);
            let undecided = undecided.map(|(user, at, _)| (*user, *at));
            self.uses.add(sample, undecided);
        }
    }
}
