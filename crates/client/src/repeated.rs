//! Logs an event that repeats once, then counts it.

use std::{
    collections::BTreeMap,
    fmt,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// How soon a count follows the first line. Each further count takes twice as long.
const SOONEST: Duration = Duration::from_secs(60);
/// How long a count takes at most.
const LATEST: Duration = Duration::from_secs(60 * 60);
/// The number of kinds that are distinguished.
const MOST: usize = 32;

/// Decides when to log an event that repeats.
///
/// The first occurrence of a kind is logged at once. Further ones are counted, and the
/// count is logged after a minute, then after two, and so on up to an hour. If a kind did
/// not occur for as long, its next occurrence counts as the first.
///
/// At most 32 kinds are distinguished. All others share one count, so that a server that
/// invents kinds cannot fill the log or the memory.
///
/// ```
/// use guestlist_client::Repeated;
///
/// static REFUSED: Repeated<&str> = Repeated::new();
///
/// let first = REFUSED.note("vanity url");
/// assert_eq!(first.map(|times| times.to_string()).as_deref(), Some(""));
/// // Within the next minute, the same is only counted.
/// assert!(REFUSED.note("vanity url").is_none());
/// ```
#[derive(Debug)]
pub struct Repeated<K>(Mutex<Kinds<K>>);

#[derive(Debug)]
struct Kinds<K> {
    known: BTreeMap<K, Count>,
    others: Option<Count>,
}

/// How often a kind occurred, for a log line: nothing the first time, and then text such
/// as "; 1,240 times in the last minute".
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Times {
    count: u64,
    within: Duration,
}

#[derive(Debug)]
struct Count {
    /// When it was last logged.
    logged: Instant,
    /// When the next count is to be logged.
    next: Duration,
    /// Occurrences since it was last logged.
    since: u64,
}

impl Count {
    fn first(now: Instant) -> Self {
        Self {
            logged: now,
            next: SOONEST,
            since: 0,
        }
    }

    /// Counts an occurrence. Returns what to log, if anything.
    fn note(&mut self, now: Instant) -> Option<Times> {
        let quiet = self.since == 0 && self.logged + self.next <= now;
        if quiet {
            *self = Self::first(now);
            return Some(Times::FIRST);
        }
        self.since += 1;
        self.due(now)
    }

    /// The count, if it is to be logged by now.
    fn due(&mut self, now: Instant) -> Option<Times> {
        if self.since == 0 || self.logged + self.next > now {
            return None;
        }
        let times = Times {
            count: self.since,
            within: now.saturating_duration_since(self.logged),
        };
        *self = Self {
            logged: now,
            next: (self.next * 2).min(LATEST),
            since: 0,
        };
        Some(times)
    }
}

impl<K> Repeated<K> {
    /// Creates a counter without occurrences.
    #[must_use]
    pub const fn new() -> Self {
        Self(Mutex::new(Kinds {
            known: BTreeMap::new(),
            others: None,
        }))
    }

    fn lock(&self) -> MutexGuard<'_, Kinds<K>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K: Ord> Repeated<K> {
    /// Counts an occurrence. Returns how often it occurred, if that is to be logged now.
    #[must_use]
    pub fn note(&self, kind: K) -> Option<Times> {
        let now = Instant::now();
        let mut kinds = self.lock();
        if let Some(count) = kinds.known.get_mut(&kind) {
            return count.note(now);
        }
        if kinds.known.len() >= MOST {
            // One that stopped long ago makes room.
            kinds
                .known
                .retain(|_, count| count.since > 0 || count.logged + LATEST > now);
        }
        if kinds.known.len() < MOST {
            kinds.known.insert(kind, Count::first(now));
            return Some(Times::FIRST);
        }
        match &mut kinds.others {
            Some(count) => count.note(now),
            None => {
                kinds.others = Some(Count::first(now));
                Some(Times::FIRST)
            }
        }
    }

    /// Forgets a kind that is over. Returns whether it was known; if it comes back, that
    /// is logged at once.
    pub fn over(&self, kind: &K) -> bool {
        self.lock().known.remove(kind).is_some()
    }

    /// Forgets all kinds. Returns whether any was known.
    pub fn clear(&self) -> bool {
        let mut kinds = self.lock();
        let any = !kinds.known.is_empty();
        kinds.known.clear();
        kinds.others = None;
        any
    }
}

impl<K: Ord + Clone> Repeated<K> {
    /// Returns the counts that are to be logged by now although nothing new occurred.
    #[must_use]
    pub fn take_due(&self) -> Vec<(K, Times)> {
        let now = Instant::now();
        let mut kinds = self.lock();
        let due = kinds.known.iter_mut();
        due.filter_map(|(kind, count)| Some((kind.clone(), count.due(now)?)))
            .collect()
    }

    /// Returns when [`take_due`](Self::take_due) has something to return.
    #[must_use]
    pub fn due(&self) -> Option<Instant> {
        let kinds = self.lock();
        let counts = kinds.known.values().filter(|count| count.since > 0);
        counts.map(|count| count.logged + count.next).min()
    }
}

impl<K> Default for Repeated<K> {
    fn default() -> Self {
        Self::new()
    }
}

impl Times {
    const FIRST: Self = Self {
        count: 0,
        within: Duration::ZERO,
    };

    /// Whether this is the first occurrence.
    #[must_use]
    pub const fn is_first(self) -> bool {
        self.count == 0
    }
}

impl fmt::Display for Times {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_first() {
            return Ok(());
        }
        let times = if self.count == 1 { "time" } else { "times" };
        write!(f, "; {} {times} in the last ", Grouped(self.count))?;
        match (self.within.as_secs() + 30) / 60 {
            0 | 1 => f.write_str("minute"),
            minutes => write!(f, "{minutes} minutes"),
        }
    }
}

