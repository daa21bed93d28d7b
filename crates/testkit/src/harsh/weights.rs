//! The calibration of weights: of the candidates with a weight of 70 %, 70 % should be true.

use std::fmt;

/// Candidates with a similar weight.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Bin {
    /// How many there are.
    pub candidates: u64,
    /// How many of them were true.
    pub right: u64,
    /// The sum of their weights.
    pub weight: f64,
}

#[expect(clippy::cast_precision_loss, reason = "for people to read")]
impl Bin {
    /// The mean weight.
    #[must_use]
    pub fn given(&self) -> f64 {
        self.weight / self.candidates as f64
    }

    /// The share that was true.
    #[must_use]
    pub fn share(&self) -> f64 {
        self.right as f64 / self.candidates as f64
    }

    /// How much too high the weights were, from -1 to 1.
    #[must_use]
    pub fn excess(&self) -> f64 {
        self.given() - self.share()
    }
}

/// Candidates by tenths of their weight.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Weights {
    /// From 0 to 10 % and so on.
    pub bins: [Bin; 10],
    /// The sum of the squared errors of the weights.
    squares: f64,
}

impl Weights {
    /// Adds a candidate.
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a weight is from 0 to 1"
    )]
    pub fn add(&mut self, weight: f64, is_true: bool) {
        let bin = &mut self.bins[((weight * 10.0) as usize).min(9)];
        bin.candidates += 1;
        bin.right += u64::from(is_true);
        bin.weight += weight;
        let truth = f64::from(u8::from(is_true));
        self.squares += (weight - truth) * (weight - truth);
    }

    /// How many candidates there are.
    #[must_use]
    pub fn candidates(&self) -> u64 {
        self.bins.iter().map(|bin| bin.candidates).sum()
    }

    /// The mean squared error of the weights (Brier score): 0 is best, and 0.25 is the
    /// result of always giving 50 %.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "for people to read")]
    pub fn brier(&self) -> f64 {
        self.squares / self.candidates().max(1) as f64
    }

    /// The bins with so many candidates whose weights are more than `off` too high or too
    /// low, by their number.
    pub fn off(&self, least: u64, off: f64) -> impl Iterator<Item = (usize, &Bin)> {
        let bins = self.bins.iter().enumerate();
        bins.filter(move |(_, bin)| bin.candidates >= least && bin.excess().abs() > off)
    }

    fn merge(&mut self, other: &Self) {
        for (all, one) in self.bins.iter_mut().zip(&other.bins) {
            all.candidates += one.candidates;
            all.right += one.right;
            all.weight += one.weight;
        }
        self.squares += other.squares;
    }
}

impl fmt::Display for Weights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, bin) in self.bins.iter().enumerate() {
            if bin.candidates == 0 {
                continue;
            }
            writeln!(
                f,
                "  {:>2} to {:>3} %: {:>8} candidates, given {:>5.1} %, true {:>5.1} %, {:+.1}",
                number * 10,
                number * 10 + 10,
                bin.candidates,
                bin.given() * 100.0,
                bin.share() * 100.0,
                bin.excess() * 100.0
            )?;
        }
        write!(f, "  Brier score {:.4}", self.brier())
    }
}

/// The weights of final and of provisional answers, of invites and of other ways.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct AllWeights([Weights; 4]);

impl AllWeights {
    /// Names of the four, in order.
    const NAMES: [&str; 4] = [
        "final answers, invites and vanity links",
        "final answers, ways that move no count",
        "provisional answers, invites and vanity links",
        "provisional answers, ways that move no count",
    ];

    pub(super) fn of(&mut self, is_final: bool, other: bool) -> &mut Weights {
        &mut self.0[2 * usize::from(!is_final) + usize::from(other)]
    }

    /// The four, each with its name.
    pub fn iter(&self) -> impl Iterator<Item = (&'static str, &Weights)> {
        Self::NAMES.into_iter().zip(&self.0)
    }

    /// Adds the counts of another run.
    pub fn merge(&mut self, other: &Self) {
        for (all, one) in self.0.iter_mut().zip(&other.0) {
            all.merge(one);
        }
    }
}

impl fmt::Display for AllWeights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, (name, weights)) in self.iter().enumerate() {
            let before = if index == 0 { "" } else { "\n" };
            write!(f, "{before}{name}:\n{weights}")?;
        }
        Ok(())
    }
}
