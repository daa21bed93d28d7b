//! How many of a guild's members come in a way that moves a count, as far as was seen.

use serde::{Deserialize, Serialize};

use crate::state::{Changes, Marked, Reader, StateError};

/// What is believed before anything was seen, in joins: few, so that a guild's own joins
/// soon weigh more.
const PRIOR: Seen = Seen {
    counted: 2.0,
    other: 0.4,
};
/// Beyond so many joins, older ones count for less and less.
const MEMORY: f64 = 100.0;

/// See the module's documentation.
#[derive(Debug, Default)]
pub(crate) struct Shares {
    kept: Marked<Seen>,
}

/// How many joins moved a count, and how many did not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Seen {
    #[serde(rename = "c")]
    counted: f64,
    #[serde(rename = "o")]
    other: f64,
}

impl Default for Seen {
    fn default() -> Self {
        PRIOR
    }
}

impl Shares {
    /// How likely a join moves no count, before anything is known of it.
    pub(crate) fn other(&self) -> f64 {
        self.kept.other / (self.kept.counted + self.kept.other)
    }

    /// Learns of a join whether it moved a count.
    pub(crate) fn learn(&mut self, is_counted: bool) {
        let seen = &mut *self.kept;
        if is_counted {
            seen.counted += 1.0;
        } else {
            seen.other += 1.0;
        }
        if seen.counted + seen.other > MEMORY {
            seen.counted *= 0.5;
            seen.other = (seen.other * 0.5).max(PRIOR.other * 0.5);
        }
        for number in [&mut seen.counted, &mut seen.other] {
            *number = (*number * 1000.0).round() / 1000.0;
        }
    }

    /// Collects the part, if it changed.
    pub(crate) fn take_changed(&mut self, changes: &mut Changes) {
        if *self.kept != PRIOR {
            changes.value("shares", &mut self.kept);
        }
    }

    /// Reads what was stored.
    pub(crate) fn restore(parts: &Reader<'_>) -> Result<Self, StateError> {
        let mut shares = Self::default();
        parts.value("shares", &mut shares.kept)?;
        Ok(shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_guilds_own_joins_soon_weigh_more_than_what_was_believed() {
        let mut shares = Shares::default();
        assert!(shares.other() > 0.1 && shares.other() < 0.4);
        for _ in 0..50 {
            shares.learn(true);
        }
        assert!(shares.other() < 0.02, "{}", shares.other());
        for _ in 0..200 {
            shares.learn(false);
        }
        assert!(shares.other() > 0.8, "{}", shares.other());
    }

    #[test]
    fn nothing_becomes_impossible() {
        let mut shares = Shares::default();
        for _ in 0..10_000 {
            shares.learn(true);
        }
        assert!(shares.other() > 0.001, "{}", shares.other());
    }
}
