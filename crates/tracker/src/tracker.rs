//! The tracker: many guilds, one set of inputs and outputs.

use std::collections::{BTreeMap, VecDeque};

use guestlist_model::{Event, GuildId, Timestamp};

use crate::config::Config;
use crate::io::{Failure, Request, RequestId, Response};
use crate::record::Record;
use crate::snapshot::GuildSnapshot;
use crate::stats::Stats;

/// Whether the connection of a shard delivers events.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Connection {
    /// It was lost, or has not been established yet. Nothing is deduced meanwhile.
    Down,
    /// It was resumed, and all that was missed has been handed over.
    Up,
}

/// The attribution engine.
#[derive(Debug)]
pub struct Tracker {
    config: Config,
    requests: VecDeque<(RequestId, Request)>,
    records: VecDeque<Record>,
    changed: BTreeMap<GuildId, GuildSnapshot>,
    stats: Stats,
}

impl Tracker {
    /// A tracker that knows nothing yet.
    #[must_use]
    pub fn new(config: Config) -> Self {
        Self {
            config,
            requests: VecDeque::new(),
            records: VecDeque::new(),
            changed: BTreeMap::new(),
            stats: Stats::default(),
        }
    }

    /// The settings.
    #[must_use]
    pub const fn config(&self) -> &Config {
        &self.config
    }

    /// Takes in an event. Afterwards poll for requests, outputs and the timeout.
    pub fn handle_event(&mut self, now: Timestamp, event: &Event) {
        let _ = (now, event);
    }

    /// Takes in that a shard (`[its number, how many there are]`) was disconnected or
    /// resumed.
    pub fn handle_connection(&mut self, now: Timestamp, shard: [u32; 2], connection: Connection) {
        let _ = (now, shard, connection);
    }

    /// The next request to send, if there is one. Call until `None` after every
    /// `handle_…` and after `restore`.
    pub fn poll_request(&mut self) -> Option<(RequestId, Request)> {
        self.requests.pop_front()
    }

    /// Takes in the answer to a request.
    pub fn handle_response(
        &mut self,
        now: Timestamp,
        id: RequestId,
        result: Result<Response, Failure>,
    ) {
        let _ = (now, id, result);
    }

    /// When to call [`handle_timeout`](Self::handle_timeout) at the latest.
    #[must_use]
    pub fn poll_timeout(&self) -> Option<Timestamp> {
        None
    }

    /// Takes in that time has passed. Calling it too early does nothing.
    pub fn handle_timeout(&mut self, now: Timestamp) {
        let _ = now;
    }

    /// The next record to store, if there is one.
    pub fn poll_output(&mut self) -> Option<Record> {
        self.records.pop_front()
    }

    /// The state of all guilds that changed since the last call: to be stored in the same
    /// transaction as the outputs.
    pub fn take_changed(&mut self) -> Vec<(GuildId, GuildSnapshot)> {
        std::mem::take(&mut self.changed).into_iter().collect()
    }

    /// Takes up a guild where a snapshot left it.
    pub fn restore(&mut self, now: Timestamp, guild: GuildId, snapshot: GuildSnapshot) {
        let _ = (now, guild, snapshot);
    }

    /// How many joins have no answer yet, or one that may still be confirmed.
    #[must_use]
    pub fn pending(&self) -> usize {
        0
    }

    /// Counts of what was done.
    #[must_use]
    pub const fn stats(&self) -> Stats {
        self.stats
    }
}
