//! The uses of invites that no known join explains, as lists showed them: those of members who
//! came unseen. It is not stored: what is left unexplained is told by the next list again.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp, UserId};

use crate::record::Origin;
use crate::time::{EVER, after};

/// How many lists wait at once until it is known how the joins before them came.
const MAX_SAMPLES: usize = 4;
/// How far apart these lists are at least.
const EVERY: Duration = Duration::from_secs(5);

/// What one list showed, or what is known of the last count of an invite that ended.
#[derive(Debug)]
pub(super) struct Sample {
    is_list: bool,
    taken: Timestamp,
    /// Until when joins may be counted in the list, by Discord's clock, if that is known.
    until: Option<Timestamp>,
    /// The uses of each invite beyond the joins that are known to have come by it. Less than
    /// none if such joins are not counted yet.
    excess: BTreeMap<InviteCode, i64>,
    /// The joins of which it will be known later how they came.
    open: BTreeSet<(UserId, Timestamp)>,
    /// Until when joins must be counted in the list, if that is known.
    counted: Option<Timestamp>,
}

impl Sample {
    /// What is known of the last count of an invite that ended.
    pub(super) fn of_ended(
        taken: Timestamp,
        code: InviteCode,
        excess: i64,
        open: impl IntoIterator<Item = (UserId, Timestamp)>,
    ) -> Self {
        Self {
            is_list: false,
            ..Self::new(taken, None, None, [(code, excess)], open)
        }
    }

    pub(super) fn new(
        taken: Timestamp,
        until: Option<Timestamp>,
        counted: Option<Timestamp>,
        excess: impl IntoIterator<Item = (InviteCode, i64)>,
        open: impl IntoIterator<Item = (UserId, Timestamp)>,
    ) -> Self {
        Self {
            is_list: true,
            taken,
            until,
            excess: excess.into_iter().collect(),
            open: open.into_iter().collect(),
            counted,
        }
    }

    pub(super) const fn taken(&self) -> Timestamp {
        self.taken
    }

    /// Whether the known joins explain all uses.
    pub(super) fn is_even(&self) -> bool {
        self.excess.values().all(|excess| *excess == 0)
    }

    /// Until when joins must be counted in it, if that is known.
    pub(super) const fn counted(&self) -> Option<Timestamp> {
        self.counted
    }

    pub(super) fn excess(&self) -> impl Iterator<Item = (&InviteCode, i64)> {
        self.excess.iter().map(|(code, excess)| (code, *excess))
    }

    /// A join is known that may be among the uses. How it came is known later.
    pub(super) fn joined(&mut self, user: UserId, joined_at: Timestamp) {
        if self.may_count(joined_at) {
            self.open.insert((user, joined_at));
        }
    }

    /// Whether it is known which later joins are not counted in it.
    pub(super) const fn is_timed(&self) -> bool {
        self.until.is_some()
    }

    /// Whether a join may be counted in it.
    fn may_count(&self, joined_at: Timestamp) -> bool {
        self.until.is_none_or(|until| joined_at <= until)
    }

    /// It is known how a join came.
    pub(super) fn resolved(&mut self, join: Resolved<'_>) {
        let was_undecided = join.was_undecided && self.may_count(join.key.1);
        if self.open.remove(&join.key) || was_undecided {
            take_one(&mut self.excess, join.origin);
        }
    }

    /// How a join came will hardly be found out.
    pub(super) fn undecided(&mut self, user: UserId, joined_at: Timestamp) {
        self.open.remove(&(user, joined_at));
    }

    /// Whether it is known how all joins before it came, as far as it will be.
    pub(super) fn is_settled(&self) -> bool {
        self.open.is_empty()
    }
}

/// A join of which it is known how it came.
#[derive(Clone, Copy, Debug)]
pub(super) struct Resolved<'a> {
    pub(super) key: (UserId, Timestamp),
    pub(super) origin: &'a Origin,
    /// Whether it seemed that this would not be found out.
    pub(super) was_undecided: bool,
}

/// See the module's documentation.
#[derive(Debug, Default)]
pub(super) struct Uses {
    /// The most that lists have shown of each invite of which nothing more will be known.
    most: BTreeMap<InviteCode, i64>,
    /// Until when joins may be counted in these, if there are any.
    until: Option<Timestamp>,
    /// Until when joins must be counted in one of these.
    counted: Option<Timestamp>,
    /// Joins that may be counted in these, and that were told later.
    open: BTreeSet<(UserId, Timestamp)>,
    /// The other lists.
    samples: Vec<Sample>,
    /// Whether a list has shown the counts since the gap was noticed last.
    has_list: bool,
}

