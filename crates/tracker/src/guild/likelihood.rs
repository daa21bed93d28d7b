//! How likely the times of movements are, and what answers teach of that.

use guestlist_model::Timestamp;

use super::weigh::Problem;
use super::{Guild, Now};
use crate::counts::{Move, Step, Way};
use crate::delays::Delays;
use crate::joins::{JoinNumber, Waiting};
use crate::record::Candidate;
use crate::solve::{Joiner, Solution, Verdict};

/// How likely a count that is said to have been looked at in time was not, or not well.
const OVERSEEN: f64 = 0.12;

impl Guild {
    /// How likely the times of these movements are, if they moved for this join and counts
    /// have these delays.
    pub(super) fn chances<'a>(
        &self,
        delays: &Delays,
        moves: impl Iterator<Item = (&'a Step, &'a Move)>,
        join: &Waiting,
    ) -> Vec<f64> {
        if join.is_found_later() {
            // When its event would have come is not known.
            return Vec::new();
        }
        // Most of what moved in a step moved in the same time.
        let mut last: Option<((f64, f64), f64)> = None;
        moves
            .map(|(step, moved)| {
                let between = delay(step, moved, join);
                let chance = match last {
                    Some((same, chance)) if same == between => chance,
                    _ => (1.0 - self.shares.other()) * delays.chance(between),
                };
                last = Some((between, chance));
                chance
            })
            .collect()
    }

    /// How likely a join has moved no count that was looked at since.
    pub(super) fn chance_of_none(&self, delays: &Delays, join: &Waiting) -> f64 {
        let other = self.shares.other();
        other + (1.0 - other) * (1.0 - self.chance_of_shown(delays, join))
    }

    /// How likely a join that seems to have moved no count came by a way that is counted.
    pub(super) fn chance_of_unshown(&self, join: &Waiting) -> f64 {
        let delays = &self.delays;
        let late = (1.0 - self.shares.other()) * (1.0 - self.chance_of_shown(delays, join));
        let unshown = late / self.chance_of_none(delays, join).max(f64::MIN_POSITIVE);
        unshown + (1.0 - unshown) * OVERSEEN
    }

    /// How likely the use of a join shows in the counts that were looked at, if it is counted.
    fn chance_of_shown(&self, delays: &Delays, join: &Waiting) -> f64 {
        let last = self.counts.steps().next_back();
        let looked = last.map(|(_, step)| step.received());
        let looked = looked.filter(|_| !join.is_found_later());
        looked.map_or(1.0, |at| {
            delays.chance((f64::MIN, seconds(join.arrived(), at)))
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
        let mut learnt = Vec::new();
        for candidate in candidates {
            let is_own = |way: &Way| way.is(&candidate.origin);
            let weight = candidate.weight;
            learnt.extend(delays_of(
                &self.delays,
                problem,
                join,
                joiner,
                is_own,
                weight,
            ));
        }
        learnt
    }

    /// What is known of delays, and what joins that have no answer yet teach of them if this
    /// is how likely each way is for each. Joins of the same minutes have delays that are alike,
    /// which no single one of them shows.
    pub(super) fn refined(&self, problem: &Problem<'_>, solution: &Solution) -> Delays {
        let mut refined = self.delays.clone();
        for (number, joiner, verdict) in problem.verdicts(solution) {
            let Some(join) = self.joins.get(number) else {
                continue;
            };
            let Verdict::Several(ways) = verdict else {
                continue;
            };
            if join.is_decided() || join.answer().stated().is_some() {
                continue;
            }
            for (way, weight) in ways {
                let Some(way) = way.and_then(|way| problem.way(way)) else {
                    continue;
                };
                let is_own = |other: &Way| other.key() == way.key();
                let own = delays_of(&self.delays, problem, join, joiner, is_own, *weight);
                for (between, share) in own {
                    refined.learn(between, share);
                }
            }
        }
        refined
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

/// Between which delays a join was counted if it came one way, with the share of each of that
/// way's movements in what the way weighs.
fn delays_of(
    delays: &Delays,
    problem: &Problem<'_>,
    join: &Waiting,
    joiner: &Joiner,
    is_own: impl Fn(&Way) -> bool,
    weight: f64,
) -> Vec<((f64, f64), f64)> {
    if join.is_found_later() {
        return Vec::new();
    }
    let own = problem.fitting(joiner);
    let own = own.filter(|(_, moved)| is_own(moved.way()) && !moved.is_end());
    let own = own.map(|(step, moved)| delay(step, moved, join));
    let own: Vec<_> = own
        .map(|between| (between, delays.chance(between)))
        .collect();
    let total: f64 = own.iter().map(|(_, chance)| chance).sum();
    let share = |chance: f64| weight * chance / total.max(f64::MIN_POSITIVE);
    own.into_iter()
        .map(|(between, chance)| (between, share(chance)))
        .collect()
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
