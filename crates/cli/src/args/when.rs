//! The wall clock, and moments as people type them.

use std::time::SystemTime;

use guestlist::model::Timestamp;

pub(crate) use guestlist_view::{When, duration};

/// The wall clock.
pub(crate) fn now() -> Timestamp {
    SystemTime::now().into()
}
