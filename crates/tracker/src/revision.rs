//! How often evidence changed, so that it is weighed again only if it did.

use std::ops::Add;

/// Counts the changes of evidence. Whoever draws conclusions keeps the revision that they
/// rest on; if the evidence has another one now, they are drawn anew.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) struct Revision {
    /// Changes of what is deduced from.
    deductions: u64,
    /// Changes of what is expected, with answers that are not final.
    outlook: u64,
}

impl Revision {
    /// There is something to deduce from that was not there before.
    pub(crate) const fn deductions_changed(&mut self) {
        self.deductions += 1;
    }

    /// There is something new which is not final yet.
    pub(crate) const fn outlook_changed(&mut self) {
        self.outlook += 1;
    }

    /// Both.
    pub(crate) const fn evidence_changed(&mut self) {
        self.deductions_changed();
        self.outlook_changed();
    }

    /// The revision of what is deduced from.
    pub(crate) const fn deductions(self) -> u64 {
        self.deductions
    }

    /// The revision of what is expected.
    pub(crate) const fn outlook(self) -> u64 {
        self.outlook
    }
}

/// The revision of evidence that lies in two places.
impl Add for Revision {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        Self {
            deductions: self.deductions + other.deductions,
            outlook: self.outlook + other.outlook,
        }
    }
}
