//! A pause of all requests after a response that concerns them all.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Each further pause is twice as long, up to this.
const LONGEST: Duration = Duration::from_secs(300);

/// Shared by all requests of a client. Discord's global limit, a ban by Cloudflare and a
/// rejected token concern all of them, and each further request prolongs a ban or leads to
/// one.
#[derive(Debug)]
pub(crate) struct Hold {
    /// The first pause.
    first: Duration,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    until: Option<Instant>,
    pause: Duration,
}

impl Hold {
    /// The pause after a 429 that names no bucket.
    pub(crate) fn for_limits() -> Self {
        Self::new(Duration::from_millis(500))
    }

    /// The pause after a 401. Discord bans addresses that collect 10,000 of them in ten
    /// minutes, but a single one may be an error of Discord's.
    pub(crate) fn for_refusals() -> Self {
        Self::new(Duration::from_secs(5))
    }

    fn new(first: Duration) -> Self {
        Self {
            first,
            state: Mutex::default(),
        }
    }

    /// The end of the pause, if it is in the future.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        self.lock().until.filter(|until| *until > now)
    }

    /// Starts or prolongs the pause after such a response, which may say how long to wait.
    /// Responses to requests that were in progress at the same time count once.
    pub(crate) fn hit(&self, now: Instant, told: Option<Duration>) {
        let mut state = self.lock();
        if state.until.is_none_or(|until| until <= now) {
            state.pause = (state.pause * 2).clamp(self.first, LONGEST);
            let pause = state.pause.max(told.unwrap_or_default()).min(LONGEST);
            // Some chance, so that many clients do not come back at once.
            state.until = Some(now + pause.mul_f64(1.0 + fastrand::f64() / 4.0));
        }
    }

    /// Resets the pause after any other response, unless its request was sent before the
    /// pause.
    pub(crate) fn passed(&self, now: Instant) {
        let mut state = self.lock();
        if state.until.is_some_and(|until| until <= now) {
            *state = State::default();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::{Hold, LONGEST};
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn pauses_grow_until_an_answer_passes() {
        let hold = Hold::for_limits();
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        // A quarter more at most is left to chance.
        let lasts = |from: u64, pause: u64| {
            let until = hold.until(after(from)).unwrap() - after(from);
            let least = Duration::from_millis(pause);
            assert!(until >= least && until <= least.mul_f64(1.25), "{until:?}");
        };
        assert_eq!(hold.until(start), None);
        hold.hit(start, None);
        lasts(0, 500);
        // What came in together counts once.
        hold.hit(after(100), None);
        hold.passed(after(200));
        assert!(hold.until(after(499)).is_some());
        assert_eq!(hold.until(after(625)), None);
        hold.hit(after(700), None);
        lasts(700, 1000);
        hold.passed(after(1950));
        hold.hit(after(2000), None);
        lasts(2000, 500);
    }

    #[test]
    fn a_wait_that_was_told_counts_if_it_is_longer() {
        let hold = Hold::for_limits();
        let start = Instant::now();
        hold.hit(start, Some(Duration::from_secs(7)));
        assert!(hold.until(start).unwrap() >= start + Duration::from_secs(7));
        let short = Hold::for_limits();
        short.hit(start, Some(Duration::ZERO));
        assert!(short.until(start).unwrap() >= start + short.first);
        let absurd = Hold::for_limits();
        absurd.hit(start, Some(Duration::MAX));
        assert!(absurd.until(start).unwrap() <= start + LONGEST.mul_f64(1.25));
    }
}
