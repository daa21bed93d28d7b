//! Whether now is as it usually is.

/// The latest time span against those before it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Usual {
    /// Joins in the latest span.
    pub(crate) now: u64,
    /// In the middle one of the earlier spans.
    pub(crate) median: u64,
    /// A quarter of the earlier spans had this many or fewer.
    pub(crate) low: u64,
    /// A quarter had this many or more.
    pub(crate) high: u64,
    /// How many earlier spans there are.
    pub(crate) spans: usize,
}

/// Earlier spans that it takes to call anything usual.
const ENOUGH: usize = 3;

impl Usual {
    /// Compares the last of some counts with the others, if they are enough to tell.
    pub(crate) fn of(counts: &[u64]) -> Option<Self> {
        let (now, before) = counts.split_last()?;
        if before.len() < ENOUGH {
            return None;
        }
        let mut before = before.to_vec();
        before.sort_unstable();
        let at = |quarter: usize| before.get((before.len() - 1) * quarter / 4).copied();
        Some(Self {
            now: *now,
            median: at(2)?,
            low: at(1)?,
            high: at(3)?,
            spans: before.len(),
        })
    }

    /// In words.
    pub(crate) const fn word(&self) -> &'static str {
        if self.now > self.high {
            "more than usual"
        } else if self.now < self.low {
            "fewer than usual"
        } else {
            "as usual"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Usual;

    #[test]
    fn a_few_spans_make_nothing_usual() {
        assert_eq!(Usual::of(&[]), None);
        assert_eq!(Usual::of(&[5, 5, 5]), None);
        assert!(Usual::of(&[5, 5, 5, 5]).is_some());
    }

    #[test]
    fn the_middle_half_is_usual() {
        let before = [10, 0, 20, 30, 40];
        let word = |now| {
            let mut counts = before.to_vec();
            counts.push(now);
            Usual::of(&counts).unwrap().word()
        };
        assert_eq!(word(9), "fewer than usual");
        assert_eq!(word(10), "as usual");
        assert_eq!(word(30), "as usual");
        assert_eq!(word(31), "more than usual");
    }
}
