//! The time that the tracker is given.

use std::time::{Duration, SystemTime};

use guestlist_model::Timestamp;
use tokio::time::Instant;

/// How far the system's clock may run ahead before it is followed.
const AHEAD: Duration = Duration::from_secs(1);

/// The system's time, but never going back: timers that were set before the
/// clock was corrected must still fire. If the system's clock jumps ahead, or
/// the machine slept, this follows.
#[derive(Debug)]
pub(crate) struct Clock {
    base: Timestamp,
    since: Instant,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            base: SystemTime::now().into(),
            since: Instant::now(),
        }
    }

    pub(crate) fn now(&mut self) -> Timestamp {
        let now = self.base.saturating_add(self.since.elapsed());
        let told: Timestamp = SystemTime::now().into();
        if told > now.saturating_add(AHEAD) {
            self.base = told;
            self.since = Instant::now();
            return told;
        }
        now
    }

    /// When it will be that time.
    pub(crate) fn instant(&mut self, at: Timestamp) -> Instant {
        let now = self.now();
        Instant::now() + at.duration_since(now).unwrap_or(Duration::ZERO)
    }
}
