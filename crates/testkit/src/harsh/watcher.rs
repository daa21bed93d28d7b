//! The tracker, as a host drives it.

use std::collections::BTreeMap;

use guestlist_model::{Event, GuildId, Timestamp};
use guestlist_tracker::{
    BarrierId, Config, Connection, Failure, GuildSnapshot, Record, Request, RequestId, Response,
    Tracker,
};

pub(super) struct Watcher {
    tracker: Tracker,
    config: Config,
    shards: u32,
    /// What a ledger would hold.
    stored: BTreeMap<GuildId, GuildSnapshot>,
}

impl Watcher {
    pub(super) fn new(config: Config, shards: u32) -> Self {
        Self {
            tracker: Tracker::new(config.clone()),
            config,
            shards,
            stored: BTreeMap::new(),
        }
    }

    pub(super) fn event(&mut self, now: Timestamp, _shard: usize, name: &str, body: &str) {
        let event = Event::from_parts(name, body.as_bytes())
            .unwrap_or_else(|error| panic!("{error}: {body}"));
        self.tracker.handle_event(now, &event);
    }

    pub(super) fn undecodable(&mut self, now: Timestamp, shard: usize, guild: Option<u64>) {
        let guild = guild.and_then(GuildId::new_checked);
        self.tracker
            .handle_undecodable(now, self.shard(shard), guild);
    }

    pub(super) fn disconnected(&mut self, now: Timestamp, shard: usize) {
        self.tracker
            .handle_connection(now, self.shard(shard), Connection::Down);
    }

    pub(super) fn resumed(&mut self, now: Timestamp, shard: usize) {
        self.tracker.handle_event(now, &Event::Resumed);
        self.tracker
            .handle_connection(now, self.shard(shard), Connection::Up);
    }

    fn shard(&self, number: usize) -> [u32; 2] {
        [u32::try_from(number).unwrap(), self.shards]
    }

    pub(super) fn barrier(&mut self, now: Timestamp, id: BarrierId) {
        self.tracker.handle_barrier(now, id);
    }

    pub(super) fn poll_barrier(&mut self) -> Option<(BarrierId, usize)> {
        let (id, [shard, _]) = self.tracker.poll_barrier()?;
        Some((id, usize::try_from(shard).unwrap()))
    }

    pub(super) fn poll_request(&mut self) -> Option<(RequestId, Request)> {
        self.tracker.poll_request()
    }

    pub(super) fn answer(
        &mut self,
        now: Timestamp,
        id: RequestId,
        answer: Result<Response, Failure>,
    ) {
        self.tracker.handle_response(now, id, answer);
    }

    pub(super) fn poll_output(&mut self) -> Option<Record> {
        self.tracker.poll_output()
    }

    /// Stores what changed.
    pub(super) fn store(&mut self) {
        self.stored.extend(self.tracker.take_changed());
    }

    pub(super) fn timeout(&self) -> Option<Timestamp> {
        self.tracker.poll_timeout()
    }

    pub(super) fn wake(&mut self, now: Timestamp) {
        self.tracker.handle_timeout(now);
    }

    pub(super) const fn pending(&self) -> usize {
        self.tracker.pending()
    }

    /// What is in memory is lost.
    pub(super) fn kill(&mut self) {
        self.tracker = Tracker::new(self.config.clone());
    }

    /// Takes up what was stored.
    pub(super) fn restore(&mut self, now: Timestamp) {
        for (guild, state) in &self.stored {
            let text = serde_json::to_string(state).unwrap();
            let state = serde_json::from_str(&text).unwrap();
            assert!(self.tracker.restore(now, *guild, state));
        }
    }
}
