//! What has to hold.

use std::fmt;

use serde_json::{Value, json};

/// The largest of some numbers, and whose it is.
#[derive(Clone, Debug, Default)]
pub(crate) struct Most {
    number: f64,
    of: String,
}

impl Most {
    pub(crate) const fn of(number: f64) -> Self {
        Self {
            number,
            of: String::new(),
        }
    }

    pub(crate) fn take(&mut self, number: f64, of: &str) {
        if number > self.number {
            *self = Self {
                number,
                of: of.to_owned(),
            };
        }
    }
}

/// A figure, and its limit.
#[derive(Clone, Debug)]
pub(crate) struct Figure {
    what: &'static str,
    is: Most,
    limit: f64,
    at_most: bool,
}

impl Figure {
    pub(crate) const fn at_most(what: &'static str, is: Most, limit: f64) -> Self {
        Self {
            what,
            is,
            limit,
            at_most: true,
        }
    }

    pub(crate) const fn at_least(what: &'static str, is: f64, limit: f64) -> Self {
        Self {
            what,
            is: Most::of(is),
            limit,
            at_most: false,
        }
    }

    pub(crate) fn holds(&self) -> bool {
        if self.at_most {
            self.is.number <= self.limit
        } else {
            self.is.number >= self.limit
        }
    }

    pub(crate) fn json(&self) -> Value {
        json!({"what": self.what, "is": self.is.number, "of": self.is.of, "limit": self.limit, "holds": self.holds()})
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = if self.holds() { "pass" } else { "FAIL" };
        let sign = if self.at_most { '≤' } else { '≥' };
        write!(
            f,
            "{word}  {}: {:.1} (must be {sign} {})",
            self.what, self.is.number, self.limit
        )?;
        if self.is.of.is_empty() {
            Ok(())
        } else {
            write!(f, ", {}", self.is.of)
        }
    }
}
