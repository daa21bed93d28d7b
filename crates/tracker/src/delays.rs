//! How long before or after its event a use is counted, as far as was seen.
//!
//! The delay of a join is the time from the arrival of its event to the moment its use
//! is counted, in seconds; it is negative if the count rises first. A list only tells
//! that a count rose between two moments, so all that is asked here is how likely a
//! delay lies in an interval.

use serde::{Deserialize, Serialize};

use crate::state::{Changes, Marked, Reader, StateError};

/// A peak of the distribution: where it lies, how wide it is (both in seconds), and how
/// many joins it stands for before any was seen.
struct Peak {
    center: f64,
    scale: f64,
    prior: f64,
}

const fn peak(center: f64, scale: f64, prior: f64) -> Peak {
    Peak {
        center,
        scale,
        prior,
    }
}

/// What is believed before anything was seen: most uses are counted before the event comes,
/// so that the list that is asked for then has them, and some soon after it. The peaks are the
/// narrower the nearer they lie to the event, since a list that is read as soon as it is asked
/// for, or only when it is sent, moves all delays by the time that it takes. They stand for few
/// joins, so that a server that counts otherwise is soon believed.
const PEAKS: [Peak; 13] = [
    peak(-0.02, 0.02, 0.25),
    peak(-0.08, 0.04, 0.15),
    peak(-0.2, 0.1, 0.15),
    peak(-0.5, 0.2, 0.1),
    peak(-1.0, 0.4, 0.1),
    peak(-2.2, 0.8, 0.05),
    peak(0.03, 0.02, 0.05),
    peak(0.08, 0.04, 0.05),
    peak(0.2, 0.1, 0.05),
    peak(0.5, 0.2, 0.05),
    peak(1.0, 0.4, 0.05),
    peak(2.2, 0.8, 0.15),
    peak(0.0, 6.0, 0.1),
];

/// No delay is ever taken for less likely than this.
const LEAST: f64 = 1e-6;
/// Beyond so many joins, older ones count for less and less.
const MEMORY: f64 = 2_000.0;

/// The distribution of the delay in one guild.
#[derive(Clone, Debug, Default)]
pub(crate) struct Delays {
    kept: Marked<Weights>,
}

/// How many joins each peak stands for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(from = "Vec<f64>")]
struct Weights([f64; PEAKS.len()]);

/// What was learnt of other peaks says nothing of these.
impl From<Vec<f64>> for Weights {
    fn from(stored: Vec<f64>) -> Self {
        stored.try_into().map_or_else(|_| Self::default(), Self)
    }
}

impl Default for Weights {
    fn default() -> Self {
        Self(PEAKS.map(|peak| peak.prior))
    }
}

impl Delays {
    /// How likely a delay lies between two moments.
    pub(crate) fn chance(&self, (from, to): (f64, f64)) -> f64 {
        let inside: f64 = self.kept.shares(from, to).iter().sum();
        (inside / self.kept.total().max(f64::MIN_POSITIVE)).max(LEAST)
    }

    /// Learns that the delay of a join lay between two moments, as surely as this share
    /// says.
    pub(crate) fn learn(&mut self, (from, to): (f64, f64), share: f64) {
        let shares = self.kept.shares(from, to);
        let sum: f64 = shares.iter().sum();
        if sum <= LEAST {
            return;
        }
        let weights = &mut *self.kept;
        for (weight, inside) in weights.0.iter_mut().zip(shares) {
            *weight += share * inside / sum;
        }
        if weights.total() > MEMORY {
            for weight in &mut weights.0 {
                *weight *= 0.5;
            }
        }
        for weight in &mut weights.0 {
            *weight = (*weight * 1000.0).round() / 1000.0;
        }
    }

    /// Collects the part, if it changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        if *self.kept != Weights::default() {
            changes.value("delays", &mut self.kept);
        }
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut delays = Self::default();
        parts.value("delays", &mut delays.kept)?;
        Ok(delays)
    }
}

impl Weights {
    fn total(&self) -> f64 {
        self.0.iter().sum()
    }

    /// What each peak adds to an interval.
    fn shares(&self, from: f64, to: f64) -> [f64; PEAKS.len()] {
        let mut shares = self.0;
        for (share, peak) in shares.iter_mut().zip(&PEAKS) {
            *share *= (peak.below(to) - peak.below(from)).max(0.0);
        }
        shares
    }
}

impl Peak {
    /// How much of it lies below a moment: a Laplace distribution's.
    fn below(&self, at: f64) -> f64 {
        let distance = (at - self.center) / self.scale;
        if distance < 0.0 {
            0.5 * distance.exp()
        } else {
            1.0 - 0.5 * (-distance).exp()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_line_is_certain_and_more_is_likelier() {
        let delays = Delays::default();
        assert!((delays.chance((-1e6, 1e6)) - 1.0).abs() < 1e-9);
        assert!(delays.chance((-0.2, 0.3)) > delays.chance((1.8, 2.3)));
        assert!(delays.chance((-0.2, 0.3)) > 20.0 * delays.chance((-4.5, -4.0)));
        assert!(delays.chance((-0.05, 0.05)) > delays.chance((0.05, 0.5)));
        assert!(delays.chance((900.0, 901.0)) > 0.0);
    }

    #[test]
    fn a_late_count_is_learnt() {
        let mut delays = Delays::default();
        let before = delays.chance((1.7, 2.3));
        for _ in 0..200 {
            delays.learn((1.6, 2.2), 1.0);
        }
        assert!(delays.chance((1.7, 2.3)) > 5.0 * before);
        assert!(delays.chance((1.7, 2.3)) > delays.chance((-0.3, 0.3)));
    }

    #[test]
    fn what_tells_nothing_changes_nothing() {
        let mut delays = Delays::default();
        delays.learn((-1e9, 1e9), 1.0);
        delays.learn((3.0, 3.0), 1.0);
        delays.learn((5.0, 2.0), 1.0);
        for (from, to) in [(-0.1, 0.1), (-1.0, 0.0), (2.0, 5.0)] {
            let off = delays.chance((from, to)) - Delays::default().chance((from, to));
            assert!(off.abs() < 1e-3);
        }
    }

    #[test]
    fn memory_fades() {
        let mut delays = Delays::default();
        for _ in 0..10_000 {
            delays.learn((-0.1, 0.1), 1.0);
        }
        for _ in 0..5_000 {
            delays.learn((1.8, 2.4), 1.0);
        }
        assert!(delays.kept.total() <= MEMORY);
        assert!(delays.chance((1.8, 2.4)) > delays.chance((-0.3, 0.3)));
    }
}
