//! How long to wait before the next connection, and what to log about it.

use std::{collections::VecDeque, sync::Arc, time::Duration};

use guestlist_model::ShardId;
use tokio::time::Instant;

use super::{Cause, CauseKind};
use crate::Repeated;

/// A session that lasted this long was healthy, and earlier problems are over.
const HEALTHY: Duration = Duration::from_secs(5);
/// The same for a session that ends with data that Discord never sends.
const HEALTHY_BUT_ODD: Duration = Duration::from_secs(10 * 60);
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(60);
/// How many connections may end within a time span, healthy or not.
const OFTEN: (usize, Duration) = (10, Duration::from_secs(10 * 60));

/// The connections of one shard that ended without a healthy session in between.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    /// When the current session was established.
    established: Option<Instant>,
    /// The next pause, without jitter.
    pause: Duration,
    /// When the latest connections ended.
    ended: VecDeque<Instant>,
    /// What all shards have logged.
    said: Arc<Repeated<Cause>>,
}

impl Pauses {
    pub(super) fn new(said: Arc<Repeated<Cause>>) -> Self {
        Self {
            said,
            ..Self::default()
        }
    }

    /// Handles READY or RESUMED.
    pub(super) fn established(&mut self) {
        self.established.get_or_insert_with(Instant::now);
    }

    /// Logs that a connection ended, and returns how long to wait.
    pub(super) fn ended(&mut self, shard: ShardId, cause: &Cause) -> Duration {
        let lasted = self.established.take().map(|since| since.elapsed());
        let enough = match cause.kind {
            CauseKind::Malformed | CauseKind::Untrusted => HEALTHY_BUT_ODD,
            _ => HEALTHY,
        };
        let was_healthy = lasted.is_some_and(|lasted| lasted >= enough) && !self.is_often();
        if was_healthy {
            self.pause = Duration::ZERO;
        }
        if let Some(times) = self.said.note(cause.clone()) {
            if was_healthy {
                tracing::info!(%shard, reason = %cause, "the connection was lost; reconnecting{times}");
            } else {
                tracing::warn!(
                    %shard,
                    reason = %cause,
                    "the connection failed; retrying with increasing delays{times}"
                );
            }
        } else {
            tracing::debug!(%shard, reason = %cause, "the connection failed again");
        }
        let pause = self.pause;
        self.pause = (pause * 2).clamp(SHORTEST, LONGEST);
        // Half of it is left to chance, so that many clients do not come back at once.
        pause.mul_f64(0.5 + fastrand::f64() / 2.0)
    }

    /// Notes that a connection ended now. Returns whether too many have ended.
    fn is_often(&mut self) -> bool {
        let (most, within) = OFTEN;
        self.ended.push_back(Instant::now());
        if self.ended.len() <= most {
            return false;
        }
        let oldest = self.ended.pop_front();
        oldest.is_some_and(|oldest| oldest.elapsed() < within)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cause(kind: CauseKind) -> Cause {
        Cause::new(kind, "as told")
    }

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_a_session_lasts() {
        let closed = cause(CauseKind::Closed);
        let mut pauses = Pauses::default();
        assert_eq!(pauses.ended(ShardId::ONE, &closed), Duration::ZERO);
        let mut longest = SHORTEST;
        for _ in 2..=20 {
            let pause = pauses.ended(ShardId::ONE, &closed);
            assert!(pause >= longest / 2 && pause <= longest, "{pause:?}");
            longest = (longest * 2).min(LONGEST);
        }
        // A session that ends at once heals nothing.
        pauses.established();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(pauses.ended(ShardId::ONE, &closed) >= LONGEST / 2);
        pauses.established();
        tokio::time::advance(HEALTHY).await;
        assert_eq!(pauses.ended(ShardId::ONE, &closed), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn what_discord_never_sends_is_waited_for_although_the_session_lasted() {
        let corrupt = cause(CauseKind::Malformed);
        let mut pauses = Pauses::default();
        let mut pause = Duration::ZERO;
        for _ in 0..12 {
            pauses.established();
            tokio::time::advance(2 * HEALTHY).await;
            pause = pauses.ended(ShardId::ONE, &corrupt);
        }
        assert!(pause >= LONGEST / 2, "{pause:?}");
        pauses.established();
        tokio::time::advance(HEALTHY_BUT_ODD).await;
        assert_eq!(pauses.ended(ShardId::ONE, &corrupt), Duration::ZERO);
    }

    #[tokio::test(start_paused = true)]
    async fn a_connection_that_ends_every_few_seconds_is_waited_for_in_the_end() {
        let closed = cause(CauseKind::Closed);
        let mut pauses = Pauses::default();
        let mut connections = 0;
        let start = Instant::now();
        while start.elapsed() < Duration::from_secs(3600) {
            pauses.established();
            tokio::time::advance(HEALTHY).await;
            connections += 1;
            let pause = pauses.ended(ShardId::ONE, &closed);
            tokio::time::advance(pause).await;
        }
        // Every five seconds would be 720.
        assert!(connections < 150, "{connections} connections");
    }
}
