//! The totals of a run.

use std::collections::BTreeMap;
use std::fmt;

use guestlist_tracker::Certainty;

use super::weights::AllWeights;

/// Counts over one or many runs.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Joins that happened.
    pub joins: u64,
    /// Joins whose event was delivered.
    pub told: u64,
    /// How many answers were confirmed, deduced, ambiguous and unknown.
    pub answers: [u64; 4],
    /// Joins without an event that the tracker did not find either.
    pub missed: u64,
    /// Ambiguous answers whose heaviest candidate is true.
    pub heaviest_right: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests by their kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// Joins with a provisional answer.
    pub first_answers: u64,
    /// First provisional answers whose heaviest candidate is true.
    pub first_right: u64,
    /// First provisional answers within half a second.
    pub first_within_half: u64,
    /// The weights of candidates, and how many of them were true.
    pub weights: AllWeights,
}

impl Counts {
    pub(super) fn count(&mut self, told: bool, answer: Option<&Certainty>) {
        self.joins += 1;
        self.told += u64::from(told);
        match answer {
            Some(Certainty::Confirmed(_)) => self.answers[0] += 1,
            Some(Certainty::Deduced(_)) => self.answers[1] += 1,
            Some(Certainty::Ambiguous(_)) => self.answers[2] += 1,
            Some(Certainty::Unknown(_)) => self.answers[3] += 1,
            Some(Certainty::Provisional(_)) | None => self.missed += 1,
        }
    }

    /// Adds the counts of another run.
    pub fn add(&mut self, other: &Self) {
        self.joins += other.joins;
        self.told += other.told;
        self.missed += other.missed;
        self.heaviest_right += other.heaviest_right;
        self.requests += other.requests;
        for (all, one) in self.answers.iter_mut().zip(other.answers) {
            *all += one;
        }
        for (kind, count) in &other.by_kind {
            *self.by_kind.entry(kind).or_default() += count;
        }
        self.first_answers += other.first_answers;
        self.first_right += other.first_right;
        self.first_within_half += other.first_within_half;
        self.weights.merge(&other.weights);
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [confirmed, deduced, ambiguous, unknown] = self.answers;
        write!(
            f,
            "{} joins ({} told): {confirmed} confirmed, {deduced} deduced, {ambiguous} ambiguous \
             ({} with the truth first), {unknown} unknown, {} missed; {} first answers ({} with the \
             truth first, {} within 0.5 s); {} requests {:?}",
            self.joins,
            self.told,
            self.heaviest_right,
            self.missed,
            self.first_answers,
            self.first_right,
            self.first_within_half,
            self.requests,
            self.by_kind
        )
    }
}
