//! Browsers that have logged in. They are known until they log out, for twelve hours, or
//! until the dashboard stops.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use sha2::{Digest as _, Sha256};

const LASTS: Duration = Duration::from_secs(12 * 3_600);
const MOST: usize = 1_000;

/// Who has logged in, by a digest of what their cookie says.
#[derive(Debug, Default)]
pub(super) struct Visits(HashMap<[u8; 32], Instant>);

fn digest(id: &str) -> [u8; 32] {
    Sha256::digest(id).into()
}

impl Visits {
    pub(super) fn open(&mut self, id: &str, now: Instant) {
        self.0.retain(|_, since| now.duration_since(*since) < LASTS);
        if self.0.len() >= MOST {
            let oldest = self.0.iter().min_by_key(|(_, since)| **since);
            if let Some(oldest) = oldest.map(|(id, _)| *id) {
                self.0.remove(&oldest);
            }
        }
        self.0.insert(digest(id), now);
    }

    pub(super) fn close(&mut self, id: &str) {
        self.0.remove(&digest(id));
    }

    pub(super) fn is_open(&self, id: &str, now: Instant) -> bool {
        let since = self.0.get(&digest(id));
        since.is_some_and(|since| now.duration_since(*since) < LASTS)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_visit_ends_by_itself_and_the_oldest_makes_room() {
        let (mut visits, now) = (Visits::default(), Instant::now());
        visits.open("first", now);
        assert!(visits.is_open("first", now));
        assert!(!visits.is_open("other", now));
        assert!(!visits.is_open("first", now + LASTS));
        for number in 0..MOST {
            visits.open(&number.to_string(), now + Duration::from_secs(1));
        }
        assert!(!visits.is_open("first", now));
        assert!(visits.is_open("7", now));
        visits.close("7");
        assert!(!visits.is_open("7", now));
    }
}
