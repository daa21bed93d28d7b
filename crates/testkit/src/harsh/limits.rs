//! The guide's assumptions about Discord: the numbers of docs/guide/attribution.md,
//! repeated. A documented world stays within them; the switches
//! that go beyond say so.

use super::delay::{Micros, SECOND};

/// A join's event arrives at most this long after a list that counts it.
pub(super) const EVENT_AFTER_COUNT: Micros = 8 * SECOND;
/// A list that is requested this long after the join's event shows the use.
pub(super) const COUNT_AFTER_EVENT: Micros = 5 * SECOND;
/// The audit log shows the deletion of an invite this long after its event.
pub(super) const AUDIT_AFTER_EVENT: Micros = 10 * SECOND;
/// The maximum error of each of Discord's timestamps, so that two differ by at most 2 s.
pub(super) const SKEW: Micros = SECOND;
/// The margin for rounding to milliseconds or a step of the clock.
pub(super) const MARGIN: Micros = SECOND / 20;
