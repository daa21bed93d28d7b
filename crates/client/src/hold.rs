//! A pause of all requests after an answer of 429 that named no bucket.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// The first pause; each further one is twice as long.
const FIRST: Duration = Duration::from_millis(500);
const LONGEST: Duration = Duration::from_secs(300);

/// Shared by all requests of a client: Discord's global limit and Cloudflare's
/// ban concern all of them, and each further request prolongs the latter.
#[derive(Debug, Default)]
pub(crate) struct Hold(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    until: Option<Instant>,
    pause: Duration,
}

impl Hold {
    /// Until when nothing may be sent, if that is yet to come.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        self.lock().until.filter(|until| *until > now)
    }

    /// There was such an answer. Many requests may have had it together, and
    /// count once.
    pub(crate) fn hit(&self, now: Instant) {
        let mut state = self.lock();
        if state.until.is_none_or(|until| until <= now) {
            state.pause = (state.pause * 2).clamp(FIRST, LONGEST);
            state.until = Some(now + state.pause);
        }
    }

    /// There was another answer. One to a request from before the pause says
    /// nothing.
    pub(crate) fn passed(&self, now: Instant) {
        let mut state = self.lock();
        if state.until.is_some_and(|until| until <= now) {
            *state = State::default();
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Hold;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn pauses_grow_until_an_answer_passes() {
        let hold = Hold::default();
        let start = Instant::now();
        let after = |millis| start + Duration::from_millis(millis);
        assert_eq!(hold.until(start), None);
        hold.hit(start);
        // What came in together counts once.
        hold.hit(after(100));
        hold.passed(after(200));
        assert_eq!(hold.until(after(499)), Some(after(500)));
        assert_eq!(hold.until(after(500)), None);
        hold.hit(after(600));
        assert_eq!(hold.until(after(600)), Some(after(1600)));
        hold.passed(after(1700));
        hold.hit(after(1800));
        assert_eq!(hold.until(after(1800)), Some(after(2300)));
    }
}