/// 1,240.
struct Grouped(u64);

impl fmt::Display for Grouped {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            few @ 0..1000 => write!(f, "{few}"),
            many => write!(f, "{},{:03}", Self(many / 1000), many % 1000),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokio::time::advance;

    fn text(times: Option<Times>) -> Option<String> {
        times.map(|times| times.to_string())
    }

    #[tokio::test(start_paused = true)]
    async fn a_flood_is_told_once_and_then_counted() {
        let repeated = Repeated::new();
        assert_eq!(text(repeated.note("a")).as_deref(), Some(""));
        for _ in 0..1_239 {
            assert_eq!(repeated.note("a"), None);
        }
        assert!(repeated.take_due().is_empty());
        assert_eq!(repeated.due(), Some(Instant::now() + SOONEST));
        advance(SOONEST).await;
        assert_eq!(
            text(repeated.note("a")).as_deref(),
            Some("; 1,240 times in the last minute")
        );
        // The next count covers two minutes, and is told although the flood has stopped.
        assert_eq!(repeated.note("a"), None);
        advance(SOONEST).await;
        assert!(repeated.take_due().is_empty());
        advance(SOONEST).await;
        let due = repeated.take_due();
        assert_eq!(due.len(), 1);
        assert_eq!(
            text(Some(due[0].1)).as_deref(),
            Some("; 1 time in the last 2 minutes")
        );
        assert_eq!(repeated.due(), None);
        // After a while of silence it is news.
        advance(4 * SOONEST).await;
        assert_eq!(text(repeated.note("a")).as_deref(), Some(""));
    }

    #[tokio::test(start_paused = true)]
    async fn what_is_over_is_news_when_it_returns() {
        let repeated = Repeated::new();
        assert!(repeated.note(1).is_some());
        assert!(repeated.over(&1));
        assert!(!repeated.over(&1));
        assert!(repeated.note(1).is_some());
        assert!(repeated.clear());
        assert!(repeated.note(1).is_some());
    }

    #[tokio::test(start_paused = true)]
    async fn invented_kinds_share_a_count() {
        let repeated = Repeated::new();
        let lines = (0..100_000).filter(|kind| repeated.note(*kind).is_some());
        assert_eq!(lines.count(), MOST + 1);
        // In an hour of it, too.
        let mut lines = 0;
        for second in 0..3600 {
            advance(Duration::from_secs(1)).await;
            lines += usize::from(repeated.note(1_000_000 + second).is_some());
        }
        assert!(lines <= MOST, "{lines} lines");
    }

    #[test]
    fn numbers_are_grouped() {
        for (number, text) in [
            (7, "7"),
            (1_240, "1,240"),
            (1_000_000, "1,000,000"),
            (12_003_004, "12,003,004"),
        ] {
            assert_eq!(Grouped(number).to_string(), text);
        }
    }
}
