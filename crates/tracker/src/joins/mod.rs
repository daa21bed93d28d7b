//! The joins of a guild: those that wait, those that are gone though a count may still
//! move for them, and those remembered to recognize an event that comes twice.

mod answer;
mod recent;
mod waiting;

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use guestlist_model::{InviteCode, Timestamp, UserId};
use serde::{Deserialize, Serialize};

pub(crate) use answer::{Answer, Deduced, Stated};
pub(crate) use waiting::{Estimate, Waiting};

use crate::counts::Move;
use crate::record::Origin;
use crate::revision::Revision;
use crate::state::{Changes, Kept, Reader, StateError, shape};
use crate::time::{EVER, NEVER, after};
use recent::Recent;

/// Joins no longer kept whose counts may still move.
const MAX_DROPPED: usize = 256;

/// The number of a join that waits, in the order in which they came.
pub(crate) type JoinNumber = u64;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Joins {
    waiting: Kept<JoinNumber, Waiting>,
    /// Which number each of them has.
    numbers: BTreeMap<(UserId, Timestamp), JoinNumber>,
    dropped: Kept<u64, Dropped>,
    recent: Recent,
    /// The joins that the counts would explain if nobody else turned up.
    explained: BTreeSet<JoinNumber>,
    revision: Revision,
}

/// A join that is no longer kept though a count may still move for it.
#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Dropped {
    #[serde(rename = "a", with = "shape::at")]
    arrived: Timestamp,
    #[serde(rename = "f", default, skip_serializing_if = "shape::is_default")]
    first_step: u64,
    /// The last step that can count it, if its movement has been seen.
    #[serde(rename = "l", default, skip_serializing_if = "Option::is_none")]
    last_step: Option<u64>,
    /// Its way, if decided; otherwise it may be any.
    #[serde(rename = "o", default, skip_serializing_if = "Option::is_none")]
    origin: Option<Origin>,
}

impl Joins {
    pub(crate) const fn revision(&self) -> Revision {
        self.revision
    }

    // Joins that wait.

