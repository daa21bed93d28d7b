//! When a join is answered, and with what if there is no one answer.

use std::time::Duration;

use guestlist_model::Timestamp;

use super::temper::temper;
use super::weigh::{Problem, origin_of};
use super::{Guild, Now, Out};
use crate::config::{Config, ConfirmPolicy};
use crate::counts::{Source, Way};
use crate::endpoints::{Refusal, Which};
use crate::evidence::Evidence;
use crate::joins::Waiting;
use crate::record::{Candidate, Certainty, Origin, Reason};
use crate::solve::{Joiner, Verdict};
use crate::time::{NEVER, after, before};

/// Candidates that an answer lists.
const MAX_CANDIDATES: usize = 25;
/// No candidate is given less: what is possible may be true.
const LEAST_WEIGHT: f64 = 0.001;
/// Below this weight, it is hardly doubted that a join moved a count.
const LITTLE_DOUBT: f64 = 0.15;
/// For so long a count that nobody can explain may be that of a join whose event is late.
const RECENT: Duration = Duration::from_secs(600);
/// Movements of counts that an answer lists as evidence.
const MAX_EVIDENCE: usize = 20;

impl Guild {
    /// States what is deduced, unless a confirmation is on its way.
    pub(super) fn state_deduced(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        for number in self.joins.numbers() {
            let Some(join) = self.joins.get(number) else {
                continue;
            };
            let Some(held) = join.answer().held().cloned() else {
                continue;
            };
            let until = after(join.waits_from(), now.config().deduce_hold);
            if self.awaits_search(now.config(), now.at(), join) && now.at() < until {
                self.wake_at(until);
                continue;
            }
            let (certainty, evidence) = held.into_statement();
            self.state_answer(now, out, number, certainty, evidence);
        }
    }

    /// Answers the joins about which no more can be found out.
    pub(super) fn conclude(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        let mut over = Vec::new();
        let mut wake = Vec::new();
        for (number, join) in self.joins.iter() {
            let answer = join.answer();
            if join.is_bot() || answer.stated().is_some() || answer.held().is_some() {
                continue;
            }
            if !self.counts_are_over(now, join) {
                wake.push(after(join.waits_from(), now.config().patience));
            } else if self.awaits_search(now.config(), now.at(), join) {
                wake.push(unanswered_at(now.config(), join));
            } else {
                over.push(number);
            }
        }
        if let Some(at) = wake.into_iter().min() {
            self.wake_at(at);
        }
        if over.is_empty() {
            return;
        }
        // A count that is not final is not proof of anything, and still a possible way.
        let problem = self.problem(now, true).so_far();
        let solution = problem.weigh(self);
        let mut answers = Vec::new();
        let mut learnt = Vec::new();
        let mut counted = Vec::new();
        for (number, joiner, verdict) in problem.verdicts(&solution) {
            if over.binary_search(&number).is_ok()
                && let Some(join) = self.joins.get(number)
            {
                let (certainty, evidence) = self.best_guess(now, &problem, join, joiner, verdict);
                let candidates = certainty.candidates();
                learnt.extend(self.likely_delays(&problem, join, joiner, candidates));
                counted.extend(is_counted(&certainty));
                answers.push((number, certainty, evidence));
            }
        }
        self.learn_likely(learnt);
        for is_counted in counted {
            self.shares.learn(is_counted);
        }
        for (number, certainty, evidence) in answers {
            self.state_answer(now, out, number, certainty, evidence);
        }
    }

    /// The candidates for a join, or why there are none.
    fn best_guess(
        &self,
        now: Now<'_>,
        problem: &Problem<'_>,
        join: &Waiting,
        joiner: &Joiner,
        verdict: &Verdict,
    ) -> (Certainty, Vec<Evidence>) {
        match self.weighed(now, problem, join, joiner, verdict) {
            Some((candidates, evidence)) => (Certainty::Ambiguous(candidates), evidence),
            None => {
                let reason = self.why_unknown(now, join);
                let is_known = now.config().trusts_counts() || reason.is_told();
                let reason = if is_known { reason } else { Reason::Unproven };
                (Certainty::Unknown(reason), Vec::new())
            }
        }
    }

