//! How long to wait before the next connection, and what to say about it.

use std::{collections::BTreeMap, time::Duration};

use guestlist_model::ShardId;
use tokio::time::Instant;

/// A session that lasted this long was healthy: what went wrong before is over.
const HEALTHY: Duration = Duration::from_secs(5);
const SHORTEST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(60);
/// Reasons that are remembered; others are not warned of.
const MOST_REASONS: usize = 16;

/// The connections of one shard that ended without a healthy session in between.
#[derive(Debug, Default)]
pub(super) struct Pauses {
    /// When the present session was established.
    established: Option<Instant>,
    /// The next pause, without jitter.
    pause: Duration,
    /// What was warned of, and how often it has happened.
    warned: BTreeMap<String, u64>,
}

impl Pauses {
    /// READY or RESUMED came.
    pub(super) fn established(&mut self) {
        self.established.get_or_insert_with(Instant::now);
    }

    /// A connection ended. Says so, once for each reason, and gives how long to wait.
    pub(super) fn ended(&mut self, shard: ShardId, reason: &str) -> Duration {
        let lasted = self.established.take().map(|since| since.elapsed());
        if lasted.is_some_and(|lasted| lasted >= HEALTHY) {
            self.pause = Duration::ZERO;
            self.warned.clear();
            tracing::info!(%shard, reason, "reconnecting");
        } else if let Some(times) = self.warned.get_mut(reason) {
            *times += 1;
            tracing::debug!(%shard, reason, times, "the connection failed again");
        } else if self.warned.len() < MOST_REASONS {
            self.warned.insert(reason.to_owned(), 1);
            tracing::warn!(%shard, reason, "the connection failed; retrying with increasing delays");
        } else {
            tracing::debug!(%shard, reason, "the connection failed");
        }
        let pause = self.pause;
        self.pause = (pause * 2).clamp(SHORTEST, LONGEST);
        // Half of it is left to chance, so that many clients do not come back at once.
        pause.mul_f64(0.5 + fastrand::f64() / 2.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_until_a_session_lasts() {
        let mut pauses = Pauses::default();
        assert_eq!(pauses.ended(ShardId::ONE, "refused"), Duration::ZERO);
        let mut longest = SHORTEST;
        for times in 2..=20 {
            let pause = pauses.ended(ShardId::ONE, "refused");
            assert!(pause >= longest / 2 && pause <= longest, "{pause:?}");
            longest = (longest * 2).min(LONGEST);
            assert_eq!(pauses.warned["refused"], times);
        }
        // A session that ends at once heals nothing.
        pauses.established();
        tokio::time::advance(Duration::from_secs(1)).await;
        assert!(pauses.ended(ShardId::ONE, "refused") >= LONGEST / 2);
        pauses.established();
        tokio::time::advance(HEALTHY).await;
        assert_eq!(pauses.ended(ShardId::ONE, "closed"), Duration::ZERO);
        assert!(pauses.warned.is_empty());
    }
}
