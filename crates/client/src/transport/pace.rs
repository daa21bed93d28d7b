//! An even pace for all requests of a client.
//!
//! Discord allows a bot 50 requests per second in total. With a limit per window, two bursts
//! could meet at the border of two windows. Therefore each request gets a time slot.

use std::{
    sync::{Mutex, PoisonError},
    time::Duration,
};

use tokio::time::Instant;

/// Requests per second in the long run. Together with [`BURST`], no second has 50.
const RATE: u32 = 44;
/// Requests that may be sent at once after a pause.
const BURST: u32 = 5;

/// Assigns time slots to requests.
#[derive(Debug, Default)]
pub(super) struct Pace(Mutex<Option<Instant>>);

impl Pace {
    /// Takes a slot, and returns when the request may be sent.
    pub(super) fn place(&self, now: Instant) -> Instant {
        let interval = Duration::from_secs(1) / RATE;
        let mut full = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // The time at which as many requests as at the present rate were sent.
        let at = full.unwrap_or(now).max(now);
        *full = Some(at + interval);
        let early = interval * (BURST - 1);
        at.checked_sub(early).unwrap_or(now).max(now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_second_has_more_than_discord_allows() {
        let start = Instant::now();
        let pace = Pace::default();
        // Some hundred requests at once, then a pause, and again.
        let mut places: Vec<_> = (0..300).map(|_| pace.place(start)).collect();
        let later = start + Duration::from_secs(60);
        places.extend((0..300).map(|_| pace.place(later)));
        assert!(places.iter().take(5).all(|place| *place == start));
        assert!(places.is_sorted());
        for (first, place) in places.iter().enumerate() {
            let within = places.get(first..).unwrap_or_default().iter();
            let count = within
                .take_while(|other| **other < *place + Duration::from_secs(1))
                .count();
            assert!(count < 50, "{count} in a second");
        }
        let took = places[299] - start;
        assert!(took < Duration::from_secs(8), "{took:?}");
    }
}
