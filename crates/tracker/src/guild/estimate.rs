//! First answers, stated while evidence still comes in.

use super::stating::told;
use super::{Guild, Now, Out};
use crate::attribution::{Attribution, Candidate, Certainty};
use crate::endpoints::Which;
use crate::evidence::Evidence;
use crate::joins::{Estimate, JoinNumber, Waiting};
use crate::record::{Origin, Record};
use crate::solve::Verdict;
use crate::time::after;

/// Provisional answers of one join.
const MAX_ESTIMATES: u32 = 5;
/// How likely the count of a join may be late before it is put down to a way without one.
const MAY_BE_LATE: f64 = 1.0 / 3.0;

impl Guild {
    /// States provisionally what the counts say so far of joins without an answer, and
    /// states it again where it reads differently now.
    pub(super) fn estimate(&mut self, now: Now<'_>, out: &mut Out<'_>) {
        // While the connection is down, anybody may have come.
        if !now.config().provisional || !self.presence.is_live() || !self.counts.has_moved() {
            return;
        }
        let waiting: Vec<JoinNumber> = self
            .joins
            .iter()
            .filter(|(number, join)| self.is_to_be_estimated(now, *number, join))
            .map(|(number, _)| number)
            .collect();
        if waiting.is_empty() {
            return;
        }
        let problem = self.problem(now, true).so_far();
        let solution = problem.weigh(self);
        let mut estimates = Vec::new();
        for (number, joiner, verdict) in problem.verdicts(&solution) {
            // What nothing else is left for is deduced, and stated as that.
            if matches!(verdict, Verdict::Several(_))
                && waiting.binary_search(&number).is_ok()
                && let Some(join) = self.joins.get(number)
                && let Some((candidates, evidence)) =
                    self.weighed(now, &problem, join, joiner, verdict)
                && !self.is_premature(now, join, &candidates)
                && let Some(estimate) = changed(join, &candidates)
            {
                estimates.push((number, estimate, candidates, evidence));
            }
        }
        for (number, estimate, candidates, evidence) in estimates {
            self.state_estimate(now, out, number, estimate, candidates, evidence);
        }
    }

    /// Whether a join waits for an answer, and all has been looked at that can be at once.
    fn is_to_be_estimated(&self, now: Now<'_>, number: JoinNumber, join: &Waiting) -> bool {
        let answer = join.answer();
        let is_counted = self.vanity.code().is_none()
            || self.vanity.counted() >= Some(join.arrived())
            || self.joins.is_explained(number)
            || self.endpoints.refused(Which::Vanity, now.at()).is_some();
        !join.is_bot()
            && !join.is_found_later()
            && answer.stated().is_none()
            && answer.held().is_none()
            && self.counts.listed() >= Some(join.arrived())
            && is_counted
            && join.next_revision() < MAX_ESTIMATES
    }

    /// Whether it is too early to put a join down to a way that moves no count: its count may
    /// well be late.
    fn is_premature(&self, now: Now<'_>, join: &Waiting, candidates: &[Candidate]) -> bool {
        let heaviest = candidates.first().map(|candidate| &candidate.origin);
        join.estimate().is_none()
            && heaviest == Some(&Origin::Unseen)
            && now.at() < after(join.arrived(), now.config().count_lag)
            && self.chance_of_unshown(join) > MAY_BE_LATE
    }

    fn state_estimate(
        &mut self,
        now: Now<'_>,
        out: &mut Out<'_>,
        number: JoinNumber,
        estimate: Estimate,
        candidates: Vec<Candidate>,
        evidence: Vec<Evidence>,
    ) {
        let guild = self.id;
        let Some(join) = self.joins.edit(number) else {
            return;
        };
        let certainty = Certainty::Provisional(candidates);
        if join.estimate().is_none() {
            out.stats().count_answer(None, &certainty);
        }
        let attribution = Attribution::new(join.key(guild), certainty, now.local())
            .with_evidence(told(now, &evidence))
            .with_revision(estimate.revision());
        join.estimated(estimate);
        out.state(Record::Attribution(attribution));
    }
}

/// What is to be stated of these candidates, if it reads differently from what was.
fn changed(join: &Waiting, candidates: &[Candidate]) -> Option<Estimate> {
    let heaviest = candidates.first()?;
    let likely = heaviest.weight >= Candidate::LIKELY;
    let origin: &Origin = &heaviest.origin;
    let reads_the_same = join
        .estimate()
        .is_some_and(|estimate| estimate.reads_as(origin, likely));
    (!reads_the_same).then(|| Estimate::new(join.next_revision(), origin.clone(), likely))
}
