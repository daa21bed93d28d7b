//! Without the feature `metrics`.

use guestlist_tracker::Record;

use crate::Status;

#[derive(Debug, Default)]
pub(crate) struct Meters;

impl Meters {
    pub(crate) const fn saw(&self) {}

    pub(crate) const fn skipped(&self) {}

    pub(crate) const fn stated(&self, _: &Record) {}

    pub(crate) const fn stored(&self, _: &[Record]) {}

    pub(crate) const fn status(&self, _: &Status) {}
}

/// Measures nothing.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timer;

impl Timer {
    pub(crate) const fn start() -> Self {
        Self
    }

    pub(crate) const fn request(self, _: &'static str, _: bool) {}
}
