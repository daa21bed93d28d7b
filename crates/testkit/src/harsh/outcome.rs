//! What a run came to.

use std::collections::BTreeMap;
use std::fmt;

use guestlist_tracker::Certainty;

/// How many candidates, how many of them true, and what their weights add up to.
type Bin = (u64, u64, f64);

/// Counts over one or many runs.
#[derive(Clone, Debug, Default)]
pub struct Counts {
    /// Joins that happened.
    pub joins: u64,
    /// Joins whose event was handed over.
    pub told: u64,
    /// Of the joins that were answered: how many confirmed, deduced, ambiguous, unknown.
    pub answers: [u64; 4],
    /// Joins whose event never came, and which were not found either.
    pub missed: u64,
    /// Of the ambiguous answers: how many whose heaviest candidate is true.
    pub heaviest_right: u64,
    /// Requests sent.
    pub requests: u64,
    /// Requests by their kind.
    pub by_kind: BTreeMap<&'static str, u64>,
    /// Candidates by tenths of their weight.
    pub bins: [Bin; 10],
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
            None => self.missed += 1,
        }
    }

    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a weight is from 0 to 1"
    )]
    pub(super) fn weigh(&mut self, weight: f64, is_true: bool) {
        let bin = &mut self.bins[((weight * 10.0) as usize).min(9)];
        bin.0 += 1;
        bin.1 += u64::from(is_true);
        bin.2 += weight;
    }

    /// Adds another run's.
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
        for (all, one) in self.bins.iter_mut().zip(other.bins) {
            all.0 += one.0;
            all.1 += one.1;
            all.2 += one.2;
        }
    }
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let [confirmed, deduced, ambiguous, unknown] = self.answers;
        write!(
            f,
            "{} joins ({} told): {confirmed} confirmed, {deduced} deduced, {ambiguous} ambiguous \
             ({} with the truth first), {unknown} unknown, {} missed; {} requests {:?}",
            self.joins, self.told, self.heaviest_right, self.missed, self.requests, self.by_kind
        )
    }
}
