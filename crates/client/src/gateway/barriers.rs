//! Proofs that nothing is on its way: heartbeats of ours between twilight's.
//!
//! Discord acknowledges heartbeats in order, and between the events that it sends. So
//! once the acknowledgement of a heartbeat has been read, every event has been read that
//! Discord sent before. An acknowledgement does not say which heartbeat it is for, and
//! twilight sends some by itself, so they are counted; where a count is in doubt, one
//! more is waited for.

use std::time::Duration;

use tokio::time::Instant;

/// Discord allows 120 commands a minute, of which most are left to the host.
const AT_MOST_EVERY: Duration = Duration::from_secs(1);
/// A heartbeat without an answer is followed by another.
const AGAIN_AFTER: Duration = Duration::from_secs(3);

/// The barriers of one shard.
#[derive(Debug, Default)]
pub(super) struct Barriers {
    /// Asked for, and no heartbeat sent yet.
    waiting: Vec<u64>,
    /// Behind the heartbeat of ours with this number.
    sent: Option<(u64, Vec<u64>)>,
    /// Heartbeats of ours in this connection.
    ours: u64,
    /// Heartbeats of twilight's in this connection, and when the last was sent.
    theirs: u64,
    last_of_theirs: Option<std::time::Instant>,
    /// Heartbeats that an earlier connection may have left in twilight's queue.
    left_over: u64,
    /// Acknowledgements in this connection.
    acknowledged: u64,
    last_sent: Option<Instant>,
    /// An acknowledgement came that was not enough.
    too_few: bool,
}

impl Barriers {
    pub(super) fn ask(&mut self, barrier: u64) {
        self.waiting.push(barrier);
    }

    /// When the next heartbeat is to be sent, if one is.
    pub(super) fn due(&self) -> Option<Instant> {
        let pause = match (&self.sent, self.waiting.is_empty()) {
            (Some(_), _) if !self.too_few => AGAIN_AFTER,
            (None, true) => return None,
            _ => AT_MOST_EVERY,
        };
        Some(self.last_sent.map_or_else(Instant::now, |at| at + pause))
    }

    /// A heartbeat is sent.
    pub(super) fn beat(&mut self) {
        self.ours += 1;
        self.last_sent = Some(Instant::now());
        self.too_few = false;
        if self.sent.is_none() {
            self.sent = Some((self.ours, std::mem::take(&mut self.waiting)));
        }
    }

    /// twilight says when it sent a heartbeat last.
    pub(super) fn theirs(&mut self, last: Option<std::time::Instant>) {
        if last.is_some() && last != self.last_of_theirs {
            self.theirs += 1;
        }
        self.last_of_theirs = last;
    }

    /// An acknowledgement was read. Gives the barriers that are passed.
    pub(super) fn acknowledged(&mut self) -> Vec<u64> {
        self.acknowledged += 1;
        // As if all of the others had been sent before ours.
        let enough = |number: u64| number + self.theirs + self.left_over;
        match self.sent.take() {
            Some((number, barriers)) if self.acknowledged >= enough(number) => barriers,
            sent => {
                self.too_few = sent.is_some();
                self.sent = sent;
                Vec::new()
            }
        }
    }

    /// Another connection: nothing that was sent before is acknowledged any more.
    pub(super) fn reconnected(&mut self) {
        let open = (self.ours + self.theirs + self.left_over).saturating_sub(self.acknowledged);
        let left_over = open.min(self.ours + self.left_over);
        let mut waiting = self.sent.take().map(|(_, sent)| sent).unwrap_or_default();
        waiting.append(&mut self.waiting);
        *self = Self {
            waiting,
            left_over,
            last_sent: self.last_sent,
            ..Self::default()
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(barrier: u64) -> Barriers {
        let mut barriers = Barriers::default();
        barriers.ask(barrier);
        barriers
    }

    #[test]
    fn a_barrier_is_passed_by_its_acknowledgement() {
        let mut barriers = asked(7);
        barriers.ask(8);
        assert!(barriers.due().is_some());
        barriers.beat();
        barriers.ask(9);
        assert_eq!(barriers.acknowledged(), [7, 8]);
        assert!(barriers.acknowledged().is_empty(), "9 has no heartbeat yet");
        barriers.beat();
        assert_eq!(barriers.acknowledged(), [9]);
        assert_eq!(barriers.due(), None);
    }

    #[test]
    fn an_acknowledgement_of_twilights_heartbeat_is_not_ours() {
        let mut barriers = asked(7);
        // Whichever was first on the wire.
        barriers.beat();
        barriers.theirs(Some(std::time::Instant::now()));
        assert!(barriers.acknowledged().is_empty());
        assert_eq!(barriers.acknowledged(), [7]);
    }

    #[test]
    fn what_a_lost_connection_left_behind_is_reckoned_with() {
        let mut barriers = asked(7);
        barriers.beat();
        barriers.reconnected();
        barriers.beat();
        assert!(
            barriers.acknowledged().is_empty(),
            "it may be for the one before"
        );
        assert!(barriers.due().is_some());
        barriers.beat();
        assert_eq!(barriers.acknowledged(), [7]);
    }
}
