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
    /// Guilds that Discord named when a session began, and of which nothing came yet.
    pub awaited: usize,
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

    /// Whether all shards of the bot are connected, and the invites of every guild were
    /// listed since the start. A service with only some of the bot's shards is never ready
    /// in this sense.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        let shards = self.expected_shards();
        shards > 0
            && self.connected() >= shards
            && self.awaited == 0
            && self.stats.list_requests >= self.guilds as u64
            && self.requests == 0
            && self.uncommitted == 0
    }

    /// How many shards the bot has in all, by what its shards say of themselves.
    pub(crate) fn expected_shards(&self) -> usize {
        let counts = self.shards.keys().map(|shard| shard.count().get());
        counts.max().map_or(0, |count| count as usize)
    }

    /// Whether there is nothing to do: every join has its last answer, and it is stored.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.pending == 0 && self.uncommitted == 0
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
