//! The tracker and the code that drives it.

use std::collections::BTreeMap;

use guestlist_model::{Envelope, Event, GuildId, ShardId, Timestamp};
use guestlist_tracker::{
    BarrierId, Config, Failure, GuildState, Record, Request, RequestId, Response, Tracker,
};

pub(super) struct Watcher {
    tracker: Tracker,
    config: Config,
    shards: u32,
    /// What a ledger would contain.
    stored: BTreeMap<GuildId, GuildState>,
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

    pub(super) fn event(&mut self, now: Timestamp, shard: usize, name: &str, body: &str) {
        let event = Event::from_parts(name, body.as_bytes())
            .unwrap_or_else(|error| panic!("{error}: {body}"));
        self.tracker.handle_event(now, self.shard(shard), &event);
    }

    /// A frame that cannot be decoded.
    pub(super) fn undecoded(&mut self, now: Timestamp, shard: usize, frame: &[u8]) {
        let frame = Envelope::read(frame);
        self.tracker
            .handle_undecoded(now, self.shard(shard), &frame);
    }

    pub(super) fn disconnected(&mut self, now: Timestamp, shard: usize) {
        self.tracker.handle_disconnected(now, self.shard(shard));
    }

    pub(super) fn resumed(&mut self, now: Timestamp, shard: usize) {
        self.tracker
            .handle_event(now, self.shard(shard), &Event::Resumed);
    }

    fn shard(&self, number: usize) -> ShardId {
        ShardId::new(u32::try_from(number).unwrap(), self.shards).unwrap()
    }

    pub(super) fn clock_stepped(&mut self, from: Timestamp, to: Timestamp) {
        self.tracker.clock_stepped(from, to);
    }

    pub(super) fn barrier(&mut self, now: Timestamp, id: BarrierId) {
        self.tracker.handle_barrier(now, id);
    }

    pub(super) fn poll_barrier(&mut self) -> Option<(BarrierId, usize)> {
        let (id, shard) = self.tracker.poll_barrier()?;
        Some((id, usize::try_from(shard.number()).unwrap()))
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
        for change in self.tracker.take_changed() {
            self.stored.entry(change.guild).or_default().apply(&change);
        }
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

    /// Loses everything in memory.
    pub(super) fn kill(&mut self) {
        self.tracker = Tracker::new(self.config.clone());
    }

    /// Restores what was stored.
    pub(super) fn restore(&mut self, now: Timestamp) {
        for (guild, state) in &self.stored {
            let text = serde_json::to_string(state).unwrap();
            let state = serde_json::from_str(&text).unwrap();
            assert!(self.tracker.restore(now, *guild, &state).unwrap());
        }
    }
}