    /// The candidates for a join and what they rest on, if any count may have moved for
    /// it.
    pub(super) fn weighed(
        &self,
        now: Now<'_>,
        problem: &Problem<'_>,
        join: &Waiting,
        joiner: &Joiner,
        verdict: &Verdict,
    ) -> Option<(Vec<Candidate>, Vec<Evidence>)> {
        let mut candidates = candidates(problem, verdict, self.chance_of_unshown(join));
        let more = candidates.len().saturating_sub(MAX_CANDIDATES);
        candidates.truncate(MAX_CANDIDATES);
        share_out(&mut candidates);
        temper(&mut candidates);
        candidates.sort_by(|a, b| b.weight.total_cmp(&a.weight));
        let mut origins = candidates.iter().map(|candidate| &candidate.origin);
        if origins.all(|origin| *origin == Origin::Unseen) {
            return None;
        }
        let is_listed = |way: &Way| {
            let mut listed = candidates.iter();
            listed.any(|candidate| way.is(&candidate.origin))
        };
        let mut evidence: Vec<Evidence> = problem
            .fitting(joiner)
            .filter(|(_, moved)| is_listed(moved.way()))
            .map(|(step, moved)| moved.evidence(step.received(), self.is_exhausted(moved)))
            .take(MAX_EVIDENCE)
            .collect();
        if let Ok(ways @ 1..) = u64::try_from(more) {
            evidence.push(Evidence::MoreWays { ways });
        }
        if !now.config().trusts_counts() || self.is_uncompared(now, join) {
            evidence.push(Evidence::Uncompared);
        }
        Some((candidates, evidence))
    }

    /// Whether the use of a join may be in a count that was not compared with an earlier one.
    fn is_uncompared(&self, now: Now<'_>, join: &Waiting) -> bool {
        join.is_blind()
            || join.is_found_later()
            || self.counts.uses_hidden()
            || self.counts.is_distrusted_at(join.arrived())
            || self.counts.was_unexplained_since(before(now.at(), RECENT))
    }

    /// Whether counts can tell no more about a join.
    fn counts_are_over(&self, now: Now<'_>, join: &Waiting) -> bool {
        let seen = Some(after(join.arrived(), now.config().count_lag));
        let is_refused = |which| self.endpoints.refused(which, now.at()).is_some();
        let is_listed = seen <= self.counts.covered(Source::List) || is_refused(Which::List);
        let is_vanity_counted = self.vanity.code().is_none()
            || seen <= self.counts.covered(Source::Vanity)
            || is_refused(Which::Vanity);
        let awaits_audit = !is_refused(Which::Audit) && self.ends.awaits_audit();
        (is_listed && is_vanity_counted && !awaits_audit)
            || now.at() >= after(join.waits_from(), now.config().patience)
    }

    /// Whether a member will still be searched for.
    pub(super) fn will_search(&self, config: &Config, now: Timestamp, join: &Waiting) -> bool {
        let is_wanted = match config.confirm {
            ConfirmPolicy::Always => true,
            ConfirmPolicy::WhenAmbiguous => !join.is_decided(),
            ConfirmPolicy::Never => false,
        };
        (is_wanted || (join.is_found_later() && !join.is_decided()))
            && !join.is_bot()
            && !join.has_left()
            && !join.is_asked_out()
            && join.answer().confirmed().is_none()
            && self.endpoints.refused(Which::Search, now).is_none()
            && now.max(self.endpoints.rests_until(Which::Search).unwrap_or(now))
                < unanswered_at(config, join)
    }

    /// Whether a member will be searched for so soon that an answer waits for it.
    fn awaits_search(&self, config: &Config, now: Timestamp, join: &Waiting) -> bool {
        self.will_search(config, now, join) && !self.endpoints.is_doubtful(Which::Search)
    }

