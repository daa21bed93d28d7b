//! The time that the service passes to the tracker.

use std::time::{Duration, SystemTime};

use guestlist_model::Timestamp;
use tokio::time::Instant;

/// How far the system's clock may deviate before the service follows it.
const APART: Duration = Duration::from_millis(500);

/// The system's time. It runs evenly until the service follows a step of the system's clock.
#[derive(Debug)]
pub(crate) struct Clock {
    base: Timestamp,
    since: Instant,
}

/// The system's clock was set, or the machine slept.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Step {
    pub(crate) from: Timestamp,
    pub(crate) to: Timestamp,
}

impl Clock {
    pub(crate) fn new() -> Self {
        Self {
            base: SystemTime::now().into(),
            since: Instant::now(),
        }
    }

    /// Follows the system's clock if it was set.
    pub(crate) fn follow(&mut self) -> Option<Step> {
        self.follow_to(SystemTime::now().into())
    }

    fn follow_to(&mut self, told: Timestamp) -> Option<Step> {
        let now = self.now();
        let (earlier, later) = if told < now { (told, now) } else { (now, told) };
        if later <= earlier.saturating_add(APART) {
            return None;
        }
        self.base = told;
        self.since = Instant::now();
        Some(Step {
            from: now,
            to: told,
        })
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.base.saturating_add(self.since.elapsed())
    }

    /// The instant of a time.
    pub(crate) fn instant(&self, at: Timestamp) -> Instant {
        Instant::now() + at.duration_since(self.now()).unwrap_or(Duration::ZERO)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_step_is_followed_in_both_directions() {
        let mut clock = Clock::new();
        let start = clock.now();
        tokio::time::advance(Duration::from_secs(10)).await;
        let now = start.saturating_add(Duration::from_secs(10));
        assert_eq!(clock.now(), now);
        assert_eq!(
            clock.follow_to(now.saturating_add(Duration::from_millis(400))),
            None
        );
        assert_eq!(clock.now(), now, "small differences are not followed");
        let ahead = now.saturating_add(Duration::from_secs(600));
        let step = Step {
            from: now,
            to: ahead,
        };
        assert_eq!(clock.follow_to(ahead), Some(step));
        tokio::time::advance(Duration::from_secs(1)).await;
        assert_eq!(clock.now(), ahead.saturating_add(Duration::from_secs(1)));
        assert!(clock.follow_to(start).is_some());
        assert_eq!(clock.now(), start);
    }
}
