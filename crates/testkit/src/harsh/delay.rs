//! Durations.

use crate::Random;

/// Microseconds of true time since the world began.
pub(super) type Micros = i64;

pub(super) const MILLI: Micros = 1000;
pub(super) const SECOND: Micros = 1_000_000;

/// When the world begins by Discord's clock, and by ours, in microseconds since 1970.
const DISCORD_START: Micros = 1_780_000_000 * SECOND;
const LOCAL_START: Micros = DISCORD_START - 7 * 3600 * SECOND - 11 * SECOND;

/// Discord's time.
pub(super) const fn discord(now: Micros) -> Micros {
    DISCORD_START + now
}

/// Our time, if our clock is right.
pub(super) const fn local(now: Micros) -> Micros {
    LOCAL_START + now
}

/// A delay: log-normal, now and then with the tail of a Pareto distribution.
#[derive(Clone, Copy, Debug)]
pub(super) struct Delay {
    median: Micros,
    sigma: f64,
    /// Per thousand: how often it is from the tail.
    tail: u64,
}

impl Delay {
    /// A delay with little variation.
    pub(super) const fn steady(median: Micros) -> Self {
        Self {
            median,
            sigma: 0.05,
            tail: 0,
        }
    }

    pub(super) const fn heavy(median: Micros, sigma: f64, tail: u64) -> Self {
        Self {
            median,
            sigma,
            tail,
        }
    }

    /// A delay from `least` to `most`.
    pub(super) fn draw(self, random: &mut Random, least: Micros, most: Micros) -> Micros {
        let most = most.max(least);
        let factor = if random.chance(self.tail) {
            pareto(random)
        } else {
            (self.sigma * normal(random)).exp()
        };
        let drawn = scale(self.median, factor);
        if drawn > most {
            // A value beyond the bound becomes one near it, where it is most difficult.
            random.between(least.max(most / 2), most)
        } else {
            drawn.max(least)
        }
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "a delay of years is cut off anyway, and microseconds do not matter"
)]
fn scale(median: Micros, factor: f64) -> Micros {
    (median as f64 * factor).min(1e15) as Micros
}

#[expect(
    clippy::cast_precision_loss,
    reason = "53 bits are enough for a probability"
)]
fn unit(random: &mut Random) -> f64 {
    (random.below(1 << 53) + 1) as f64 / (1_u64 << 53) as f64
}

/// A normally distributed number, by the Box–Muller transform.
fn normal(random: &mut Random) -> f64 {
    let radius = (-2.0 * unit(random).ln()).sqrt();
    radius * (std::f64::consts::TAU * unit(random)).cos()
}

/// At least 1, with an infinite variance.
fn pareto(random: &mut Random) -> f64 {
    unit(random).powf(-1.0 / 1.2)
}