    pub(crate) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }

    /// Adds a join of which an event or a search told.
    pub(crate) fn add(&mut self, join: Waiting) -> JoinNumber {
        self.revision.outlook_changed();
        self.push(join)
    }

    /// Adds a join that another version of this crate knew.
    pub(crate) fn add_anew(&mut self, join: Waiting) {
        self.recent.add_found((join.joined_at(), join.user()));
        self.push(join);
    }

    fn push(&mut self, join: Waiting) -> JoinNumber {
        let named = (join.user(), join.joined_at());
        let number = self.waiting.push(join);
        self.numbers.insert(named, number);
        number
    }

    pub(crate) fn get(&self, number: JoinNumber) -> Option<&Waiting> {
        self.waiting.get(&number)
    }

    pub(crate) fn edit(&mut self, number: JoinNumber) -> Option<&mut Waiting> {
        self.waiting.edit(&number)
    }

    /// Changes the joins that a condition holds for.
    pub(crate) fn edit_where(
        &mut self,
        mut is_meant: impl FnMut(&Waiting) -> bool,
        mut change: impl FnMut(&mut Waiting),
    ) {
        self.waiting
            .edit_where(|_, join| is_meant(join), |_, join| change(join));
    }

    /// All that wait, in the order in which they came.
    pub(crate) fn iter(&self) -> impl DoubleEndedIterator<Item = (JoinNumber, &Waiting)> {
        self.waiting.iter().map(|(number, join)| (*number, join))
    }

    /// The numbers of all that wait.
    pub(crate) fn numbers(&self) -> Vec<JoinNumber> {
        self.waiting.keys().copied().collect()
    }

    /// The number of the join that this key names.
    pub(crate) fn find(&self, user: UserId, joined_at: Timestamp) -> Option<JoinNumber> {
        self.numbers.get(&(user, joined_at)).copied()
    }

    /// When else a user joined, as far as is remembered.
    pub(crate) fn others_of(&self, user: UserId, joined_at: Timestamp) -> Vec<Timestamp> {
        let mut others = self.times_of(user);
        others.retain(|at| *at != joined_at);
        others
    }

    /// Whether a join is known already.
    pub(crate) fn knows(&self, user: UserId, joined_at: Timestamp) -> bool {
        self.recent.contains(user, joined_at) || self.find(user, joined_at).is_some()
    }

    /// A member left. Returns when the member had joined, if that is known; or nothing at
    /// all, if it is not known which join ended. `may_be_older` tells whether the event may
    /// have been sent before a join that only a search has told of, by when it happened and,
    /// if it is kept, when it was found.
    pub(crate) fn leaves(
        &mut self,
        user: UserId,
        may_be_older: impl FnOnce(Timestamp, Option<Timestamp>) -> bool,
    ) -> Option<Option<Timestamp>> {
        let mut times = self.times_of(user);
        let Some(mut ended) = times.pop() else {
            return Some(None);
        };
        let last = self.find(user, ended).and_then(|last| self.get(last));
        let found = last.map(Waiting::arrived);
        if self.recent.is_found((ended, user)) && may_be_older(ended, found) {
            let before = times.pop()?;
            let join = self.find(user, before).and_then(|join| self.get(join));
            // If that one's end was told, this is another's.
            if join.is_none_or(|join| !join.has_left()) {
                ended = before;
            }
        }
        if let Some(number) = self.find(user, ended)
            && let Some(join) = self.waiting.edit(&number)
        {
            join.leave();
        }
        Some(Some(ended))
    }

    /// A member who joined at this time is a member no more. Returns whether that is news.
    pub(crate) fn departs(&mut self, user: UserId, joined_at: Timestamp) -> bool {
        let Some(join) = self
            .find(user, joined_at)
            .and_then(|number| self.waiting.edit(&number))
        else {
            return true;
        };
        let is_news = !join.has_left();
        join.leave();
        is_news
    }

    /// Whether a search or a list of members told of a join, and no event has.
    pub(crate) fn is_found(&self, user: UserId, joined_at: Timestamp) -> bool {
        self.recent.is_found((joined_at, user))
    }

    /// When a user joined last, as far as is remembered.
    pub(crate) fn latest_of(&self, user: UserId) -> Option<Timestamp> {
        self.times_of(user).pop()
    }

    /// When a user joined, as far as is remembered, the latest last.
    fn times_of(&self, user: UserId) -> Vec<Timestamp> {
        let mut times = self.recent.times_of(user);
        let waiting = self.numbers.range((user, NEVER)..=(user, EVER));
        times.extend(waiting.map(|((_, joined_at), _)| *joined_at));
        times.sort_unstable();
        times.dedup();
        times
    }

    /// What one join took is not left for another: the way of one was confirmed.
    pub(crate) const fn confirmed(&mut self) {
        self.revision.evidence_changed();
    }

    /// How many joins are known to have used an invite that no step before this one counts.
    pub(crate) fn came_by(&self, code: &InviteCode, open_step: u64) -> u64 {
        let later = self.waiting.values().filter(|join| {
            let origin = join.answer().origin();
            origin.and_then(Origin::code) == Some(code) && join.first_step() >= open_step
        });
        u64::try_from(later.count()).unwrap_or(u64::MAX)
    }

    // What the counts would explain.

    /// Whether the counts would explain a join if nobody else turned up.
    pub(crate) fn is_explained(&self, number: JoinNumber) -> bool {
        self.explained.contains(&number)
    }

    /// Notes for which joins that is so.
    pub(crate) fn explain(&mut self, explained: impl Iterator<Item = JoinNumber>) {
        let decided = self.waiting.iter().filter(|(_, join)| join.is_decided());
        let decided = decided.map(|(number, _)| *number);
        self.explained = explained.chain(decided).collect();
    }

    /// Joins that counts may still explain.
    pub(crate) fn open(&self) -> impl Iterator<Item = &Waiting> {
        self.iter()
            .filter(|(number, join)| {
                !join.is_bot() && join.answer().stated().is_none() && !self.is_explained(*number)
            })
            .map(|(_, join)| join)
    }

    /// Joins of which it has been stated neither how they came nor that this is not known.
    pub(crate) fn unanswered(&self) -> impl Iterator<Item = (UserId, Timestamp)> {
        let open = self.waiting.values().filter(|join| {
            let stated = join.answer().stated().map(Stated::certainty);
            !join.is_bot() && stated.is_none_or(|stated| !stated.is_final())
        });
        open.map(|join| (join.user(), join.joined_at()))
    }

    // Joins that are no longer kept.

    /// No longer keeps a join. Returns from when on counts can be trusted again if too many
    /// are gone to remember all.
    pub(crate) fn drop_join(
        &mut self,
        number: JoinNumber,
        is_vanity: impl FnOnce(&InviteCode) -> bool,
        count_lag: Duration,
    ) -> Option<Timestamp> {
        self.explained.remove(&number);
        let join = self.waiting.remove(&number)?;
        self.numbers.remove(&(join.user(), join.joined_at()));
        if join.is_bot() {
            return None;
        }
        let named = join.named().cloned().map(|code| {
            if is_vanity(&code) {
                Origin::Vanity { code: Some(code) }
            } else {
                Origin::invite(code)
            }
        });
        let origin = named.or(join.answer().origin().cloned());
        if origin.as_ref().is_some_and(|origin| !origin.is_counted()) {
            return None;
        }
        self.dropped.push(Dropped {
            arrived: join.arrived(),
            first_step: join.first_step(),
            last_step: join.last_step(),
            origin,
        });
        if self.dropped.len() <= MAX_DROPPED {
            return None;
        }
        let first = *self.dropped.first_key()?;
        let oldest = self.dropped.remove(&first)?;
        let reach = after(oldest.arrived, count_lag);
        Some(after(reach, Duration::from_micros(1)))
    }

    /// Forgets joins for which no count can move any more. `first` is the first step that
    /// is kept, `next` the next one, and `floor` since when counts have been watched, if they have.
    pub(crate) fn forget_dropped(
        &mut self,
        first: Option<u64>,
        next: u64,
        floor: Option<Timestamp>,
        count_lag: Duration,
    ) {
        self.dropped.extract(|_, dropped| {
            let in_steps =
                first.is_some() && dropped.last_step.is_none_or(|last| Some(last) >= first);
            let later = dropped.last_step.is_none_or(|last| last >= next)
                && floor.is_none_or(|floor| after(dropped.arrived, count_lag) >= floor);
            !in_steps && !later
        });
    }

    pub(crate) fn has_dropped(&self) -> bool {
        !self.dropped.is_empty()
    }

    /// How many joins that are no longer kept a movement may count.
    pub(crate) fn dropped_into(&self, number: u64, moved: &Move, count_lag: Duration) -> u64 {
        let dropped = self.dropped.values().filter(|dropped| {
            dropped.first_step <= number
                && dropped.last_step.is_none_or(|last| number <= last)
                && after(dropped.arrived, count_lag) >= moved.since()
                && dropped
                    .origin
                    .as_ref()
                    .is_none_or(|origin| moved.way().is(origin))
        });
        u64::try_from(dropped.count()).unwrap_or(u64::MAX)
    }

    // Joins that are recognized.

    /// Remembers a join, so that an event that comes again is recognized. Joins since
    /// `gap` are found by searches too. Returns whether so many came that not all of them
    /// can be remembered.
    pub(crate) fn remember(&mut self, join: &Waiting, gap: Option<Timestamp>) -> bool {
        let key = (join.joined_at(), join.user());
        if join.is_found_later() {
            self.recent.add_found(key);
        } else {
            self.recent.add(key);
        }
        self.recent.forget(gap)
    }

    /// The event of a join came that is known. If a search had found it, it may be counted
    /// from now on: returns whether it is no longer kept, so that nobody would know whose
    /// that count is.
    pub(crate) fn event_came(
        &mut self,
        user: UserId,
        joined_at: Timestamp,
        now: Timestamp,
    ) -> bool {
        if !self.recent.event_came((joined_at, user)) {
            return false;
        }
        self.revision.evidence_changed();
        let join = self.find(user, joined_at);
        match join.and_then(|number| self.waiting.edit(&number)) {
            Some(join) => {
                join.arrives(now);
                false
            }
            None => true,
        }
    }

    /// Whether a join that a search finds may have been told and forgotten.
    pub(crate) fn may_have_forgotten(&self, joined_at: Timestamp) -> bool {
        self.recent.may_have_forgotten(joined_at)
    }

    /// The same joins are recognized, but none is waited for any more.
    pub(crate) fn recognized(&self) -> Self {
        Self {
            recent: self.recent.afresh(),
            ..Self::default()
        }
    }

    // Storing.

    /// Collects the parts that changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        changes.entries(&mut self.waiting, |number| format!("join/{number}"));
        changes.entries(&mut self.dropped, |number| format!("gone/{number}"));
        self.recent.take_changed(changes);
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut joins = Self {
            recent: Recent::restore(parts)?,
            ..Self::default()
        };
        parts.entries("join/", &mut joins.waiting, |number| number.parse().ok())?;
        let named = |join: &Waiting| (join.user(), join.joined_at());
        joins.numbers = joins
            .iter()
            .map(|(number, join)| (named(join), number))
            .collect();
        parts.entries("gone/", &mut joins.dropped, |number| number.parse().ok())?;
        Ok(joins)
    }
}
