//! A pause of all requests after an answer that concerns them all.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};
use tokio::time::Instant;

/// Each further pause is twice as long, up to this.
const LONGEST: Duration = Duration::from_secs(300);

/// Shared by all requests of a client: Discord's global limit, Cloudflare's ban and a
/// token that is not accepted concern all of them, and each further request prolongs the
/// ban, or leads to one.
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
    /// After an answer of 429 that named no bucket.
    pub(crate) fn for_limits() -> Self {
        Self::new(Duration::from_millis(500))
    }

    /// After an answer of 401: 10,000 of them in ten minutes are too many, and one may be
    /// a mishap of Discord's.
    pub(crate) fn for_refusals() -> Self {
        Self::new(Duration::from_secs(5))
    }

    fn new(first: Duration) -> Self {
        Self {
            first,
            state: Mutex::default(),
        }
    }

    /// Until when nothing may be sent, if that is yet to come.
    pub(crate) fn until(&self, now: Instant) -> Option<Instant> {
        self.lock().until.filter(|until| *until > now)
    }

    /// There was such an answer. Many requests may have had it together, and
    /// count once.
    pub(crate) fn hit(&self, now: Instant) {
        let mut state = self.lock();
        if state.until.is_none_or(|until| until <= now) {
            state.pause = (state.pause * 2).clamp(self.first, LONGEST);
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
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::Hold;
    use std::time::Duration;
    use tokio::time::Instant;

    #[test]
    fn pauses_grow_until_an_answer_passes() {
        let hold = Hold::for_limits();
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
