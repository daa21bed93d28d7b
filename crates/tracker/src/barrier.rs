//! Barriers, by which the caller proves that no event is still on its way.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

use guestlist_model::{GuildId, ShardId, Timestamp};

/// The id of a barrier. A tracker never uses an id twice.
#[derive(Clone, Copy, Debug, Eq, Hash, Ord, PartialEq, PartialOrd, Serialize, Deserialize)]
pub struct BarrierId(u64);

impl BarrierId {
    /// Creates an id.
    #[must_use]
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// The number.
    #[must_use]
    pub const fn get(self) -> u64 {
        self.0
    }
}

/// Which barriers are wanted, and for whom.
#[derive(Debug, Default)]
pub(crate) struct Barriers {
    last: u64,
    /// The shards that a barrier is wanted of.
    wanted: BTreeSet<ShardId>,
    /// The guilds that wait for one.
    waiting: BTreeSet<GuildId>,
    /// The shard, and when it was asked.
    asked: BTreeMap<BarrierId, (ShardId, Timestamp)>,
}

impl Barriers {
    pub(crate) fn want(&mut self, guild: GuildId, shard: ShardId) {
        self.wanted.insert(shard);
        self.waiting.insert(guild);
    }

    pub(crate) fn ask(&mut self, now: Timestamp) -> Option<(BarrierId, ShardId)> {
        let shard = self.wanted.pop_first()?;
        self.last += 1;
        let id = BarrierId(self.last);
        self.asked.insert(id, (shard, now));
        Some((id, shard))
    }

    /// Since when nothing can be on its way any more, and to whom that matters.
    pub(crate) fn passed(&mut self, id: BarrierId) -> Option<(Timestamp, Vec<GuildId>)> {
        let (of, at) = self.asked.remove(&id)?;
        // What was asked earlier says less.
        self.asked
            .retain(|other, (shard, _)| *other > id || *shard != of);
        let (guilds, others): (BTreeSet<_>, _) = std::mem::take(&mut self.waiting)
            .into_iter()
            .partition(|guild| of.owns(*guild));
        self.waiting = others;
        Some((at, guilds.into_iter().collect()))
    }
}