impl Uses {
    /// Whether another list would tell anything.
    pub(super) fn wants(&self, now: Timestamp) -> bool {
        let mut lists = self.samples.iter().filter(|sample| sample.is_list);
        let waiting = lists.clone().count();
        let is_time = lists
            .next_back()
            .is_none_or(|last| after(last.taken, EVERY) <= now);
        // One at least, each time that something was missed.
        (waiting < MAX_SAMPLES && is_time) || (!self.has_list && waiting < 4 * MAX_SAMPLES)
    }

    /// More may have been missed than the lists show.
    pub(super) const fn want_list(&mut self) {
        self.has_list = false;
    }

    /// Whether a list has shown the counts since then.
    pub(super) const fn has_list(&self) -> bool {
        self.has_list
    }

    /// Whether it is known how all joins before the lists came, as far as it will be.
    pub(super) fn are_settled(&self) -> bool {
        self.samples.is_empty()
    }

    /// A list came.
    pub(super) fn add(&mut self, sample: Sample) {
        self.has_list |= sample.is_list;
        self.samples.push(sample);
        self.fold();
    }

    /// An event or a search told of a join.
    pub(super) fn joined(&mut self, user: UserId, joined_at: Timestamp) {
        for sample in &mut self.samples {
            sample.joined(user, joined_at);
        }
        if self.until >= Some(joined_at) {
            self.open.insert((user, joined_at));
        }
    }

    /// It is known how a join came.
    pub(super) fn resolved(&mut self, join: Resolved<'_>) {
        for sample in &mut self.samples {
            sample.resolved(join);
        }
        let was_undecided = join.was_undecided && self.until >= Some(join.key.1);
        if self.open.remove(&join.key) || was_undecided {
            take_one(&mut self.most, join.origin);
        }
        self.fold();
    }

    /// How a join came will hardly be found out.
    pub(super) fn undecided(&mut self, user: UserId, joined_at: Timestamp) {
        for sample in &mut self.samples {
            sample.undecided(user, joined_at);
        }
        self.open.remove(&(user, joined_at));
        self.fold();
    }

    /// Puts together the lists of which nothing more will be known.
    fn fold(&mut self) {
        for sample in self.samples.extract_if(.., |sample| sample.is_settled()) {
            raise(&mut self.most, sample.excess);
            self.until = self.until.max(Some(sample.until.unwrap_or(EVER)));
            self.counted = self.counted.max(sample.counted);
        }
    }

    /// How many uses there are that no known join explains, at the least and at the most, if it
    /// will not be known of so many joins how they came.
    pub(super) fn missing(&self, undecided: u64) -> (u64, u64) {
        // Any of the joins may be any of the uses.
        let settled = sum(&self.most).saturating_sub(undecided.saturating_add(size(&self.open)));
        let (mut most, mut open) = (self.most.clone(), self.open.clone());
        for sample in &self.samples {
            raise(&mut most, sample.excess.clone());
            open.extend(&sample.open);
        }
        let uses = sum(&most);
        let least = uses.saturating_sub(undecided.saturating_add(size(&open)));
        (settled.max(least), uses)
    }

    /// Until when joins must be counted in the lists of which nothing more will be known.
    pub(super) const fn counted(&self) -> Option<Timestamp> {
        self.counted
    }

    /// The uses that are put down to members who came unseen, by invite.
    pub(super) fn into_told(mut self) -> Vec<(InviteCode, i64)> {
        for sample in self.samples {
            raise(&mut self.most, sample.excess);
        }
        self.most.retain(|_, most| *most > 0);
        self.most.into_iter().collect()
    }
}

fn sum(most: &BTreeMap<InviteCode, i64>) -> u64 {
    let uses = most.values().filter_map(|most| u64::try_from(*most).ok());
    uses.fold(0, u64::saturating_add)
}

fn size(joins: &BTreeSet<(UserId, Timestamp)>) -> u64 {
    u64::try_from(joins.len()).unwrap_or(u64::MAX)
}

fn raise(most: &mut BTreeMap<InviteCode, i64>, by: BTreeMap<InviteCode, i64>) {
    for (code, excess) in by {
        let known = most.entry(code).or_default();
        *known = excess.max(*known);
    }
}

fn take_one(excess: &mut BTreeMap<InviteCode, i64>, origin: &Origin) {
    if let Some(code) = origin.listed()
        && let Some(excess) = excess.get_mut(code)
    {
        *excess = excess.saturating_sub(1);
    }
}
