//! What the guide says that Discord keeps to: the numbers of docs/guide/attribution.md,
//! written down once more. A world that is documented stays within them; the switches
//! that go beyond say so.

use super::delay::{Micros, SECOND};

/// A join's event comes at most this long after the list that counts it already.
pub(super) const EVENT_AFTER_COUNT: Micros = 8 * SECOND;
/// A use shows in a list that is asked for this long after the join's event.
pub(super) const COUNT_AFTER_EVENT: Micros = 5 * SECOND;
/// The deletion of an invite shows in the audit log this long after its event.
pub(super) const AUDIT_AFTER_EVENT: Micros = 10 * SECOND;
/// How far each of Discord's times is from the truth, so that two are at most 2 s apart.
pub(super) const SKEW: Micros = SECOND;
/// What a millisecond's rounding or a clock's step takes.
pub(super) const MARGIN: Micros = SECOND / 20;
