//! Forgetting what is no longer needed, without losing what it still means.

use std::time::Duration;

use super::{Guild, Now, Out};
use crate::counts::Source;
use crate::joins::{JoinNumber, Waiting};
use crate::record::{Origin, Reason};
use crate::time::after;

/// A join that needs nothing more is kept no longer than this.
const KEEP: Duration = Duration::from_secs(600);

impl Guild {
    /// Forgets what is no longer needed.
    pub(super) fn prune(&mut self, now: Now<'_>) {
        let first = self.first_step(|join| self.is_open(now, join));
        let gone: Vec<JoinNumber> = self
            .joins
            .iter()
            .filter(|(_, join)| {
                self.is_done(now.config(), now.at(), join)
                    && !self.gap.is_listed(join.user(), join.joined_at())
                    && (join.is_bot() || self.is_idle(now, join, first))
            })
            .map(|(number, _)| number)
            .collect();
        for number in gone {
            self.drop_join(now, number);
        }
        // A join that was counted must not be taken for the cause of a later movement.
        let kept = self.first_step(|join| {
            self.is_open(now, join) || (join.is_counted() && !join.is_matched())
        });
        self.counts.forget_steps_before(kept);
        self.forget_dropped(now);
    }

    /// Whether something may still be found out about a join of a human.
    fn is_open(&self, now: Now<'_>, join: &Waiting) -> bool {
        !join.is_bot() && !self.is_done(now.config(), now.at(), join)
    }

    /// The first step that may count one of these joins.
    fn first_step(&self, is_meant: impl Fn(&Waiting) -> bool) -> u64 {
        let meant = self.joins.iter().filter(|(_, join)| is_meant(join));
        let first = meant.map(|(_, join)| join.first_step()).min();
        first.unwrap_or(u64::MAX)
    }

    /// Whether a join that is done helps to answer no other. `first` is the first step that
    /// those without an answer need.
    fn is_idle(&self, now: Now<'_>, join: &Waiting, first: u64) -> bool {
        let from = join.first_step().max(first);
        let is_counted = self.counts.steps().any(|(number, step)| {
            number >= join.first_step()
                && (!step.is_final()
                    || (number >= from
                        && step
                            .moves()
                            .iter()
                            .any(|moved| self.may_count(now, number, moved, join))))
        });
        let is_uncountable = join.is_matched() || self.is_covered(now, join) || join.is_uncounted();
        let is_old = now.at() >= after(join.arrived(), KEEP);
        (!is_counted && is_uncountable) || is_old
    }

    /// Whether the final answers must have counted the use of this join, if it is counted.
    pub(super) fn is_covered(&self, now: Now<'_>, join: &Waiting) -> bool {
        let source = match join.answer().origin() {
            Some(Origin::Vanity { .. }) => Source::Vanity,
            _ => Source::List,
        };
        let late = after(join.arrived(), now.config().count_lag);
        Some(late) <= self.counts.covered(source)
    }

    fn drop_join(&mut self, now: Now<'_>, number: JoinNumber) {
        let vanity = &self.vanity;
        let is_vanity = |code: &_| vanity.is(code);
        let count_lag = now.config().count_lag;
        let lost = self.joins.drop_join(number, is_vanity, count_lag);
        if let Some(at) = lost {
            self.counts.distrust_before(at);
        }
    }

    fn forget_dropped(&mut self, now: Now<'_>) {
        if !self.joins.has_dropped() {
            return;
        }
        let floor = [self.counts.earliest(), self.vanity.counted()];
        let floor = floor.into_iter().flatten().min();
        let first = self.counts.steps().map(|(number, _)| number).next();
        let next = self.counts.next_step();
        let count_lag = now.config().count_lag;
        self.joins.forget_dropped(first, next, floor, count_lag);
    }

    /// Keeps the number of joins in bounds.
    pub(super) fn make_room(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        while self.joins.len() > now.config().max_joins.max(1) {
            let is_done = |join: &Waiting| self.is_done(now.config(), now.at(), join);
            let done = self.joins.iter().find(|(_, join)| is_done(join));
            let Some((oldest, join)) = done.or(self.joins.iter().next()) else {
                return;
            };
            if join.answer().stated().is_none() {
                self.give_up(now, out, oldest, Reason::TooMany);
            }
            self.drop_join(now, oldest);
        }
    }
}