    /// Whether nothing more will be found out about a join.
    pub(super) fn is_done(&self, config: &Config, now: Timestamp, join: &Waiting) -> bool {
        if join.is_bot() {
            return join.answer().confirmed().is_some()
                || join.is_asked_out()
                || now >= unanswered_at(config, join);
        }
        join.answer().stated().is_some() && !self.will_search(config, now, join)
    }

    fn why_unknown(&self, now: Now<'_>, join: &Waiting) -> Reason {
        let is_covered = Some(join.arrived()) <= self.counts.covered(Source::List);
        let missed = !self.presence.is_live()
            || (!join.is_blind() && self.counts.is_distrusted_at(join.arrived()));
        match self.endpoints.refused(Which::List, now.at()) {
            Some(Refusal::Forbidden) if !is_covered => return Reason::MissingPermission,
            Some(Refusal::Absent) if !is_covered => return Reason::Unreachable,
            _ => {}
        }
        if join.is_found_later() || missed {
            Reason::Offline
        } else if self.counts.uses_hidden() {
            Reason::UsesHidden
        } else if join.is_blind() {
            Reason::NoBaseline
        } else if !is_covered {
            Reason::Unreachable
        } else if self.counts.was_unexplained_since(before(now.at(), RECENT)) {
            Reason::Contradiction
        } else {
            Reason::NoCountMoved
        }
    }
}

/// From when on the times count within which a search is to answer: again, once it has told
/// of somebody what it is to repeat.
pub(super) fn asked_from(config: &Config, join: &Waiting) -> Timestamp {
    let told = join.told_since();
    let again = told.map(|since| after(since, config.rejoin_lag));
    join.waits_from().max(again.unwrap_or(NEVER))
}

/// When asking about a member is over even if no reply ever came.
pub(super) fn unanswered_at(config: &Config, join: &Waiting) -> Timestamp {
    after(
        asked_from(config, join),
        config.confirm_limit.saturating_mul(2),
    )
}

/// The candidates that a verdict leaves. `unshown` is how likely a join that moved none of
/// the counts used one of these ways nevertheless.
fn candidates(problem: &Problem<'_>, verdict: &Verdict, unshown: f64) -> Vec<Candidate> {
    let mut ways = match verdict {
        Verdict::Unique(way) => vec![(Some(*way), 1.0)],
        Verdict::Several(ways) => ways.clone(),
        Verdict::Nothing => Vec::new(),
    };
    let none = ways.iter().find(|(way, _)| way.is_none());
    let none = none.map_or(0.0, |(_, weight)| *weight);
    let listed = ways.iter().filter_map(|(way, _)| *way);
    let listed: f64 = listed.map(|way| problem.popularity(way)).sum();
    for (way, weight) in &mut ways {
        *weight += none
            * unshown
            * match way {
                Some(way) => problem.popularity(*way),
                None => -listed,
            };
    }
    ways.sort_by(|a, b| b.1.total_cmp(&a.1));
    ways.into_iter()
        .map(|(way, weight)| {
            let way = way.and_then(|way| problem.way(way));
            Candidate::new(origin_of(way), weight.max(LEAST_WEIGHT))
        })
        .collect()
}

/// Makes the weights add up to 1.
fn share_out(candidates: &mut [Candidate]) {
    let total: f64 = candidates.iter().map(|candidate| candidate.weight).sum();
    for candidate in candidates {
        candidate.weight /= total.max(f64::MIN_POSITIVE);
    }
}

/// Whether a join moved a count, if its answer leaves little doubt. One that leaves more
/// teaches nothing: it would confirm what is believed.
fn is_counted(certainty: &Certainty) -> Option<bool> {
    match certainty {
        Certainty::Unknown(Reason::NoCountMoved) => Some(false),
        Certainty::Ambiguous(candidates) => {
            let is_other = |candidate: &&Candidate| candidate.origin == Origin::Unseen;
            let others = candidates.iter().filter(is_other);
            let other: f64 = others.map(|candidate| candidate.weight).sum();
            (other <= LITTLE_DOUBT).then_some(true)
        }
        _ => None,
    }
}
