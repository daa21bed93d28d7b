//! How it is going.

use std::{collections::BTreeMap, time::Duration};

use guestlist_model::{ShardId, Timestamp};
use guestlist_tracker::Stats;
use serde::Serialize;

/// How a service is doing just now.
#[derive(Clone, Debug, Default, PartialEq)]
#[non_exhaustive]
pub struct Status {
    /// Every shard heard of.
    pub shards: BTreeMap<ShardId, ShardStatus>,
    /// Guilds that are there.
    pub guilds: usize,
    /// Joins that have no answer yet, or one that may still be confirmed.
    pub pending: usize,
    /// Requests under way.
    pub requests: usize,
    /// Records not yet in the ledger.
    pub uncommitted: usize,
    /// When the ledger acknowledged the last time.
    pub committed_at: Option<Timestamp>,
    /// The tracker's counts since the start.
    pub stats: Stats,
}

impl Status {
    /// How many shards are connected.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.shards
            .values()
            .filter(|shard| shard.state == ShardState::Connected)
            .count()
    }

    /// Takes over how the service is doing now, but for the shards and the last commit.
    /// Returns whether anything changed.
    pub(crate) fn follow(&mut self, now: Self) -> bool {
        let now = Self {
            shards: std::mem::take(&mut self.shards),
            committed_at: self.committed_at,
            ..now
        };
        // The shards are the same in both.
        let changed = Self {
            shards: BTreeMap::new(),
            ..now.clone()
        } != *self;
        *self = now;
        changed
    }
}

/// How a shard is doing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ShardStatus {
    /// Whether it is connected.
    pub state: ShardState,
    /// The last event taken in.
    pub sequence: Option<u64>,
}

/// Whether a shard is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ShardState {
    /// Not yet, or not again yet.
    #[default]
    Connecting,
    /// Its session began or was resumed, and events arrive.
    Connected,
    /// It ended.
    Ended,
}

/// What a service did until it was asked to stop.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Report {
    /// Events taken in.
    pub events: u64,
    /// Events that were not understood.
    pub undecodable: u64,
    /// Records that the ledger had not known.
    pub records: u64,
    /// Transactions.
    pub commits: u64,
    /// Sessions resumed.
    pub resumed: u64,
    /// Sessions lost.
    pub lost: u64,
    /// The tracker's counts.
    pub stats: Stats,
    /// Joins left without a final answer; a restart goes on with them.
    pub pending: usize,
    /// Requests given up because the time to stop was over; a restart repeats them.
    pub abandoned: usize,
    /// How long it ran.
    pub elapsed: Duration,
}
