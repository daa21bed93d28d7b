//! Small helpers for times.

use std::time::Duration;

use guestlist_model::Timestamp;

/// Before all times.
pub(crate) const NEVER: Timestamp = Timestamp::from_micros(i64::MIN);
/// After all times.
pub(crate) const EVER: Timestamp = Timestamp::from_micros(i64::MAX);

/// How far two of Discord's clocks may be apart.
pub(crate) const SKEW: Duration = Duration::from_secs(2);

pub(crate) const fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(crate) fn after(at: Timestamp, duration: Duration) -> Timestamp {
    let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.as_micros().saturating_add(micros))
}

pub(crate) fn before(at: Timestamp, duration: Duration) -> Timestamp {
    let micros = i64::try_from(duration.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(at.as_micros().saturating_sub(micros))
}
