//! How often somebody may be wrong.

use std::{
    collections::VecDeque,
    net::IpAddr,
    time::{Duration, Instant},
};

const WINDOW: Duration = Duration::from_secs(60);
/// Wrong tokens of one address in the window.
const EACH: usize = 5;
/// Wrong tokens of all addresses in the window.
const ALL: usize = 60;

/// Remembers wrong tokens for a minute.
#[derive(Debug, Default)]
pub(super) struct Throttle(VecDeque<(Instant, IpAddr)>);

impl Throttle {
    /// How long an address has to wait before it may try again.
    pub(super) fn wait(&mut self, address: IpAddr, now: Instant) -> Option<Duration> {
        while let Some((at, _)) = self.0.front()
            && now.duration_since(*at) >= WINDOW
        {
            self.0.pop_front();
        }
        let mut own = self.0.iter().filter(|(_, it)| *it == address);
        let first = match own.clone().count() {
            count if count >= EACH => own.next(),
            _ if self.0.len() >= ALL => self.0.front(),
            _ => None,
        };
        first.map(|(at, _)| WINDOW.saturating_sub(now.duration_since(*at)))
    }

    /// Takes note of a wrong token.
    pub(super) fn wrong(&mut self, address: IpAddr, now: Instant) {
        self.0.push_back((now, address));
        self.0.truncate(ALL);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_waits_after_five_wrong_tokens_and_all_wait_after_sixty() {
        let (mut throttle, now) = (Throttle::default(), Instant::now());
        let address = |last: u8| IpAddr::from([10, 0, 0, last]);
        for _ in 0..EACH {
            assert_eq!(throttle.wait(address(1), now), None);
            throttle.wrong(address(1), now);
        }
        assert_eq!(throttle.wait(address(1), now), Some(WINDOW));
        assert_eq!(throttle.wait(address(2), now), None, "others go on");
        let later = now + WINDOW;
        assert_eq!(throttle.wait(address(1), later), None, "it passes");
        for number in 0..60 {
            throttle.wrong(address(number), later);
        }
        assert_eq!(throttle.wait(address(99), later), Some(WINDOW));
    }
}
