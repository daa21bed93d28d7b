//! How often sessions may be started.
//!
//! See Discord Docs/Gateway#session-start-limit-object and
//! Discord Docs/Gateway#sharding-max-concurrency.

use std::{collections::HashMap, time::Duration};

use super::rate_limit::micros;
use crate::world::{Micros, time::DAY};

/// How often a bot may send IDENTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct IdentifyLimit {
    /// How often per day, for all shards together.
    pub total: u32,
    /// The number of keys; a shard's key is its number modulo this.
    pub max_concurrency: u32,
    /// The time in which each key may identify once: five seconds on Discord.
    pub window: Duration,
}

impl Default for IdentifyLimit {
    /// A thousand per day, as on Discord, and 16 keys.
    fn default() -> Self {
        Self {
            total: 1000,
            max_concurrency: 16,
            window: Duration::from_secs(5),
        }
    }
}

impl IdentifyLimit {
    /// Creates a limit: how often per day, the number of keys, and the time.
    #[must_use]
    pub const fn new(total: u32, max_concurrency: u32, window: Duration) -> Self {
        Self {
            total,
            max_concurrency,
            window,
        }
    }
}

/// What becomes of an IDENTIFY.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Start {
    Granted,
    /// Another shard with the same key was first; so long it has to wait.
    TooSoon(Micros),
    /// That was one too many for today.
    UsedUp,
}

/// The sessions that a bot started. Its clock is the world's.
#[derive(Debug, Default)]
pub(crate) struct Starts {
    day_began: Option<Micros>,
    used: u32,
    latest: HashMap<u64, Micros>,
}

impl Starts {
    pub(crate) fn grant(&mut self, limit: &IdentifyLimit, now: Micros, shard: u64) -> Start {
        let key = shard % u64::from(limit.max_concurrency.max(1));
        if let Some(at) = self.latest.get(&key) {
            let left = at.saturating_add(micros(limit.window)) - now;
            if left > 0 {
                return Start::TooSoon(left);
            }
        }
        if self.remaining(limit, now) == 0 {
            return Start::UsedUp;
        }
        self.day_began.get_or_insert(now);
        self.used += 1;
        self.latest.insert(key, now);
        Start::Granted
    }

    pub(crate) fn remaining(&mut self, limit: &IdentifyLimit, now: Micros) -> u32 {
        if self.reset_after(now) == 0 {
            self.day_began = None;
            self.used = 0;
        }
        limit.total.saturating_sub(self.used)
    }

    pub(crate) fn reset_after(&self, now: Micros) -> Micros {
        let began = self.day_began;
        began.map_or(DAY, |began| (began + DAY - now).max(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::world::time::SECOND;

    #[test]
    fn each_key_starts_once_in_a_while_and_all_of_them_so_often_a_day() {
        let limit = IdentifyLimit::new(3, 2, Duration::from_secs(5));
        let mut starts = Starts::default();
        let mut start = |after: Micros, shard| starts.grant(&limit, after * SECOND, shard);
        assert_eq!(start(0, 0), Start::Granted);
        assert_eq!(start(1, 1), Start::Granted);
        assert_eq!(start(4, 2), Start::TooSoon(SECOND));
        assert_eq!(start(5, 2), Start::Granted);
        assert_eq!(start(9, 0), Start::TooSoon(SECOND));
        assert_eq!(start(10, 0), Start::UsedUp);
        assert_eq!(start(86_400, 0), Start::Granted);
    }
}
