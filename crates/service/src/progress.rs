//! How far each shard's events were taken in.

use std::collections::BTreeMap;

use guestlist_ledger::GatewaySession;

/// The sessions and the last event of each that the tracker was given.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    sessions: BTreeMap<u32, GatewaySession>,
    /// Shards whose session changed since it was last stored.
    moved: std::collections::BTreeSet<u32>,
}

impl Progress {
    pub(crate) fn restore(&mut self, session: &GatewaySession) {
        self.sessions.insert(session.shard, session.clone());
    }

    pub(crate) fn begin(&mut self, session: GatewaySession) {
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
        !self.moved.is_empty()
    }

    /// What to store, together with everything that the tracker made of it.
    pub(crate) fn take(&mut self) -> Vec<GatewaySession> {
        std::mem::take(&mut self.moved)
            .into_iter()
            .filter_map(|shard| self.sessions.get(&shard).cloned())
            // A session without an event has nothing to be resumed behind.
            .filter(|session| session.sequence > 0)
            .collect()
    }
}
