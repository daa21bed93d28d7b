//! The last handled event of each shard.

use std::collections::{BTreeMap, BTreeSet};

use guestlist_ledger::Position;

use crate::{GatewaySession, session::key};

/// The sessions, and the last event of each that the tracker handled.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    sessions: BTreeMap<u32, GatewaySession>,
    /// Shards whose session changed since it was last stored.
    moved: BTreeSet<u32>,
    /// Stored sessions that are not continued: number and count of the shard.
    left: BTreeSet<(u32, u32)>,
}

impl Progress {
    pub(crate) fn restore(&mut self, session: &GatewaySession) {
        self.sessions.insert(session.shard, session.clone());
    }

    /// A stored session that will not be resumed.
    pub(crate) fn leave(&mut self, session: &GatewaySession) {
        self.left.insert((session.shard, session.shards));
    }

    pub(crate) fn begin(&mut self, session: GatewaySession) {
        let shards = session.shards;
        // Sessions of another division of the guilds cannot be used together with
        // this one: the guilds' states would be ahead of them.
        let others: Vec<_> = (self.sessions.values())
            .filter(|other| other.shards != shards)
            .map(|other| (other.shard, other.shards))
            .collect();
        for (shard, shards) in others {
            self.sessions.remove(&shard);
            self.moved.remove(&shard);
            self.left.insert((shard, shards));
        }
        self.left.remove(&(session.shard, shards));
        self.moved.insert(session.shard);
        self.sessions.insert(session.shard, session);
    }

    pub(crate) fn lose(&mut self, shard: u32) {
        self.sessions.remove(&shard);
        self.moved.remove(&shard);
    }

    pub(crate) fn saw(&mut self, shard: u32, sequence: u64) {
        if let Some(session) = self.sessions.get_mut(&shard)
            && sequence > session.sequence
        {
            session.sequence = sequence;
            self.moved.insert(shard);
        }
    }

    pub(crate) fn has_moved(&self) -> bool {
        !self.moved.is_empty() || !self.left.is_empty()
    }

    /// Returns what to store, together with everything that it led to in the tracker.
    pub(crate) fn take(&mut self) -> Vec<Position> {
        let left = std::mem::take(&mut self.left)
            .into_iter()
            .map(|(shard, shards)| Position::removed(key(shard, shards)));
        let moved = std::mem::take(&mut self.moved)
            .into_iter()
            .filter_map(|shard| self.sessions.get(&shard))
            // A session without an event has nothing to be resumed behind.
            .filter(|session| session.sequence > 0)
            .map(GatewaySession::position);
        left.chain(moved).collect()
    }
}
