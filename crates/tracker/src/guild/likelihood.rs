//! How likely the times of movements are, and what answers teach of that.

use guestlist_model::Timestamp;

use super::weigh::Problem;
use super::{Guild, Now};
use crate::counts::{Move, Step};
use crate::joins::{JoinNumber, Waiting};
use crate::record::Candidate;
use crate::solve::Joiner;

/// How likely a count that is said to have been looked at in time was not, or not well.
const OVERSEEN: f64 = 0.12;

impl Guild {
    /// How likely the times of these movements are, if they moved for this join.
    pub(super) fn chances<'a>(
        &self,
        moves: impl Iterator<Item = (&'a Step, &'a Move)>,
        join: &Waiting,
    ) -> Vec<f64> {
        if join.is_found_later() {
            // When its event would have come is not known.
            return Vec::new();
        }
        moves
            .map(|(step, moved)| {
                (1.0 - self.shares.other()) * self.delays.chance(delay(step, moved, join))
            })
            .collect()
    }

    /// How likely a join has moved no count that was looked at since.
    pub(super) fn chance_of_none(&self, join: &Waiting) -> f64 {
        let other = self.shares.other();
        other + (1.0 - other) * (1.0 - self.chance_of_shown(join))
    }

    /// How likely a join that seems to have moved no count came by a way that is counted.
    pub(super) fn chance_of_unshown(&self, join: &Waiting) -> f64 {
        let late = (1.0 - self.shares.other()) * (1.0 - self.chance_of_shown(join));
        let unshown = late / self.chance_of_none(join).max(f64::MIN_POSITIVE);
        unshown + (1.0 - unshown) * OVERSEEN
    }

    /// How likely the use of a join shows in the counts that were looked at, if it is counted.
    fn chance_of_shown(&self, join: &Waiting) -> f64 {
        let last = self.counts.steps().next_back();
        let looked = last.map(|(_, step)| step.received());
        let looked = looked.filter(|_| !join.is_found_later());
        looked.map_or(1.0, |at| {
            self.delays.chance((f64::MIN, seconds(join.arrived(), at)))
        })
    }

    /// Learns how long before or after its event a join was counted that is confirmed or
    /// deduced now, if just one movement may be its own.
    pub(super) fn learn_delay(&mut self, now: Now<'_>, number: JoinNumber) {
        if let Some(between) = self.own_delay(now, number) {
            self.delays.learn(between, 1.0);
        }
    }

    /// Learns the same from what is likely: of each candidate as much as it weighs.
    pub(super) fn learn_likely(&mut self, learnt: Vec<((f64, f64), f64)>) {
        for (between, share) in learnt {
            self.delays.learn(between, share);
        }
    }

    /// What the candidates of a join teach of how late it was counted, each with its share.
    pub(super) fn likely_delays(
        &self,
        problem: &Problem<'_>,
        join: &Waiting,
        joiner: &Joiner,
        candidates: &[Candidate],
    ) -> Vec<((f64, f64), f64)> {
        if join.is_found_later() {
            return Vec::new();
        }
        let mut learnt = Vec::new();
        for candidate in candidates {
            let own = problem
                .fitting(joiner)
                .filter(|(_, moved)| moved.way().is(&candidate.origin) && !moved.is_end());
            let own: Vec<((f64, f64), f64)> = own
                .map(|(step, moved)| delay(step, moved, join))
                .map(|between| (between, self.delays.chance(between)))
                .collect();
            let total: f64 = own.iter().map(|(_, chance)| chance).sum();
            let shares = own.into_iter().map(|(between, chance)| {
                (
                    between,
                    candidate.weight * chance / total.max(f64::MIN_POSITIVE),
                )
            });
            learnt.extend(shares);
        }
        learnt
    }

    fn own_delay(&self, now: Now<'_>, number: JoinNumber) -> Option<(f64, f64)> {
        let join = self.joins.get(number)?;
        if join.is_found_later() {
            return None;
        }
        let mut own = None;
        for (number, step) in self.counts.steps() {
            for moved in step.moves().iter().filter(|moved| !moved.is_end()) {
                if !self.may_count(now, number, moved, join) {
                    continue;
                }
                if own.is_some() {
                    return None;
                }
                own = Some(delay(step, moved, join));
            }
        }
        own
    }
}

/// Between which delays, in seconds, a count rose, if it rose for this join.
fn delay(step: &Step, moved: &Move, join: &Waiting) -> (f64, f64) {
    let event = join.arrived();
    let (from, to) = step.likely_between(moved);
    (seconds(event, from), seconds(event, to))
}

/// How much later the second moment is, in seconds.
pub(super) fn seconds(from: Timestamp, to: Timestamp) -> f64 {
    let millis = to.as_millis().saturating_sub(from.as_millis());
    f64::from(i32::try_from(millis).unwrap_or(i32::MAX)) / 1000.0
}
