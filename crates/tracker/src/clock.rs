//! Local time that never runs backwards.

use guestlist_model::Timestamp;

/// Turns the local times handed in into times that never decrease, so that a wall clock
/// that is set back neither undoes what has passed nor stops the timers.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Clock {
    /// What is added to the times handed in, in microseconds.
    ahead: i64,
    /// The latest inner time.
    now: Timestamp,
}

impl Clock {
    /// The inner time for a time handed in.
    pub(crate) fn advance(&mut self, now: Timestamp) -> Timestamp {
        let inner = shift(now, self.ahead);
        if inner < self.now {
            self.ahead = self.now.as_micros().saturating_sub(now.as_micros());
        } else {
            self.now = inner;
        }
        self.now
    }

    /// The clock that the times handed in are from was set. The inner time runs on evenly.
    pub(crate) fn stepped(&mut self, from: Timestamp, to: Timestamp) {
        let step = to.as_micros().saturating_sub(from.as_micros());
        self.ahead = self.ahead.saturating_sub(step);
    }

    /// The latest inner time.
    pub(crate) const fn now(self) -> Timestamp {
        self.now
    }

    /// The time that the outside must wait for.
    pub(crate) fn outside(self, inner: Timestamp) -> Timestamp {
        shift(inner, self.ahead.saturating_neg())
    }

    /// Makes sure that no inner time is before this one.
    pub(crate) fn not_before(&mut self, inner: Timestamp) {
        if inner > self.now {
            self.ahead = self
                .ahead
                .saturating_add(inner.as_micros().saturating_sub(self.now.as_micros()));
            self.now = inner;
        }
    }
}

fn shift(at: Timestamp, micros: i64) -> Timestamp {
    Timestamp::from_micros(at.as_micros().saturating_add(micros))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_set_back_keeps_ticking() {
        let mut clock = Clock::default();
        assert_eq!(clock.advance(Timestamp::from_secs(100)).as_secs(), 100);
        assert_eq!(clock.advance(Timestamp::from_secs(40)).as_secs(), 100);
        assert_eq!(clock.advance(Timestamp::from_secs(41)).as_secs(), 101);
        assert_eq!(clock.outside(Timestamp::from_secs(105)).as_secs(), 45);
    }

    #[test]
    fn a_step_that_is_told_changes_nothing() {
        let mut clock = Clock::default();
        clock.advance(Timestamp::from_secs(100));
        clock.stepped(Timestamp::from_secs(110), Timestamp::from_secs(710));
        assert_eq!(clock.advance(Timestamp::from_secs(712)).as_secs(), 112);
        clock.stepped(Timestamp::from_secs(712), Timestamp::from_secs(12));
        assert_eq!(clock.advance(Timestamp::from_secs(20)).as_secs(), 120);
    }
}
