//! Requests to Discord lately, from what the service tells of them since its start.

use std::{collections::VecDeque, time::Duration};

use guestlist_tracker::Stats;
use tokio::time::Instant;

/// How often they are looked at.
pub(crate) const EVERY: Duration = Duration::from_secs(10);
/// How far the page looks back.
const BACK: Duration = Duration::from_secs(60);

/// What a bot may request each second, for everything.
///
/// See Discord Docs/Rate Limits (Global Rate Limit).
pub(crate) const ALLOWED: u32 = 50;

/// What was told, the latest last.
#[derive(Debug, Default)]
pub(crate) struct Pace(VecDeque<(Instant, Stats)>);

impl Pace {
    /// Remembers what was told now.
    pub(crate) fn note(&mut self, now: Instant, told: &Stats) {
        // One that is older than the time that is looked at is its beginning.
        while self.0.get(1).is_some_and(|(at, _)| now - *at >= BACK) {
            self.0.pop_front();
        }
        self.0.push_back((now, *told));
    }

    /// What was told in the beginning, and how long ago that is; none in the first seconds.
    pub(crate) fn before(&self, now: Instant) -> Option<(Duration, &Stats)> {
        let (at, told) = self.0.front()?;
        let ago = now - *at;
        (ago >= EVERY).then_some((ago, told))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_is_remembered() {
        let start = Instant::now();
        let mut pace = Pace::default();
        assert!(pace.before(start).is_none());
        for step in 0..20 {
            let mut told = Stats::default();
            told.list_requests = u64::from(step) * 5;
            pace.note(start + EVERY * step, &told);
        }
        let (ago, told) = pace.before(start + EVERY * 19).unwrap();
        assert_eq!((ago, told.list_requests), (BACK, 13 * 5));
        assert!(pace.0.len() <= 8);
    }
}
