//! Heartbeats, and what their acknowledgements prove.
//!
//! Discord acknowledges heartbeats in order, and between the events that it sends. Once the
//! acknowledgement of a heartbeat has been read, every event that Discord had sent before
//! the heartbeat has also been read. This is a barrier. If no acknowledgement arrives, the
//! connection is dead, even if nothing else indicates it.
//!
//! See [Discord Docs/Sending Heartbeats](https://discord.com/developers/docs/events/gateway#sending-heartbeats).

use std::{collections::VecDeque, time::Duration};

use tokio::time::Instant;

/// Discord allows 120 commands per minute. Most of them are left to the bot.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);

/// The heartbeats of one connection, and the barriers of its shard.
#[derive(Debug, Default)]
pub(super) struct Heart {
    /// How often Discord wants a heartbeat, and when the next one is due; `None` before
    /// HELLO.
    rhythm: Option<(Duration, Instant)>,
    /// Whether READY or RESUMED has arrived. Before that, Discord may still have to send missed
    /// events.
    active: bool,
    last_sent: Option<Instant>,
    /// Heartbeats without an acknowledgement: when each was sent, and the barriers that
    /// its acknowledgement proves.
    open: VecDeque<(Instant, Vec<u64>)>,
    /// Barriers that were requested since the last heartbeat.
    waiting: Vec<u64>,
    /// Whether Discord has requested a heartbeat.
    demanded: bool,
}

impl Heart {
    /// Handles HELLO. The first heartbeat follows after a random part of the interval.
    pub(super) fn begin(&mut self, interval: Duration) {
        let first = Instant::now() + interval.mul_f64(fastrand::f64());
        self.rhythm = Some((interval, first));
    }

    /// Handles READY or RESUMED: Discord has sent all missed events.
    pub(super) const fn set_active(&mut self) {
        self.active = true;
    }

    /// Requests a barrier.
    pub(super) fn ask(&mut self, barrier: u64) {
        self.waiting.push(barrier);
    }

    /// Handles a request for a heartbeat, which is sent without delay, but not more often than
    /// others.
    pub(super) const fn demand(&mut self) {
        self.demanded = true;
    }

    /// When to send the next heartbeat, if there is one.
    pub(super) fn due(&self) -> Option<Instant> {
        let (_, regular) = self.rhythm?;
        if !self.demanded && (self.waiting.is_empty() || !self.active) {
            return Some(regular);
        }
        let soon = self
            .last_sent
            .map_or_else(Instant::now, |at| at + AT_MOST_EVERY);
        Some(regular.min(soon))
    }

    /// Whether a heartbeat has had no acknowledgement for a whole interval.
    pub(super) fn is_dead(&self) -> bool {
        let oldest = self.open.front().zip(self.rhythm);
        oldest.is_some_and(|((sent, _), (interval, _))| sent.elapsed() >= interval)
    }

    /// Notes that a heartbeat is being sent.
    pub(super) fn beat(&mut self) {
        let now = Instant::now();
        self.last_sent = Some(now);
        self.demanded = false;
        let proven = if self.active {
            std::mem::take(&mut self.waiting)
        } else {
            Vec::new()
        };
        self.open.push_back((now, proven));
        if let Some((interval, next)) = &mut self.rhythm {
            *next = now + *interval;
        }
    }

    /// Handles an acknowledgement. Returns the barriers that it proves.
    pub(super) fn acknowledged(&mut self) -> Vec<u64> {
        let acknowledged = self.open.pop_front();
        acknowledged
            .map(|(_, barriers)| barriers)
            .unwrap_or_default()
    }

    /// Prepares for another connection. Discord no longer acknowledges the heartbeats of this
    /// one, so its barriers wait for a heartbeat of the next one.
    pub(super) fn reconnect(&mut self) {
        let open = std::mem::take(&mut self.open);
        let mut waiting: Vec<u64> = open.into_iter().flat_map(|(_, asked)| asked).collect();
        waiting.append(&mut self.waiting);
        *self = Self {
            waiting,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const INTERVAL: Duration = Duration::from_secs(40);

    fn begun() -> Heart {
        let mut heart = Heart::default();
        heart.begin(INTERVAL);
        heart.set_active();
        heart
    }

    #[tokio::test(start_paused = true)]
    async fn a_barrier_is_passed_by_the_acknowledgement_of_its_heartbeat() {
        let mut heart = begun();
        heart.beat();
        heart.ask(7);
        heart.ask(8);
        assert!(
            heart
                .due()
                .is_some_and(|due| due <= Instant::now() + AT_MOST_EVERY)
        );
        heart.beat();
        heart.ask(9);
        assert!(
            heart.acknowledged().is_empty(),
            "that was for the one before"
        );
        assert_eq!(heart.acknowledged(), [7, 8]);
        assert!(heart.acknowledged().is_empty(), "9 has no heartbeat yet");
        heart.beat();
        assert_eq!(heart.acknowledged(), [9]);
    }

    #[tokio::test(start_paused = true)]
    async fn barriers_outlive_a_connection() {
        let mut heart = begun();
        heart.ask(7);
        heart.beat();
        heart.ask(8);
        heart.reconnect();
        assert_eq!(heart.due(), None, "nothing is sent before HELLO");
        heart.begin(INTERVAL);
        heart.beat();
        assert!(
            heart.acknowledged().is_empty(),
            "what was missed may be on its way"
        );
        heart.set_active();
        tokio::time::advance(AT_MOST_EVERY).await;
        assert!(heart.due().is_some_and(|due| due <= Instant::now()));
        heart.beat();
        assert_eq!(heart.acknowledged(), [7, 8]);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_without_acknowledgements_is_dead() {
        let mut heart = begun();
        heart.beat();
        tokio::time::advance(INTERVAL / 2).await;
        assert!(!heart.is_dead());
        heart.ask(7);
        heart.beat();
        tokio::time::advance(INTERVAL / 2).await;
        assert!(heart.is_dead());
        heart.acknowledged();
        assert!(!heart.is_dead(), "the second is younger");
    }

    #[tokio::test(start_paused = true)]
    async fn heartbeats_keep_the_rhythm() {
        let mut heart = begun();
        assert!(heart.due().unwrap() <= Instant::now() + INTERVAL);
        heart.beat();
        assert_eq!(heart.due(), Some(Instant::now() + INTERVAL));
    }
}
