//! The status of a service.

use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, time::Duration};

use guestlist_model::{ShardId, Timestamp};
use guestlist_tracker::Stats;

use crate::{Affected, Trouble};

/// The current status of a service.
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), Box<dyn std::error::Error>> {
/// let mut status = running.status();
/// while status.changed().await.is_ok() {
///     let now = status.borrow_and_update();
///     println!("{} shards connected, {} joins pending", now.connected(), now.pending);
/// }
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Status {
    /// The shards.
    #[serde(with = "pairs")]
    pub shards: BTreeMap<ShardId, ShardStatus>,
    /// The number of available guilds.
    pub guilds: usize,
    /// The number of guilds that READY named and for which no GUILD_CREATE has arrived
    /// yet.
    pub awaited: usize,
    /// The number of joins without an answer, or with one that may still be confirmed.
    pub pending: usize,
    /// The number of requests in progress.
    pub requests: usize,
    /// The number of records that are not stored yet.
    pub uncommitted: usize,
    /// When the ledger last acknowledged a transaction.
    pub committed_at: Option<Timestamp>,
    /// Why nothing can be stored at the moment, such as a full disk; `None` if the ledger can
    /// be written. Events then wait, and are stored as soon as that is possible.
    #[serde(default)]
    pub blocked: Option<String>,
    /// The tracker's counters since the start.
    pub stats: Stats,
    /// What does not work at present, and why. Contains at most 64 entries.
    #[serde(default)]
    pub troubles: Vec<Trouble>,
}

impl Status {
    /// Why a shard is not connected, if that is known.
    #[must_use]
    pub fn trouble(&self, shard: ShardId) -> Option<&Trouble> {
        let about = Affected::Shard(shard);
        self.troubles.iter().find(|trouble| trouble.about == about)
    }

    /// The number of connected shards.
    #[must_use]
    pub fn connected(&self) -> usize {
        self.shards
            .values()
            .filter(|shard| shard.state == ShardState::Connected)
            .count()
    }

    /// Whether all shards of the bot are connected, and the invites of every guild were
    /// listed since the start. A service that runs only some of the bot's shards is never
    /// ready in this sense.
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

    /// The total number of the bot's shards, according to its shards.
    pub(crate) fn expected_shards(&self) -> usize {
        let counts = self.shards.keys().map(|shard| shard.count().get());
        counts.max().map_or(0, |count| count as usize)
    }

    /// Whether there is nothing to do: every join has its final answer, and all answers
    /// are stored.
    #[must_use]
    pub const fn is_idle(&self) -> bool {
        self.pending == 0 && self.uncommitted == 0
    }

    /// Takes over how the service is doing now, but for the shards, the troubles and the
    /// last commit.
    /// Returns whether anything changed.
    pub(crate) fn follow(&mut self, now: Self) -> bool {
        let now = Self {
            shards: std::mem::take(&mut self.shards),
            troubles: std::mem::take(&mut self.troubles),
            committed_at: self.committed_at,
            blocked: self.blocked.take(),
            ..now
        };
        let Self {
            shards,
            troubles,
            blocked,
            ..
        } = now;
        // These are the same in both.
        let now = Self {
            shards: BTreeMap::new(),
            troubles: Vec::new(),
            blocked: None,
            ..now
        };
        let changed = now != *self;
        *self = Self {
            shards,
            troubles,
            blocked,
            ..now
        };
        changed
    }
}

/// The status of a shard.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct ShardStatus {
    /// Whether it is connected.
    pub state: ShardState,
    /// The sequence number of the last event.
    pub sequence: Option<u64>,
}

/// Whether a shard is connected.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum ShardState {
    /// The shard is connecting.
    #[default]
    Connecting,
    /// The session was started or resumed, and events arrive.
    Connected,
    /// The shard has ended.
    Ended,
}

/// What a service did until it stopped.
///
/// ```no_run
/// # async fn example(running: guestlist_service::Running) -> Result<(), Box<dyn std::error::Error>> {
/// let report = running.stop().await?;
/// println!("{} joins, {} requests", report.stats.joins, report.stats.requests());
/// # Ok(()) }
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub struct Report {
    /// The number of events.
    pub events: u64,
    /// The number of events that could not be decoded.
    pub undecodable: u64,
    /// The number of new records.
    pub records: u64,
    /// The number of transactions.
    pub commits: u64,
    /// The number of resumed sessions.
    pub resumed: u64,
    /// The number of lost sessions.
    pub lost: u64,
    /// The tracker's counters.
    pub stats: Stats,
    /// The number of joins without a final answer. A restart continues with them.
    pub pending: usize,
    /// The number of requests that were abandoned because stopping took too long. A
    /// restart repeats them.
    pub abandoned: usize,
    /// How long the service ran.
    pub elapsed: Duration,
}

/// A map as a list of pairs, because keys in JSON must be strings.
mod pairs {
    use std::collections::BTreeMap;

    use guestlist_model::ShardId;
    use serde::{Deserialize, Deserializer, Serializer};

    use super::ShardStatus;

    pub(super) fn serialize<S: Serializer>(
        shards: &BTreeMap<ShardId, ShardStatus>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(shards)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeMap<ShardId, ShardStatus>, D::Error> {
        Ok(Vec::deserialize(deserializer)?.into_iter().collect())
    }
}
