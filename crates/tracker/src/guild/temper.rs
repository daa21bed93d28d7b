//! Weights made as modest as they have to be.
//!
//! The weights of the solver rest on a model of Discord: that uses are somebody's who is known,
//! that delays are alike. Where the model does not hold, they are too sure, on either side. By
//! how much was fitted in the independent world of the test kit, which breaks the model often;
//! `--example calibration` holds it against other seeds.

use crate::record::{Candidate, Origin};

/// How sure the solver's word is between the ways that are counted, from 0 (not at all) to 1
/// (as it says).
const SURE_OF_WAY: f64 = 0.8;
/// The same between these and the ways that move no count.
const SURE_OF_OTHER: f64 = 0.7;
/// How much the solver prefers the ways that move no count, in logarithmic odds.
const BIAS_TO_OTHER: f64 = 0.05;
/// No odds are taken for higher.
const HIGHEST: f64 = 1e6;

/// Makes weights, which add up to 1, as sure as they have turned out to be. They still do
/// then, and the heaviest of the counted ways remains the heaviest of them.
pub(super) fn temper(candidates: &mut [Candidate]) {
    let is_other = |candidate: &Candidate| candidate.origin == Origin::Unseen;
    let other = sum(candidates, is_other);
    let counted = sum(candidates, |candidate| !is_other(candidate));
    if counted <= 0.0 {
        return;
    }
    let odds = (other / counted).clamp(1.0 / HIGHEST, HIGHEST);
    let odds = odds.powf(SURE_OF_OTHER) * (-BIAS_TO_OTHER).exp();
    let other = if other > 0.0 {
        odds / (1.0 + odds)
    } else {
        0.0
    };
    for candidate in &mut *candidates {
        candidate.weight = if is_other(candidate) {
            other
        } else {
            candidate.weight.powf(SURE_OF_WAY)
        };
    }
    let counted = sum(candidates, |candidate| !is_other(candidate));
    for candidate in candidates {
        if !is_other(candidate) {
            candidate.weight *= (1.0 - other) / counted.max(f64::MIN_POSITIVE);
        }
    }
}

fn sum(candidates: &[Candidate], of: impl Fn(&Candidate) -> bool) -> f64 {
    let these = candidates.iter().filter(|candidate| of(candidate));
    these.map(|candidate| candidate.weight).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn candidates(ways: &[f64], other: Option<f64>) -> Vec<Candidate> {
        let vanity = |weight: &f64| Candidate::new(Origin::Vanity { code: None }, *weight);
        let mut all: Vec<Candidate> = ways.iter().map(vanity).collect();
        all.extend(other.map(|weight| Candidate::new(Origin::Unseen, weight)));
        all
    }

    fn tempered(ways: &[f64], other: Option<f64>) -> Vec<f64> {
        let mut all = candidates(ways, other);
        temper(&mut all);
        let weights: Vec<f64> = all.iter().map(|candidate| candidate.weight).collect();
        assert!(
            (weights.iter().sum::<f64>() - 1.0).abs() < 1e-9,
            "{weights:?}"
        );
        weights
    }

    #[test]
    fn what_is_sure_becomes_less_so_on_either_side() {
        assert!(tempered(&[0.99], Some(0.01))[1] > 0.03);
        assert!(tempered(&[0.01], Some(0.99))[1] < 0.97);
        let [heavy, light] = tempered(&[0.9, 0.1], None)[..] else {
            unreachable!();
        };
        assert!(heavy < 0.9 && heavy > 0.8 && light > 0.1);
    }

    #[test]
    fn what_is_alike_stays_alike() {
        for weight in tempered(&[0.25; 4], None) {
            assert!((weight - 0.25).abs() < 1e-9);
        }
    }

    #[test]
    fn one_way_alone_stays_what_it_is() {
        assert_eq!(tempered(&[1.0], None), [1.0]);
        assert_eq!(tempered(&[], Some(1.0)), [1.0]);
    }

    #[test]
    fn extremes_are_no_trouble() {
        for (way, other) in [(1.0 - 1e-300, 1e-300), (1e-300, 1.0), (1.0, 0.0)] {
            let weights = tempered(&[way], Some(other));
            assert!(weights.iter().all(|weight| (0.0..=1.0).contains(weight)));
        }
    }
}
